// One worker: all that it tells, and what can be done to it. Asked for anew while it is open.

import { CLOSE, by, el, icon } from "./dom.js";
import { age, clock, general, loss, quantity, r2, size } from "./format.js";
import { histograms } from "./population.js";
import { ask } from "./stream.js";
import { STATE_SHAPES } from "./workers.js";

const EVERY = 2000; // ms

export class Drawer {
  constructor(store, actions, select) {
    this.store = store;
    this.actions = actions;
    this.select = select;
    this.place = by("drawer");
    this.name = null;
    this.asked = 0;
    document.addEventListener("keydown", event => { if (event.key === "Escape" && this.name && !document.querySelector("dialog")) this.select(null); });
  }

  open(name) {
    this.name = name;
    this.place.hidden = name === null;
    if (name === null) { this.before?.focus?.(); this.before = null; return; }
    this.before ??= document.activeElement;
    this.#build();
    this.asked = 0;
    this.update();
    this.place.scrollTop = 0;
    this.close.focus({ preventScroll: true });
  }

  update() {
    if (!this.name || document.hidden) return;
    this.#now();
    const now = performance.now();
    if (now - this.asked < EVERY) return;
    this.asked = now;
    const name = this.name;
    ask(`worker/${name.split("/").map(encodeURIComponent).join("/")}`).then(
      told => { if (name === this.name) this.#told(told); },
      error => { if (name === this.name) this.rest.replaceChildren(el("p", { class: "problem" }, error.message)); });
  }

  #build() {
    this.close = el("button", { type: "button", class: "icon", "aria-label": "Close", onclick: () => this.select(null) }, icon(CLOSE));
    this.state = el("span", { class: "chip" });
    this.figures = el("dl", { class: "pairs" });
    this.bars = el("div", { class: "histograms", style: "grid-template-columns:1fr" });
    this.rest = el("div");
    const button = (command, words) => el("button", { type: "button", "data-do": command, onclick: () => this.actions.start(command, this.name) }, words);
    this.toggle = button("pause", "Pause");
    const buttons = this.store.kind === "replayed" ? null : el("div", { class: "actions" }, button("pause", "Pause"), button("resume", "Resume"), button("checkpoint", "Checkpoint"),
      button("parameters", "Parameter"), button("inject", "Inject"), button("drain", "Drain"));
    this.place.replaceChildren(el("header", {}, el("h2", {}, this.name), this.state, this.close), buttons ?? "", this.figures,
      el("h3", {}, "Population"), this.bars, this.rest);
    this.bins = histograms(this.bars);
  }

  #now() {
    const row = this.store.row(this.name);
    if (!row) return this.figures.replaceChildren(el("dt", {}, this.store.silent[this.name] ?? "This worker is gone."));
    const of = name => this.store.value(row, name);
    this.state.className = `chip ${of("state")}`;
    this.state.replaceChildren(el("span", { class: `dot ${STATE_SHAPES[of("state")] ?? ""}` }), el("span", {}, of("state")));
    const limit = of("memory_limit_bytes");
    this.figures.replaceChildren(...pairs([
      ["best loss", loss(of("best_loss"))], ["R²", r2(of("best_r2"))], ["size of its best", String(of("best_size"))], ["median loss", loss(of("median_loss"))],
      ["evaluations", `${quantity(of("evaluations"))} (${quantity(of("evaluations_per_second"))}/s)`], ["tick, era", `${quantity(of("tick"))}, ${of("era")}`],
      ["living", `${quantity(of("living"))} of ${quantity(of("capacity"))}`], ["births, deaths", `${quantity(of("births"))}, ${quantity(of("deaths"))}`],
      ["diversity", general(of("diversity"), 3)], ["sent, accepted", `${quantity(of("sent"))}, ${quantity(of("accepted"))}`],
      ["memory", `${size(of("memory_bytes"))}${limit ? ` of ${size(limit)}` : ""}`], ["CPU", of("cpu") === null ? "–" : `${of("cpu").toFixed(2)} cores`],
      ["checkpoint", of("checkpoint_age") === null ? "none yet" : `${age(of("checkpoint_age"))} ago, ${size(of("checkpoint_bytes"))}, tick ${quantity(of("checkpoint_tick"))}`],
      ["up for", clock(of("uptime"))],
    ]));
    return undefined;
  }

  #told(told) {
    this.bins(told);
    const table = counts => pairs(Object.entries(counts ?? {}).filter(([, n]) => n).sort((a, b) => b[1] - a[1]).map(([name, n]) => [name.replaceAll("_", " "), quantity(n)]));
    const part = (words, rows) => (rows.length ? [el("h3", {}, words), el("dl", { class: "pairs" }, rows)] : []);
    this.rest.replaceChildren(
      ...(told.silent ? [el("p", { class: "problem" }, `Silent: ${told.silent}`)] : []),
      ...(told.checkpoint_error ? [el("p", { class: "problem" }, `Checkpoint failed: ${told.checkpoint_error}`)] : []),
      ...part("Deaths by cause", table(told.deaths)), ...part("Newborns that were invalid", table(told.invalid)), ...part("Exchange", table(told.exchange)),
      ...(told.neighbours?.length ? [el("h3", {}, "Neighbours: sent, received"), el("dl", { class: "pairs" }, told.neighbours.flatMap(([name, sent, received]) => [
        el("dt", {}, el("button", { type: "button", class: "plain", onclick: () => this.select(name) }, name)), el("dd", {}, `${quantity(sent)}, ${quantity(received)}`)]))] : []),
      ...part("Process", pairs([["admin address", told.admin], ["version", told.version], ["sandbox restarts", String(told.sandbox_restarts ?? 0)],
        ["sandbox memory", size(told.sandbox_memory_bytes)], ["table", told.data?.url ?? "–"]])));
  }
}

function pairs(rows) {
  return rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]);
}
