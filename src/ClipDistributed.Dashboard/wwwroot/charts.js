// The charts of a run: what ECharts draws, and how they hang together. Curves come from the server, at most 2,000 points each.
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const loaded = {};
const load = url => loaded[url] ??= new Promise((done, failed) => {
  const script = document.createElement('script');
  script.src = url;
  script.onload = done;
  script.onerror = () => failed(new Error(`${url} cannot be loaded`));
  document.head.append(script);
});

// De-biased exponential mean: early values weigh as much as they should.
const smoothed = (values, keep) => {
  let sum = 0, weight = 0;
  return values.map(value => {
    if (value === null) return null;
    sum = keep * sum + (1 - keep) * value;
    weight = keep * weight + (1 - keep);
    return sum / weight;
  });
};

// What counts is the last attempt, and of those before it the steps that the next one did not do again; the rest was abandoned.
const lineage = curves => {
  const kept = { steps: [], values: [] }, abandoned = [];
  let first = Infinity; // step of the attempts after this one
  for (const curve of [...curves].sort((one, other) => other.attempt - one.attempt)) {
    const found = curve.steps.findIndex(step => step >= first), cut = found < 0 ? curve.steps.length : found;
    if (cut < curve.steps.length) abandoned.push({ steps: curve.steps.slice(cut), values: curve.values.slice(cut) });
    kept.steps.unshift(...curve.steps.slice(0, cut));
    kept.values.unshift(...curve.values.slice(0, cut));
    first = Math.min(first, curve.steps[0] ?? Infinity);
  }
  return { kept, abandoned };
};

const short = value => {
  const size = Math.abs(value);
  if (size >= 1e6) return `${+(value / 1e6).toPrecision(4)}M`;
  if (size >= 1e4) return `${+(value / 1e3).toPrecision(4)}k`;
  if (size !== 0 && size < 1e-3) return value.toExponential(2).replace(/\.?0*e-/, 'e−');
  return `${+value.toPrecision(4)}`;
};

const logarithmic = new Set(['loss', 'grad_norm', 'lr']);

class RunCharts {
  constructor(place, view) {
    this.place = place;
    this.view = view;
    this.curves = new Map(); // "metric attempt" -> {name, attempt, steps, values}
    this.charts = new Map();
    this.pending = false;
    for (const box of place.querySelectorAll('[data-metric]')) {
      const chart = echarts.init(box, null, { renderer: 'canvas' });
      chart.group = 'run';
      this.charts.set(box.dataset.metric, chart);
      chart.getZr().on('dblclick', () => chart.dispatchAction({ type: 'dataZoom', start: 0, end: 100 }));
    }
    echarts.connect('run');
    this.resized = new ResizeObserver(() => this.charts.forEach(chart => chart.resize()));
    this.resized.observe(place);
    this.themed = () => this.draw(true);
    addEventListener('themechange', this.themed);
    this.left = () => { if (this.pending) this.draw(false); };
    place.addEventListener('pointerleave', this.left);
    this.draw(true);
  }

  add(data) {
    const isFirst = this.curves.size === 0;
    if (data.isWhole) this.curves.clear();
    for (const curve of data.curves) {
      const key = `${curve.name} ${curve.attempt}`, held = this.curves.get(key);
      if (held) {
        held.steps.push(...curve.steps);
        held.values.push(...curve.values);
      } else this.curves.set(key, curve);
    }
    if (!isFirst && this.place.matches(':hover')) this.pending = true; // nothing moves under the pointer
    else this.draw(false);
  }

  show(view) {
    if (JSON.stringify(view) === JSON.stringify(this.view)) return;
    this.view = view;
    this.draw(true);
  }

  draw(isAnew) {
    this.pending = false;
    for (const [name, chart] of this.charts) {
      const curves = [...this.curves.values()].filter(curve => curve.name === name);
      chart.setOption(this.option(name, curves), isAnew ? { notMerge: true } : { replaceMerge: ['series'] });
      if (isAnew) chart.dispatchAction({ type: 'takeGlobalCursor', key: 'dataZoomSelect', dataZoomSelectActive: true });
    }
  }

  option(name, curves) {
    const scale = this.view.samplesPerStep || 1, isLog = this.view.log && logarithmic.has(name);
    const [ink, faint, line, accent, paper] = ['--ink', '--faint', '--line', '--accent', '--raised'].map(css);
    const font = css('--sans');
    const isRough = this.view.smooth > 0 && name !== 'lr';
    const fits = value => value !== null && (!isLog || value > 0) ? value : null;
    const { kept, abandoned } = lineage(curves);
    const draw = (curve, label, color, opacity) => {
      const points = values => curve.steps.map((step, at) => [step * scale, fits(values[at])]);
      const base = { type: 'line', showSymbol: false, animation: false, color, emphasis: { disabled: true } };
      const thin = { width: isRough ? 1 : 1.5, opacity: isRough ? 0.3 * opacity : opacity };
      const raw = { ...base, name: isRough ? 'raw' : label, data: points(curve.values), silent: isRough, lineStyle: thin };
      if (!isRough) return [raw];
      const mean = points(smoothed(curve.values, this.view.smooth));
      return [raw, { ...base, name: label, data: mean, lineStyle: { width: 1.75, opacity } }];
    };
    const series = [...abandoned.flatMap(curve => draw(curve, 'abandoned', faint, 0.5)), ...draw(kept, 'kept', accent, 1)];
    return {
      animation: false,
      textStyle: { fontFamily: font, color: ink },
      grid: { left: 56, right: 16, top: 12, bottom: 40 },
      tooltip: {
        trigger: 'axis', confine: true, transitionDuration: 0, backgroundColor: paper, borderColor: line, borderWidth: 1, padding: [6, 10],
        textStyle: { color: ink, fontSize: 12, fontFamily: font },
        axisPointer: { type: 'line', lineStyle: { color: faint, type: 'solid', width: 1 }, label: { show: false } },
        formatter: shown => this.tip(shown),
      },
      toolbox: { show: true, itemSize: 0, feature: { dataZoom: { yAxisIndex: 'none', brushStyle: { color: accent, opacity: 0.12 } } } },
      dataZoom: [{ type: 'inside', zoomOnMouseWheel: 'ctrl', moveOnMouseMove: false, filterMode: 'none' }],
      xAxis: {
        type: 'value', min: 'dataMin', max: 'dataMax', name: this.view.samplesPerStep ? 'samples' : 'step', nameLocation: 'middle', nameGap: 24,
        nameTextStyle: { color: faint, fontSize: 11 }, axisLine: { lineStyle: { color: line } }, axisTick: { show: false },
        axisLabel: { color: faint, fontSize: 11, formatter: short, hideOverlap: true, showMinLabel: false, showMaxLabel: true }, splitLine: { show: false }, splitNumber: 5,
      },
      yAxis: {
        type: isLog ? 'log' : 'value', scale: true, axisLine: { show: false }, axisTick: { show: false }, splitNumber: 4,
        axisLabel: { color: faint, fontSize: 11, formatter: short }, splitLine: { lineStyle: { color: line, width: 1 } },
      },
      series,
    };
  }

  // Numbers and names of ours alone: nothing of it comes from a user.
  tip(shown) {
    const lines = shown.filter(one => one.value[1] !== null && one.value[1] !== undefined);
    if (lines.length === 0) return '';
    const at = `${this.view.samplesPerStep ? 'samples' : 'step'} ${lines[0].value[0].toLocaleString('en')}`;
    const raw = lines.findLast(one => one.seriesName === 'raw'), mean = lines.findLast(one => one.seriesName !== 'raw') ?? raw;
    return `${at}<br><b>${short(mean.value[1])}</b>${raw && raw !== mean ? ` &nbsp;raw ${short(raw.value[1])}` : ''}`;
  }

  dispose() {
    removeEventListener('themechange', this.themed);
    this.resized.disconnect();
    this.charts.forEach(chart => chart.dispose());
  }
}

export async function create(place, library, view) {
  await load(library);
  return new RunCharts(place, view);
}
