// The charts of a run: what ECharts draws, and how they hang together. Curves come from the server, at most 2,000 points each.
import { clock, clockTick, duration, escaped, lineage, percent, short, smoothed } from './charts-data.js';

export const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const loaded = {};
export const load = url => loaded[url] ??= new Promise((done, failed) => {
  const script = document.createElement('script');
  script.src = url;
  script.onload = done;
  script.onerror = () => failed(new Error(`${url} cannot be loaded`));
  document.head.append(script);
});

export const logarithmic = new Set(['loss', 'grad_norm', 'lr', 'samples_per_second']);
const evaluated = new Set(['zeroshot', 'retrieval']);
const phases = ['data', 'forward', 'wait', 'gather', 'loss', 'backward', 'reduce', 'optimizer'];
const logitCap = 100;

export class RunCharts {
  constructor(place, view) {
    this.place = place;
    this.view = view;
    this.curves = new Map(); // "metric attempt" -> {name, attempt, steps, values}
    this.evaluations = [];
    this.marks = [];
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
    this.exported = event => this.export(event.target.closest?.('[data-export]'));
    place.addEventListener('click', this.exported);
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
    this.redraw(isFirst);
  }

  addEvents(data) {
    const isFirst = this.marks.length + this.evaluations.length === 0;
    this.evaluations = data.curves;
    this.marks = data.marks;
    this.redraw(isFirst);
  }

  redraw(isFirst) {
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
    this.times = this.timesOf();
    this.extent = this.extentOf();
    this.filter();
    for (const [name, chart] of this.charts) {
      if (chart.getDom().closest('figure').hidden) continue;
      chart.setOption(this.option(name), isAnew ? { notMerge: true } : { replaceMerge: ['series'] });
      if (isAnew) chart.dispatchAction({ type: 'takeGlobalCursor', key: 'dataZoomSelect', dataZoomSelectActive: true });
    }
  }

  // A chart without curves is not there: a run that evaluates nothing has none of it.
  filter() {
    let wanted = /./;
    try { wanted = new RegExp(this.view.filter || '.', 'i'); } catch { /* amid typing: all are shown */ }
    for (const [name, chart] of this.charts) {
      const figure = chart.getDom().closest('figure');
      const isEmpty = evaluated.has(name) && !this.evaluations.some(curve => curve.chart === name);
      const isHidden = isEmpty || !(wanted.test(figure.dataset.name) || wanted.test(name));
      if (figure.hidden === isHidden) continue;
      figure.hidden = isHidden;
      if (!isHidden) chart.resize();
    }
  }

  // Of each attempt when its steps were recorded.
  timesOf() {
    const times = new Map();
    let first = Infinity;
    for (const curve of this.curves.values()) {
      if (curve.name !== 'time') continue;
      times.set(curve.attempt, new Map(curve.steps.map((step, at) => [step, curve.values[at]])));
      for (const value of curve.values) if (value !== null) first = Math.min(first, value);
    }
    this.began = first;
    return times;
  }

  // All charts have the same axis, so that what stands above each other belongs together.
  extentOf() {
    let from = Infinity, until = -Infinity;
    for (const curve of this.of('loss'))
      for (const [at, step] of curve.steps.entries()) {
        const where = this.where(step, curve.times[at]);
        if (where === null) continue;
        from = Math.min(from, where);
        until = Math.max(until, where);
      }
    return [from, until];
  }

  of(metric) {
    return [...this.curves.values()].filter(curve => curve.name === metric)
      .map(curve => ({ ...curve, times: curve.steps.map(step => this.times.get(curve.attempt)?.get(step) ?? null) }));
  }

  where(step, time) {
    switch (this.view.axis) {
      case 'samples': return step === null ? null : step * this.view.samplesPerStep;
      case 'relative': return time === null ? null : time - this.began;
      case 'time': return time;
      default: return step;
    }
  }

  axisText(value) {
    switch (this.view.axis) {
      case 'relative': return duration(value);
      case 'time': return clock(value);
      default: return `${this.view.axis === 'samples' ? 'samples' : 'step'} ${value.toLocaleString('en')}`;
    }
  }

  series(name, theme) {
    const isLog = this.view.log && logarithmic.has(name);
    const isRough = this.view.smooth > 0 && name !== 'lr';
    const base = { type: 'line', showSymbol: false, animation: false, emphasis: { disabled: true }, triggerLineEvent: false };
    const fits = value => value !== null && (!isLog || value > 0) ? value : null;
    const points = (curve, values) => curve.steps.map((step, at) => [this.where(step, curve.times[at]), fits(values[at])])
      .filter(point => point[0] !== null);
    if (name === 'split')
      return phases.map((phase, at) => {
        const { kept } = lineage(this.of(`split.${phase}`));
        const data = points(kept, smoothed(kept.values, this.view.smooth));
        const color = theme.phases[at];
        return { ...base, name: phase, data, stack: 'split', color, lineStyle: { width: 0 }, areaStyle: { color, opacity: 1 } };
      });
    if (evaluated.has(name))
      return this.evaluations.filter(curve => curve.chart === name).map((curve, at) => ({
        ...base, name: curve.name, color: theme.series[at % theme.series.length], showSymbol: true, symbol: 'circle', symbolSize: 5,
        lineStyle: { width: 1.75, type: at < theme.series.length ? 'solid' : 'dashed' },
        data: curve.points.map(one => [this.view.axis === 'samples' ? one.samples : this.where(one.step, one.time), one.value]),
      }));
    const draw = (curve, label, color, opacity) => {
      const thin = { width: isRough ? 1 : 1.5, opacity: isRough ? 0.3 * opacity : opacity };
      const raw = { ...base, color, name: isRough ? 'raw' : label, data: points(curve, curve.values), silent: isRough, lineStyle: thin };
      if (!isRough) return [raw];
      return [raw, { ...base, color, name: label, data: points(curve, smoothed(curve.values, this.view.smooth)), lineStyle: { width: 1.75, opacity } }];
    };
    const { kept, abandoned } = lineage(this.of(name));
    return [...abandoned.flatMap(curve => draw(curve, 'abandoned', theme.faint, 0.5)), ...draw(kept, 'kept', theme.accent, 1)];
  }

  // Of an incident only the time is known: on an axis of steps it stands at the first one after it.
  stepAt(time) {
    let found = null, best = Infinity;
    for (const steps of this.times.values())
      for (const [step, recorded] of steps)
        if (recorded !== null && recorded >= time && recorded < best) [found, best] = [step, recorded];
    return found;
  }

  markLine(name, theme) {
    const styles = {
      start: { color: theme.faint, type: [5, 3] }, checkpoint: { color: theme.faint, type: [1, 3] }, incident: { color: theme.bad, type: 'solid' },
    };
    const data = !this.view.marks ? [] : this.marks
      .map(mark => ({ xAxis: this.where(mark.step ?? this.stepAt(mark.time), mark.time), name: mark.text, lineStyle: { ...styles[mark.kind], width: 1, opacity: 0.8 } }))
      .filter(mark => mark.xAxis !== null);
    if (name === 'logit_scale') data.push({ yAxis: logitCap, name: `cap ${logitCap}`, lineStyle: { color: theme.warn, type: [5, 3], width: 1 } });
    return {
      symbol: 'none', silent: false, animation: false, data, label: { show: false },
      emphasis: { lineStyle: { width: 2 }, label: { show: true, formatter: '{b}', position: 'insideEndTop', color: theme.ink, fontSize: 11, fontFamily: theme.font } },
    };
  }

  option(name) {
    const theme = Object.fromEntries(['ink', 'faint', 'line', 'accent', 'raised', 'bad', 'warn'].map(one => [one, css(`--${one}`)]));
    theme.font = css('--sans');
    theme.phases = phases.map((_, at) => css(`--phase-${at}`));
    theme.series = [theme.accent, css('--phase-2'), css('--phase-6'), css('--phase-4')];
    const isLog = this.view.log && logarithmic.has(name), isShare = evaluated.has(name);
    const series = this.series(name, theme);
    if (series.length > 0) series.push({ type: 'line', name: 'marks', data: [], markLine: this.markLine(name, theme) });
    const hasLegend = name === 'split' || isShare;
    const [from, until] = this.extent, span = until - from;
    return {
      animation: false,
      textStyle: { fontFamily: theme.font, color: theme.ink },
      grid: { left: 56, right: 16, top: hasLegend ? 34 : 12, bottom: 40 },
      legend: hasLegend ? {
        type: 'scroll', top: 0, left: 0, itemWidth: 10, itemHeight: 10, itemGap: 12, icon: 'roundRect', data: series.map(one => one.name).filter(one => one !== 'marks'),
        textStyle: { color: theme.faint, fontSize: 11, fontFamily: theme.font }, inactiveColor: theme.line, pageIconSize: 9,
        pageIconColor: theme.ink, pageIconInactiveColor: theme.line, pageTextStyle: { color: theme.faint, fontSize: 10 },
      } : { show: false },
      tooltip: {
        trigger: 'axis', confine: true, transitionDuration: 0, backgroundColor: theme.raised, borderColor: theme.line, borderWidth: 1, padding: [6, 10],
        textStyle: { color: theme.ink, fontSize: 12, fontFamily: theme.font },
        axisPointer: { type: 'line', lineStyle: { color: theme.faint, type: 'solid', width: 1 }, label: { show: false } },
        formatter: shown => this.tip(shown, hasLegend, isShare ? percent : short),
      },
      toolbox: { show: true, itemSize: 0, feature: { dataZoom: { yAxisIndex: 'none', brushStyle: { color: theme.accent, opacity: 0.12 } } } },
      dataZoom: [{ type: 'inside', zoomOnMouseWheel: 'ctrl', moveOnMouseMove: false, filterMode: 'none' }],
      xAxis: {
        type: 'value', min: span > 0 ? from : 'dataMin', max: span > 0 ? until : 'dataMax', name: { samples: 'samples', relative: 'duration', time: 'time, UTC' }[this.view.axis] ?? 'step',
        nameLocation: 'middle', nameGap: 24, nameTextStyle: { color: theme.faint, fontSize: 11 },
        axisLine: { lineStyle: { color: theme.line } }, axisTick: { show: false }, splitLine: { show: false }, splitNumber: 5,
        axisLabel: {
          color: theme.faint, fontSize: 11, hideOverlap: true, showMinLabel: false, showMaxLabel: true,
          formatter: value => this.view.axis === 'relative' ? duration(value) : this.view.axis === 'time' ? clockTick(value, span) : short(value),
        },
      },
      yAxis: {
        type: isLog ? 'log' : 'value', scale: name !== 'split', axisLine: { show: false }, axisTick: { show: false }, splitNumber: 4,
        axisLabel: { color: theme.faint, fontSize: 11, formatter: isShare ? percent : short }, splitLine: { lineStyle: { color: theme.line, width: 1 } },
      },
      series,
    };
  }

  tip(shown, isNamed, text) {
    const lines = shown.filter(one => one.value?.[1] !== null && one.value?.[1] !== undefined);
    if (lines.length === 0) return '';
    const at = this.axisText(lines[0].value[0]);
    if (isNamed) return [at, ...lines.map(one => `${one.marker}${escaped(one.seriesName)} &nbsp;<b>${text(one.value[1])}</b>`)].join('<br>');
    const raw = lines.findLast(one => one.seriesName === 'raw'), mean = lines.findLast(one => one.seriesName !== 'raw') ?? raw;
    return `${at}<br><b>${short(mean.value[1])}</b>${raw && raw !== mean ? ` &nbsp;raw ${short(raw.value[1])}` : ''}`;
  }

  export(button) {
    const box = button?.closest('figure').querySelector('[data-metric]');
    if (!box) return;
    const name = box.dataset.metric, chart = this.charts.get(name);
    const isPng = button.dataset.export === 'png';
    const url = isPng ? chart.getDataURL({ pixelRatio: 2, backgroundColor: css('--raised') })
      : URL.createObjectURL(new Blob([this.csv(name)], { type: 'text/csv' }));
    const link = document.createElement('a');
    [link.href, link.download] = [url, `${name}.${isPng ? 'png' : 'csv'}`];
    link.click();
    if (!isPng) setTimeout(() => URL.revokeObjectURL(url), 1000);
  }

  // The values as they came, not smoothed.
  csv(name) {
    const quoted = text => `"${text.replace(/^([=+\-@\t\r])/, "'$1").replaceAll('"', '""')}"`;
    if (evaluated.has(name))
      return ['source,step,samples,time,value', ...this.evaluations.filter(curve => curve.chart === name)
        .flatMap(curve => curve.points.map(one => [quoted(curve.name), one.step, one.samples, one.time, one.value].join(',')))].join('\n') + '\n';
    const metrics = name === 'split' ? phases.map(phase => `split.${phase}`) : [name];
    return ['metric,attempt,step,time,value', ...metrics.flatMap(metric => this.of(metric).flatMap(curve => curve.steps
      .map((step, at) => [metric, curve.attempt, step, curve.times[at] ?? '', curve.values[at] ?? ''].join(','))))].join('\n') + '\n';
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
