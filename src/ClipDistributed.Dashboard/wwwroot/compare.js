// Curves of several runs on shared axes: as the charts of one run, with a colour for each run.
import { RunCharts, css, load, logarithmic } from './charts.js';
import { lineage, short, smoothed } from './charts-data.js';

class ComparedCharts extends RunCharts {
  add({ runId, isWhole, curves }) {
    if (isWhole) for (const key of [...this.curves.keys()]) if (this.curves.get(key).runId === runId) this.curves.delete(key);
    for (const curve of curves) {
      const key = `${runId} ${curve.name} ${curve.attempt}`, held = this.curves.get(key);
      if (held) {
        held.steps.push(...curve.steps);
        held.values.push(...curve.values);
      } else this.curves.set(key, { ...curve, runId, times: [] });
    }
    if (this.place.matches(':hover')) this.pending = true; // nothing moves under the pointer
    else this.draw(false);
  }

  // Runs end at different steps: each chart spans what it has.
  extentOf() {
    return [0, 0];
  }

  markLine() {
    return { data: [] };
  }

  series(name) {
    const curves = [...this.curves.values()].filter(curve => curve.name === name);
    const isLog = this.view.log && logarithmic.has(name), isRough = this.view.smooth > 0 && name !== 'lr';
    const fits = value => value !== null && (!isLog || value > 0) ? value : null;
    return this.view.runs.flatMap(({ runId, color, samplesPerStep }) => {
      const { kept } = lineage(curves.filter(curve => curve.runId === runId)), scale = this.view.bySamples ? samplesPerStep : 1;
      const points = values => kept.steps.map((step, at) => [step * scale, fits(values[at])]);
      const line = { type: 'line', showSymbol: false, animation: false, color: css(color), emphasis: { disabled: true } };
      const raw = { ...line, name: isRough ? 'raw' : runId, data: points(kept.values), silent: isRough };
      if (!isRough) return [{ ...raw, lineStyle: { width: 1.5 } }];
      return [
        { ...raw, lineStyle: { width: 1, opacity: 0.2 } },
        { ...line, name: runId, data: points(smoothed(kept.values, this.view.smooth)), lineStyle: { width: 1.75 } },
      ];
    });
  }

  option(name) {
    const base = super.option(name);
    return { ...base, xAxis: { ...base.xAxis, name: this.view.bySamples ? 'samples' : 'step' } };
  }

  // Names are set as text: nothing in them is read as HTML.
  tip(shown) {
    const lines = shown.filter(one => one.seriesName !== 'raw' && one.value[1] !== null && one.value[1] !== undefined);
    const box = document.createElement('div');
    if (lines.length === 0) return box;
    const row = (text, className) => {
      const line = document.createElement('div');
      line.className = className;
      line.textContent = text;
      box.append(line);
      return line;
    };
    row(`${this.view.bySamples ? 'samples' : 'step'} ${lines[0].value[0].toLocaleString('en')}`, '');
    for (const one of lines) row(`${short(one.value[1])}  ${one.seriesName}`, 'tip-run').style.setProperty('--of', one.color);
    return box;
  }
}

export async function create(place, library, view) {
  await load(library);
  return new ComparedCharts(place, view);
}
