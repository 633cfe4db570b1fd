// The table of workers: sorted, filtered, and only as many rows in the document as are seen.

import { by, el, say, svg, workerName } from "./dom.js";
import { age, loss, percent, plural, quantity, r2, size } from "./format.js";

const ROW = 31; // px, as in parts.css
const SPARES = 6;
const OLD = 1800; // s after which a checkpoint is called old

export const STATE_SHAPES = { running: "", paused: "ring", draining: "square", silent: "cross" };

/** Whether something about a worker wants to be looked at. */
export function troubled(store, row) {
  const of = name => store.value(row, name);
  return of("state") === "silent" || Boolean(of("checkpoint_error")) || of("checkpoint_age") > OLD || of("memory_bytes") > 0.9 * (of("memory_limit_bytes") || Infinity);
}

const COLUMNS = [
  { name: "name", words: "worker", falling: false },
  { name: "state", words: "state", falling: false },
  { name: "best_loss", words: "best loss", number: true, falling: false, text: loss },
  { name: "spark", words: "over time", plain: true, kind: "desk" },
  { name: "best_r2", words: "R²", number: true, text: r2, kind: "desk" },
  { name: "evaluations_per_second", words: "eval/s", number: true, text: quantity },
  { name: "tick", words: "tick", number: true, text: quantity, kind: "desk" },
  { name: "memory_bytes", words: "memory", number: true },
  { name: "cpu", words: "CPU", number: true, text: percent, kind: "desk" },
  { name: "diversity", words: "diversity", number: true, text: x => (x === null ? "–" : x.toFixed(2)), kind: "desk" },
  { name: "checkpoint_age", words: "checkpoint", number: true, kind: "desk" },
];

export class Workers {
  constructor(store, select) {
    this.store = store;
    this.select = select;
    this.sort = { name: "name", falling: false };
    this.filter = "all";
    this.wanted = "";
    this.order = [];
    this.pool = [];
    this.place = by("workers-table");
    this.#build();
    this.place.addEventListener("scroll", () => this.#draw(), { passive: true });
    new ResizeObserver(() => this.#draw()).observe(this.place);
    by("workers-search").addEventListener("input", event => { this.wanted = event.target.value.trim().toLowerCase(); this.place.scrollTop = 0; this.update(); });
  }

  /** Shows only those: all, running, paused, draining, silent or trouble. */
  only(filter) {
    this.filter = this.filter === filter ? "all" : filter;
    this.place.scrollTop = 0;
    this.update();
  }

  update() {
    if (!this.store.view || document.hidden) return;
    this.#filters();
    const { rows, column } = this.store;
    const kept = [];
    rows.forEach((row, k) => {
      if (this.wanted && !row[column.name].toLowerCase().includes(this.wanted)) return;
      if (this.filter === "trouble" ? !troubled(this.store, row) : this.filter !== "all" && row[column.state] !== this.filter) return;
      kept.push(k);
    });
    const { name, falling } = this.sort;
    if (name !== "name" || falling) {
      const value = k => rows[k][column[name]];
      kept.sort((a, b) => {
        const [x, y] = [value(a), value(b)];
        if (x === null || y === null) return x === y ? a - b : x === null ? 1 : -1; // what is not known stands last
        const least = x < y ? -1 : x > y ? 1 : 0;
        return least === 0 ? a - b : falling ? -least : least;
      });
      if (name === "name") kept.reverse().sort((a, b) => b - a);
    }
    this.order = kept;
    say(by("workers-note"), kept.length === rows.length ? plural(rows.length, "worker") : `${kept.length} of ${rows.length}`);
    this.#draw();
    this.#away();
  }

  #build() {
    this.heads = COLUMNS.map(column => el("th", { class: [column.number && "number", column.kind].filter(Boolean).join(" ") || null, scope: "col" },
      column.plain ? column.words : el("button", { type: "button", onclick: () => this.#sortBy(column) }, column.words)));
    this.above = el("tr", { class: "gap" }, el("td", { colspan: COLUMNS.length }));
    this.below = el("tr", { class: "gap" }, el("td", { colspan: COLUMNS.length }));
    this.body = el("tbody", {}, this.above, this.below);
    this.table = el("table", {}, el("thead", {}, el("tr", {}, this.heads)), this.body);
    this.nobody = el("p", { class: "empty", hidden: true }, "No worker is like that.");
    this.place.replaceChildren(this.table, this.nobody);
    this.#arrows();
  }

  #sortBy({ name, falling = true }) {
    this.sort = this.sort.name === name ? { name, falling: !this.sort.falling } : { name, falling };
    this.#arrows();
    this.update();
  }

  #arrows() {
    COLUMNS.forEach((column, k) => {
      if (column.name === this.sort.name) this.heads[k].setAttribute("aria-sort", this.sort.falling ? "descending" : "ascending");
      else this.heads[k].removeAttribute("aria-sort");
    });
  }

  #filters() {
    const counts = this.store.states();
    const trouble = this.store.rows.filter(row => troubled(this.store, row)).length;
    const shown = [["all", "All", this.store.rows.length], ...["running", "paused", "draining", "silent"].map(state => [state, state, counts[state]]),
      ["trouble", "needs a look", trouble]].filter(([name, , n]) => n || name === "all" || name === this.filter);
    const place = by("workers-filters");
    const key = shown.map(([name]) => name).join();
    if (place.dataset.key !== key) {
      place.dataset.key = key;
      place.replaceChildren(...shown.map(([name]) => el("button", { type: "button", "data-filter": name, onclick: () => this.only(name) })));
    }
    shown.forEach(([name, words, n], k) => {
      say(place.children[k], name === "all" ? words : `${n} ${words}`);
      place.children[k].setAttribute("aria-pressed", String(this.filter === name));
    });
  }

  #draw() {
    if (!this.store.view) return;
    const seen = Math.ceil(this.place.clientHeight / ROW) + 2 * SPARES;
    const first = Math.max(0, Math.min(Math.floor(this.place.scrollTop / ROW) - SPARES, this.order.length - seen));
    const shown = this.order.slice(first, first + seen);
    this.above.firstChild.style.height = `${first * ROW}px`;
    this.below.firstChild.style.height = `${(this.order.length - first - shown.length) * ROW}px`;
    while (this.pool.length < shown.length) this.pool.push(this.#row());
    while (this.pool.length > shown.length) this.pool.pop().line.remove();
    shown.forEach((k, i) => {
      const one = this.pool[i];
      if (!one.line.isConnected) this.below.before(one.line);
      one.line.setAttribute("aria-rowindex", String(first + i + 2));
      this.#write(one, this.store.rows[k]);
    });
    this.table.setAttribute("aria-rowcount", String(this.order.length + 1));
    this.nobody.hidden = this.order.length > 0;
  }

  #row() {
    const cells = COLUMNS.map(column => el("td", { class: [column.number && "number", column.kind].filter(Boolean).join(" ") || null }));
    const [name, state, , spark, , , , memory, , , checkpoint] = cells;
    const one = { cells, line: null, who: "" };
    one.button = name.appendChild(el("button", { type: "button", class: "plain worker" }));
    one.dot = el("span", { class: "dot" });
    one.word = el("span");
    one.state = state.appendChild(el("span", { class: "state" }, one.dot, one.word));
    one.curve = svg("polyline");
    spark.append(svg("svg", { class: "spark", viewBox: "0 0 84 20", "aria-hidden": "true" }, one.curve));
    one.fill = el("i");
    one.bar = memory.appendChild(el("span", { class: "bar" }, one.fill));
    one.memory = memory.appendChild(el("span"));
    one.checkpoint = checkpoint.appendChild(el("span"));
    one.line = el("tr", { onclick: () => this.select(one.who) }, cells);
    return one;
  }

  #write(one, row) {
    const of = name => this.store.value(row, name);
    one.who = of("name");
    one.line.className = one.who === this.store.selected ? "selected" : "";
    if (one.button.title !== one.who) {
      one.button.title = one.who;
      one.button.replaceChildren(...workerName(one.who));
    }
    one.state.className = `state ${of("state")}`;
    one.dot.className = `dot ${STATE_SHAPES[of("state")] ?? ""}`;
    say(one.word, of("state"));
    COLUMNS.forEach((column, k) => { if (column.text) say(one.cells[k], column.text(of(column.name))); });
    const points = spark(this.store.series.loss.get(one.who) ?? []);
    if (one.points !== points) one.curve.setAttribute("points", one.points = points);
    const part = of("memory_limit_bytes") ? of("memory_bytes") / of("memory_limit_bytes") : null;
    one.bar.hidden = part === null;
    one.bar.className = `bar ${part > 0.9 ? "bad" : part > 0.75 ? "warn" : ""}`;
    one.fill.style.transform = `scaleX(${Math.min(1, part ?? 0).toFixed(3)})`;
    one.bar.title = part === null ? "" : `${size(of("memory_bytes"))} of ${size(of("memory_limit_bytes"))}`;
    say(one.memory, size(of("memory_bytes")));
    const failed = of("checkpoint_error");
    one.checkpoint.className = failed ? "bad" : of("checkpoint_age") > OLD ? "warn" : "";
    one.checkpoint.title = failed || "";
    say(one.checkpoint, failed ? `failed${of("checkpoint_age") === null ? "" : ` · ${age(of("checkpoint_age"))}`}` : of("checkpoint_age") === null ? "none yet" : age(of("checkpoint_age")));
  }

  /** Those who do not answer, and why; some were never seen and have no row. */
  #away() {
    const names = Object.keys(this.store.silent);
    const key = names.map(name => `${name}|${this.store.silent[name]}`).join("\n");
    const place = by("away");
    if (place.dataset.key === key) return;
    place.dataset.key = key;
    const open = place.querySelector("details")?.open ?? false;
    place.replaceChildren(...(names.length ? [el("details", { open }, el("summary", {}, `${plural(names.length, "worker")} silent, and why`),
      el("ul", {}, names.map(name => el("li", {}, el("b", {}, name), ` – ${this.store.silent[name]}`))))] : []));
  }
}

/** The last losses as points of an 84 by 20 picture, powers of ten upwards. */
function spark(losses) {
  const values = losses.filter(x => x !== null && x !== undefined).map(x => Math.log10(Math.max(x, 1e-18)));
  if (values.length < 2) return "";
  const every = Math.max(1, Math.floor(values.length / 40));
  const kept = values.filter((_, k) => k % every === 0 || k === values.length - 1);
  const [low, high] = [Math.min(...kept), Math.max(...kept)];
  return kept.map((x, k) => `${((84 * k) / (kept.length - 1)).toFixed(1)},${(18 - (16 * (x - low)) / (high - low || 1)).toFixed(1)}`).join(" ");
}
