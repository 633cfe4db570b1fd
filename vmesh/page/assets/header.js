// Above all: what this mesh is, its states, and the figures that one looks at first.

import { by, el, say } from "./dom.js";
import { clock, loss, plural, quantity, r2, size } from "./format.js";
import { STATE_SHAPES, troubled } from "./workers.js";

const TILES = { best: "Best loss", r2: "R²", pace: "Evaluations / s", evaluations: "Evaluations", workers: "Workers answering", cpu: "Cores busy",
  memory: "Memory", time: "Running for" };

export class Header {
  constructor(store, filter) {
    this.store = store;
    this.filter = filter;
    this.tiles = Object.entries(TILES).map(([name, words]) => {
      const tile = { value: el("span", { id: `figure-${name}` }), note: el("small"), meter: el("i") };
      tile.bar = el("div", { class: "meter", hidden: true, "aria-hidden": "true" }, tile.meter);
      tile.box = el("dl", { class: "tile", style: "margin:0" }, el("dt", {}, words), el("dd", {}, tile.value, tile.note), tile.bar);
      return tile;
    });
    by("tiles").replaceChildren(...this.tiles.map(tile => tile.box));
    this.#show(this.tiles.map(() => ["–"]));
  }

  update() {
    const { store } = this;
    const { mesh } = store;
    const uptime = Math.max(0, ...store.rows.map(row => store.value(row, "uptime") ?? 0));
    const elapsed = store.kind === "replayed" && store.began !== null ? store.view.time - store.began : uptime;
    const limit = mesh.memory_limit_bytes;
    this.#show([
      [loss(mesh.best_loss)],
      [r2(mesh.best_r2)],
      [quantity(mesh.evaluations_per_second)],
      [quantity(mesh.evaluations)],
      [String(mesh.answering), `of ${mesh.workers}`, mesh.answering / Math.max(1, mesh.workers)],
      [mesh.cpu === null ? "–" : mesh.cpu.toFixed(mesh.cpu < 100 ? 1 : 0)],
      [size(mesh.memory_bytes), limit ? `of ${size(limit)}` : "", limit ? mesh.memory_bytes / limit : null],
      [clock(elapsed)],
    ]);
    this.#names(mesh);
    this.#states();
    this.#title(mesh);
  }

  #show(figures) {
    figures.forEach(([value, note = "", part = null], k) => {
      const tile = this.tiles[k];
      say(tile.value, value);
      say(tile.note, note);
      tile.bar.hidden = part === null;
      if (part !== null) tile.meter.style.transform = `scaleX(${Math.min(1, part).toFixed(3)})`;
    });
  }

  #names(mesh) {
    const { data } = mesh;
    say(by("title"), this.store.title || "vcloud");
    const table = data?.url ? data.url.slice(data.url.lastIndexOf("/") + 1) : "";
    const kind = { simulated: "simulated · ", replayed: "replay · " }[this.store.kind] ?? "";
    say(by("subtitle"), kind + (table ? `${data.target} from ${table}, ${quantity(data.rows)} rows` : "a mesh of vcloud"));
    say(by("foot"), `vcloud ${this.store.version}${data?.url ? ` · table ${data.url}, version ${data.version}` : ""}`);
  }

  #states() {
    const counts = this.store.states();
    const trouble = this.store.rows.filter(row => troubled(this.store, row)).length;
    const shown = Object.entries(counts).filter(([, n]) => n);
    if (trouble) shown.push(["trouble", trouble]);
    const place = by("states"), key = shown.map(([name]) => name).join();
    if (place.dataset.key !== key) {
      place.dataset.key = key;
      place.replaceChildren(...shown.map(([name]) => el("button", { type: "button", class: `chip ${name === "trouble" ? "warn" : name}`,
        title: "Show only these workers", "data-state": name, onclick: () => this.filter(name) }, el("span", { class: `dot ${STATE_SHAPES[name] ?? "square"}` }), el("span"))));
    }
    shown.forEach(([name, n], k) => say(place.children[k].lastChild, name === "trouble" ? `${n} ${n === 1 ? "needs" : "need"} a look` : `${n} ${name}`));
  }

  #title(mesh) {
    const counts = this.store.states();
    const state = counts.running ? "running" : counts.paused ? "paused" : counts.draining ? "draining" : "silent";
    const words = mesh.best_loss === null ? plural(mesh.workers, "worker") : `loss ${loss(mesh.best_loss)}`;
    const title = `${words} · ${state} · ${this.store.title}`;
    if (document.title !== title) document.title = title;
  }
}
