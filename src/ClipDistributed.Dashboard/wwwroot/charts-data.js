// What the curves of a run are before they are drawn.

// De-biased exponential mean: early values weigh as much as they should.
export const smoothed = (values, keep) => {
  let sum = 0, weight = 0;
  return values.map(value => {
    if (value === null) return null;
    sum = keep * sum + (1 - keep) * value;
    weight = keep * weight + (1 - keep);
    return sum / weight;
  });
};

// What counts is the last attempt, and of those before it the steps that the next one did not do again; the rest was abandoned.
export const lineage = curves => {
  const kept = { steps: [], values: [], times: [] }, abandoned = [];
  let first = Infinity; // step of the attempts after this one
  for (const curve of [...curves].sort((one, other) => other.attempt - one.attempt)) {
    const found = curve.steps.findIndex(step => step >= first), cut = found < 0 ? curve.steps.length : found;
    if (cut < curve.steps.length)
      abandoned.push({ steps: curve.steps.slice(cut), values: curve.values.slice(cut), times: curve.times.slice(cut) });
    for (const part of ['steps', 'values', 'times']) kept[part].unshift(...curve[part].slice(0, cut));
    first = Math.min(first, curve.steps[0] ?? Infinity);
  }
  return { kept, abandoned };
};

export const short = value => {
  const size = Math.abs(value);
  if (size >= 1e6) return `${+(value / 1e6).toPrecision(4)}M`;
  if (size >= 1e4) return `${+(value / 1e3).toPrecision(4)}k`;
  if (size !== 0 && size < 1e-3) return value.toExponential(2).replace(/\.?0*e-/, 'e−');
  return `${+value.toPrecision(4)}`;
};

export const percent = value => `${+(100 * value).toPrecision(3)} %`;

export const duration = seconds => {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return whole % 60 ? `${Math.floor(whole / 60)} min ${whole % 60} s` : `${whole / 60} min`;
  return `${Math.floor(whole / 3600)} h ${Math.floor(whole % 3600 / 60)} min`;
};

const two = value => `${value}`.padStart(2, '0');

export const clock = seconds => {
  const at = new Date(1000 * seconds);
  return `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())} `
    + `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} UTC`;
};

export const clockTick = (seconds, span) => {
  const at = new Date(1000 * seconds);
  const day = `${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`, time = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  return span > 2 * 86400 ? day : span > 600 ? time : `${time}:${two(at.getUTCSeconds())}`;
};

// Names come from specs.
export const escaped = text => text.replace(/[&<>"']/g, one => `&#${one.charCodeAt(0)};`);
