// Evaluations a second; births, and deaths by cause, a second.

import { Chart, countAxis, faded, line, timeAxis } from "./charts.js";
import { by, el, say } from "./dom.js";
import { quantity, timeOfDay } from "./format.js";

const upwards = { y: { range: (_, low, high) => [0, (high || 1) * 1.12] } };

export class Pace {
  constructor(store) {
    this.store = store;
    this.chart = new Chart(by("pace-plot"), {
      series: [{}, line("--accent", 1.8, { fill: faded("--accent", 0.14) })],
      scales: { x: { time: false }, ...upwards }, axes: [timeAxis(), countAxis()],
    }, k => this.#read(k));
  }

  update() {
    const { time, mesh } = this.store.series;
    this.chart.show([time, mesh.pace]);
    this.#read(this.chart.plot?.cursor.idx ?? null);
  }

  #read(k) {
    const { time, mesh } = this.store.series;
    const at = k ?? time.length - 1;
    say(by("pace-readout"), at < 0 ? "" : `${k === null ? "now" : timeOfDay(time[at])} ${quantity(mesh.pace[at])}/s`);
  }
}

export class Lives {
  constructor(store) {
    this.store = store;
    this.causes = "";
    this.chart = new Chart(by("lives-plot"), {}, k => this.#read(k));
  }

  update() {
    const { time, mesh } = this.store.series;
    const causes = this.#order();
    if (causes.join() !== this.causes) {
      this.causes = causes.join();
      this.chart.reset(this.#options(causes));
    }
    const first = mesh.deaths.findIndex(one => one !== null); // the past knows no rates: only what was seen
    const from = first < 0 ? Math.max(0, time.length - 2) : first;
    const stacked = causes.map(() => []);
    for (let k = from; k < time.length; k++) {
      let sum = 0;
      for (let c = causes.length - 1; c >= 0; c--) {
        const deaths = mesh.deaths[k];
        sum += deaths?.[causes[c]] ?? 0;
        stacked[c].push(deaths ? sum : null);
      }
    }
    this.chart.show([time.slice(from), ...stacked, mesh.births.slice(from)]);
    this.from = from;
    this.#totals(causes);
    this.#read(this.chart.plot?.cursor.idx ?? null);
  }

  #order() {
    const told = Object.keys(this.store.mesh?.deaths ?? {});
    return [...this.store.causes.filter(cause => told.includes(cause)), ...told.filter(cause => !this.store.causes.includes(cause))];
  }

  #options(causes) {
    const areas = causes.map((_, c) => line(`--c${c % 6}`, 0.8, { fill: faded(`--c${c % 6}`, 0.55), spanGaps: true }));
    return {
      series: [{}, ...areas, line("--ink", 1.6, { dash: [5, 3], spanGaps: true })],
      scales: { x: { time: false }, ...upwards }, axes: [timeAxis(), countAxis()],
      hooks: { setCursor: [plot => this.#read(plot.cursor.idx ?? null)] },
    };
  }

  #totals(causes) {
    const totals = this.store.mesh.deaths;
    const words = cause => cause.replaceAll("_", " ").replace("eaten ", "eaten: ");
    const entries = causes.map((cause, c) => [`var(--c${c % 6})`, `${words(cause)} ${quantity(totals[cause])}`, ""]);
    const legend = by("lives-legend");
    if (legend.children.length !== entries.length + 1) {
      legend.replaceChildren(el("span", {}, el("i", { class: "line", style: "background:var(--ink)" }), el("b", {})),
        ...entries.map(([style]) => el("span", {}, el("i", { style: `background:${style}` }), el("b", {}))));
    }
    say(legend.children[0].lastChild, `births ${quantity(this.store.mesh.births)}`);
    entries.forEach(([, text], k) => say(legend.children[k + 1].lastChild, text));
  }

  #read(k) {
    const { time, mesh } = this.store.series;
    const at = k === null ? time.length - 1 : k + (this.from ?? 0);
    const deaths = mesh.deaths[at];
    const sum = deaths ? Object.values(deaths).reduce((a, b) => a + b, 0) : null;
    say(by("lives-readout"), at < 0 || sum === null ? "" : `${k === null ? "now" : timeOfDay(time[at])}  births ${quantity(mesh.births[at])} · deaths ${quantity(sum)}`);
  }
}
