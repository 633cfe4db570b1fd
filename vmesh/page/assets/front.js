// The front: the recommended formula large, the best one of each size in a table, and a plot of size against loss.

import { Chart, faded, line, positive, powerAxis, powersAround, sizeAxis, stepped } from "./charts.js";
import { COPY, by, copied, el, icon, say, workerName } from "./dom.js";
import { loss, plural, r2 } from "./format.js";
import { formula } from "./mathml.js";
import { toast } from "./toast.js";

export class Front {
  constructor(store, select) {
    this.store = store;
    this.select = select;
    this.shown = null;
    this.first = true;
    this.chart = new Chart(by("front-plot"), {
      series: [{}, line("--accent", 1.4, { paths: stepped(), points: { show: true, size: 6, fill: () => colourOf("--panel") } }),
        { stroke: "transparent", points: { show: true, size: 11, fill: faded("--c2", 0.95), stroke: "transparent" } }],
      scales: { x: { time: false, range: (_, low, high) => [Math.max(0, low - 1), high + 1] }, y: { distr: 3, log: 10, range: powersAround } },
      axes: [sizeAxis(), powerAxis()],
    }, k => this.#read(k));
  }

  update() {
    const front = this.store.front;
    if (front === this.shown) return;
    this.shown = front;
    say(by("front-note"), front.length ? `${plural(front.length, "size")}; the best formula of each` : "");
    this.#hero(front.find(row => row.chosen) ?? front[front.length - 1]);
    this.#table(front);
    this.chart.show([front.map(row => row.size), front.map(row => positive(row.loss)), front.map(row => (row.chosen ? positive(row.loss) : null))]);
    this.#read(null);
  }

  #hero(row) {
    if (!row) return by("hero").replaceChildren();
    by("hero").replaceChildren(formula(row.mathml, row.formula),
      el("p", { class: "about", style: "margin:0" }, "recommended: ", "loss ", el("b", {}, loss(row.loss)), " · R² ", el("b", {}, r2(row.r2)),
        " · size ", el("b", {}, String(row.size)), " · ", this.#who(row)),
      el("button", { type: "button", onclick: () => copy(row.formula) }, "Copy"));
    return undefined;
  }

  #who(row) {
    return el("button", { type: "button", class: "plain worker", title: row.worker, onclick: () => this.select(row.worker) }, workerName(row.worker));
  }

  #table(front) {
    const place = by("front-table");
    if (!front.length) {
      place.replaceChildren(el("p", { class: "empty" }, "No formula yet: the first ones come within seconds of the start."));
      return;
    }
    const top = place.scrollTop;
    const head = [["size number", "size"], ["loss number", "loss"], ["r2 number", "R²"], ["", "formula"], ["who", "worker"], ["copy", ""]];
    place.replaceChildren(el("table", {},
      el("thead", {}, el("tr", {}, head.map(([kind, word]) => el("th", { class: kind, scope: "col" }, word || el("span", { class: "skip" }, "copy"))))),
      el("tbody", {}, front.map(row => el("tr", { class: row.chosen ? "chosen" : null, title: row.chosen ? "recommended" : null },
        el("td", { class: "size number" }, String(row.size)), el("td", { class: "loss number" }, loss(row.loss)),
        el("td", { class: "r2 number" }, r2(row.r2)), el("td", {}, formula(row.mathml, row.formula, true)),
        el("td", { class: "who" }, this.#who(row)),
        el("td", { class: "copy" }, el("button", { type: "button", class: "small", "aria-label": `Copy ${row.formula}`, onclick: () => copy(row.formula) }, icon(COPY))))))));
    place.scrollTop = top;
    const chosen = place.querySelector("tr.chosen");
    if (this.first) place.scrollTop = Math.max(0, (chosen?.offsetTop ?? 0) + (chosen?.offsetHeight ?? 0) - place.clientHeight + 8);
    this.first = false;
  }

  #read(k) {
    const row = k === null ? null : this.store.front[k];
    say(by("front-readout"), row ? `size ${row.size} · loss ${loss(row.loss)}` : "");
  }
}

const colourOf = token => getComputedStyle(document.documentElement).getPropertyValue(token);

async function copy(text) {
  if (await copied(text)) toast("The formula is on the clipboard.");
  else toast(text);
}
