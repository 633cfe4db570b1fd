// Curves over time and the front, by uPlot. A chart is drawn once for each view, and made anew when the theme or its series change.
import uPlot from "./vendor/uplot/uPlot.esm.js";
import { color } from "./dom.js";
import { number, quantity } from "./format.js";

const MOST_LINES = 24; // workers that are drawn as lines of their own
const HEIGHT = 230;
const short = (value) => (value && Math.abs(value) < 1e-3 ? value.toExponential(1).replace(".0e", "e") : number(value, 3));

// Of a logarithmic axis that spans many decades only the decades are drawn.
function decades(plot, splits) {
  const known = splits.filter((split) => split > 0);
  if (!known.length || known.at(-1) / known[0] < 1e3) return splits;
  return splits.map((split) => (split > 0 && Math.abs(Math.log10(split) % 1) < 1e-9 ? split : null));
}

function axes(y, logarithmic = false) {
  const grid = { stroke: color("--line"), width: 1 };
  const upright = logarithmic ? { filter: decades, grid: { ...grid, filter: decades }, ticks: { ...grid, filter: decades } } : {};
  const common = { stroke: color("--soft"), grid, ticks: grid, font: "11px system-ui" };
  return [common, { ...common, ...upright, size: 62, values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : y(tick))) }];
}

class Chart {
  constructor(node, options) {
    this.node = node;
    this.options = options;
    this.key = null;
    new ResizeObserver(() => this.plot && this.plot.setSize({ width: this.node.clientWidth, height: HEIGHT })).observe(node);
  }

  draw(key, data) {
    if (key !== this.key) {
      this.key = key;
      this.plot?.destroy();
      const width = this.node.clientWidth || 300;
      this.plot = new uPlot({ width, height: HEIGHT, cursor: { y: false }, ...this.options() }, data, this.node);
    } else this.plot.setData(data);
  }
}

export class LossChart {
  constructor(node) {
    this.chart = new Chart(node, () => ({
      scales: { y: { distr: 3 } },
      axes: axes(short, true),
      series: [{}, ...this.series],
      ...(this.bands ? { bands: [{ series: [2, 1], fill: color("--band") }] } : {}),
    }));
  }

  draw(state, theme) {
    const names = [...state.own.keys()];
    const line = (label, stroke, width, extra = {}) => ({ label, stroke, width, points: { show: false }, value: (_, v) => short(v), ...extra });
    const data = [state.time];
    const own = state.selected && state.own.get(state.selected);
    this.bands = names.length > MOST_LINES;
    if (this.bands) {
      this.series = [line("best", color("--accent"), 2.5), line("worst", color("--line"), 1), line("median", color("--soft"), 1.2, { dash: [4, 3] })];
      data.push(state.best, state.worst, state.median);
    } else {
      this.series = names.map((name) => line(name, color("--soft"), 1, { alpha: 0.65 }));
      data.push(...names.map((name) => state.own.get(name)));
      this.series.push(line("mesh", color("--accent"), 2.5));
      data.push(state.best);
    }
    if (own) {
      this.series.push(line(state.selected, color("--fill2"), 2));
      data.push(own);
    }
    this.chart.draw([theme, this.bands, this.bands ? "" : names.join(), own ? state.selected : ""].join("|"), data);
  }
}

export class PaceChart {
  constructor(node) {
    this.chart = new Chart(node, () => ({
      scales: { y: { range: (_, low, high) => [0, Math.max(high * 1.08, 1)] } },
      axes: axes(quantity),
      series: [{}, { label: "mesh", stroke: color("--accent"), width: 2, fill: color("--band"), points: { show: false }, value: (_, v) => quantity(v) }],
    }));
  }

  draw(state, theme) {
    this.chart.draw(theme, [state.time, state.pace]);
  }
}

export class FrontChart {
  constructor(node) {
    this.chart = new Chart(node, () => ({
      scales: { x: { time: false }, y: { distr: 3 } },
      axes: axes(short, true),
      series: [
        { label: "size" },
        { label: "loss", stroke: color("--accent"), width: 1.5, paths: uPlot.paths.stepped({ align: 1 }), points: { show: true, size: 7, fill: color("--accent") }, value: (_, v) => short(v) },
        { label: "recommended", stroke: color("--fill2"), width: 0, paths: () => null, points: { show: true, size: 13, width: 2.5, stroke: color("--fill2") }, value: (_, v) => short(v) },
      ],
    }));
  }

  draw(state, theme) {
    const rows = state.front.filter((row) => row.loss > 0);
    if (rows.length) this.chart.draw(theme, [rows.map((row) => row.size), rows.map((row) => row.loss), rows.map((row) => (row.chosen ? row.loss : null))]);
  }
}
