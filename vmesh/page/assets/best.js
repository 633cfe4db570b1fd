// Best loss over time: the mesh's in bold, each worker's while they can be told apart, else where their middle and most of them are.

import { Chart, faded, line, positive, powerAxis, powersAround, stepped, timeAxis } from "./charts.js";
import { by, el, say } from "./dom.js";
import { loss, timeOfDay } from "./format.js";

const MOST_LINES = 24;

export class Best {
  constructor(store) {
    this.store = store;
    this.shape = "";
    this.names = [];
    this.chart = new Chart(by("best-plot"), {}, k => this.#read(k));
  }

  update() {
    const { series, selected } = this.store;
    this.names = [...series.loss.keys()];
    const few = this.names.length <= MOST_LINES;
    const shape = `${few ? this.names.join() : "many"}|${selected}|${this.#replayed()}`;
    if (shape !== this.shape) {
      this.shape = shape;
      this.chart.reset(few ? this.#lines() : this.#bands());
      this.#legend(few);
    }
    const { mesh } = series;
    const own = selected && series.loss.get(selected);
    const curves = few ? this.names.map(name => series.loss.get(name)) : [mesh.low, mesh.high, mesh.worst, mesh.median];
    const lists = [...curves, mesh.best, ...(own ? [own] : [])];
    this.chart.show([series.time, ...lists.map(list => list.map(positive))]);
    this.#read(this.chart.plot?.cursor.idx ?? null);
  }

  #replayed() {
    return this.store.kind === "replayed";
  }

  #lines() {
    return this.#options(this.names.map(() => line("--worst", 1, { stroke: faded("--c1", 0.45), paths: stepped() })), []);
  }

  #bands() {
    const clear = { stroke: "transparent", points: { show: false } };
    return this.#options([clear, clear, line("--worst", 1, { dash: [3, 3] }), line("--band", 1.2, { stroke: faded("--band", 0.75) })],
      [{ series: [2, 1], fill: faded("--band", 0.16) }]);
  }

  #options(series, bands) {
    const own = this.store.selected && this.store.series.loss.has(this.store.selected);
    return {
      series: [{}, ...series, line("--ink", 2.4, { paths: stepped() }), ...(own ? [line("--c2", 2, { paths: stepped() })] : [])], bands,
      scales: { x: { time: false }, y: { distr: 3, log: 10, range: powersAround } }, axes: [timeAxis(), powerAxis()],
      hooks: { setCursor: [plot => this.#read(plot.cursor.idx ?? null)], draw: [plot => this.#now(plot)] },
    };
  }

  /** Where a replay is. */
  #now(plot) {
    if (!this.#replayed() || !this.store.view) return;
    const x = plot.valToPos(this.store.view.time, "x", true);
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.fillStyle = faded("--accent", 0.8)();
    ctx.fillRect(Math.round(x) - 1, bbox.top, 2, bbox.height);
    ctx.restore();
  }

  #legend(few) {
    const entry = (style, words) => el("span", {}, el("i", { class: "line", style: `background:${style}` }), words);
    by("best-legend").replaceChildren(
      entry("var(--ink)", "the mesh's best"),
      few ? entry("color-mix(in srgb, var(--c1) 55%, transparent)", "each worker") : entry("var(--band)", "median of the workers"),
      few ? "" : el("span", {}, el("i", { style: "background:color-mix(in srgb, var(--band) 25%, transparent)" }), "8 of 10 workers"),
      few ? "" : entry("var(--worst)", "worst"),
      this.store.selected ? entry("var(--c2)", this.store.selected) : "");
  }

  #read(k) {
    const { time, mesh, loss: kept } = this.store.series;
    const at = k ?? time.length - 1;
    if (at < 0 || at >= time.length) return say(by("best-readout"), "");
    const own = this.store.selected && kept.get(this.store.selected);
    say(by("best-readout"), `${k === null ? "" : `${timeOfDay(time[at])}  `}best ${loss(mesh.best[at])} · median ${loss(mesh.median[at])}`
      + (own ? ` · ${this.store.selected} ${loss(own[at])}` : ""));
  }
}
