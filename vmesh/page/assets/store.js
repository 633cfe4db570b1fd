// What the page knows: the last view, and what it was before. Parts read it; only the stream writes it.

import { Series } from "./series.js";

const MOST_LINES = 1000;

export class Store {
  constructor() {
    this.kind = "";
    this.title = "";
    this.version = "";
    this.column = {}; // name: place in a row
    this.rows = [];
    this.place = new Map(); // worker: row
    this.view = null;
    this.mesh = null;
    this.front = [];
    this.frontChanged = true;
    this.links = [];
    this.silent = {};
    this.lines = [];
    this.newLines = 0; // how many of them came with the last view
    this.causes = [];
    this.levels = [];
    this.series = new Series();
    this.replay = null;
    this.began = this.ended = null;
    this.selected = null;
  }

  begin(content) {
    this.kind = content.kind;
    this.title = content.title;
    this.version = content.version ?? "";
    this.column = Object.fromEntries(content.columns.map((name, place) => [name, place]));
    this.causes = content.causes ?? [];
    this.levels = content.log_levels ?? [];
    this.began = content.began ?? null;
    this.ended = content.ended ?? null;
    this.lines = (content.lines ?? []).slice(-MOST_LINES);
    this.newLines = this.lines.length;
    this.view = null;
    this.front = [];
    this.series.begin(content.past);
  }

  /** The past came after the beginning: what was seen since then is put behind it. */
  past(content) {
    const { time, loss, mesh } = this.series;
    const since = new Series();
    since.begin({ workers: content.workers ?? {} });
    const last = since.time[since.time.length - 1] ?? -Infinity;
    time.forEach((moment, k) => {
      if (moment > last) since.add(moment, [...loss].map(([name, kept]) => [name, kept[k]]), mesh.pace[k], mesh.births[k], mesh.deaths[k]);
    });
    this.series = since;
  }

  take(view) {
    const before = this.view;
    this.view = view;
    this.mesh = view.mesh;
    this.rows = view.workers;
    this.place = new Map(view.workers.map((row, place) => [row[this.column.name], place]));
    this.links = view.links ?? [];
    this.silent = view.silent ?? {};
    this.replay = view.replay ?? null;
    this.frontChanged = view.front !== null && view.front !== undefined;
    if (this.frontChanged) this.front = view.front;
    this.newLines = before ? view.lines.length : this.newLines;
    if (view.lines.length) this.lines = [...this.lines, ...view.lines].slice(-MOST_LINES);
    if (this.kind !== "replayed" || !this.series.time.length) this.#remember(view, before);
  }

  #remember(view, before) {
    const { name, best_loss, state } = this.column;
    const losses = view.workers.map(row => [row[name], row[state] === "silent" ? null : row[best_loss]]);
    const [births, deaths] = this.#rates(view, before);
    this.series.add(view.time, losses, view.mesh.evaluations_per_second, births, deaths);
  }

  /** Births and deaths by cause a second; null where the sums are over other workers than before. */
  #rates(view, before) {
    const seconds = before ? view.time - before.time : 0;
    const same = before && Object.keys(view.silent).join() === Object.keys(before.silent).join() && view.workers.length === before.workers.length;
    if (!same || seconds <= 0 || seconds > 30) return [null, null];
    const births = (view.mesh.births - before.mesh.births) / seconds;
    const deaths = Object.fromEntries(Object.entries(view.mesh.deaths).map(([cause, n]) => [cause, (n - (before.mesh.deaths[cause] ?? 0)) / seconds]));
    return births < 0 || Object.values(deaths).some(rate => rate < 0) ? [null, null] : [births, deaths];
  }

  value(row, name) {
    return row[this.column[name]];
  }

  row(name) {
    const place = this.place.get(name);
    return place === undefined ? null : this.rows[place];
  }

  names() {
    return this.rows.map(row => row[this.column.name]);
  }

  /** {running: n, paused: n, draining: n, silent: n}; those who never answered are silent, too. */
  states() {
    const counts = { running: 0, paused: 0, draining: 0, silent: 0 };
    for (const row of this.rows) counts[row[this.column.state]] = (counts[row[this.column.state]] ?? 0) + 1;
    counts.silent += Object.keys(this.silent).filter(name => !this.place.has(name)).length;
    return counts;
  }
}
