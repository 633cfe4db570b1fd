// What the page knows: the last view, and series of bounded length. Old points are thinned, so hours cost no more than minutes.
const MOST_POINTS = 960;
const GRID = 160; // points that the past is put on
export const RECENT = 60; // of a sparkline

export class State {
  constructor(begin) {
    this.begin = begin;
    this.column = Object.fromEntries(begin.columns.map((name, k) => [name, k]));
    this.view = null;
    this.front = [];
    this.selected = null;
    this.reset();
    this.take_past(begin.past ?? { workers: {} });
  }

  reset() {
    this.time = [];
    this.pace = [];
    this.best = [];
    this.median = [];
    this.worst = [];
    this.own = new Map(); // best loss of each worker, one value for each time
    this.recent = new Map(); // its last paces
    this.rates = null;
  }

  take_past(past) {
    const curves = Object.entries(past.workers).filter(([, curve]) => curve.time.length);
    if (!curves.length) return;
    const later = { time: this.time, pace: this.pace, own: this.own };
    this.reset();
    const end = later.time[0] ?? this.begin.time;
    const begin = Math.min(...curves.map(([, curve]) => curve.time[0]));
    const at = curves.map(() => 0);
    for (let k = 0; k < GRID && begin < end; k += 1) {
      const moment = begin + ((end - begin) * k) / GRID;
      const losses = new Map();
      let pace = 0;
      curves.forEach(([name, curve], c) => {
        while (at[c] + 1 < curve.time.length && curve.time[at[c] + 1] <= moment) at[c] += 1;
        if (curve.time[at[c]] > moment) return;
        losses.set(name, curve.best_loss[at[c]]);
        pace += curve.evaluations_per_second[at[c]] ?? 0;
      });
      this.add(moment, losses, pace);
    }
    later.time.forEach((moment, k) => {
      this.add(moment, new Map([...later.own].map(([name, values]) => [name, values[k]])), later.pace[k]);
    });
  }

  get(row, name) {
    return row[this.column[name]];
  }

  take(view) {
    const before = this.view;
    this.view = view;
    if (view.front) this.front = view.front;
    const losses = new Map();
    for (const row of view.workers) {
      const name = this.get(row, "name");
      losses.set(name, this.get(row, "best_loss"));
      const recent = this.recent.get(name) ?? [];
      recent.push(this.get(row, "evaluations_per_second") ?? 0);
      if (recent.length > RECENT) recent.shift();
      this.recent.set(name, recent);
    }
    if (this.time.length && view.time <= this.time.at(-1)) {
      if (view.replay) this.rewind(view.time);
      else return;
    }
    this.add(view.time, losses, view.mesh.evaluations_per_second);
    this.rates = before && view.time > before.time ? rates(before, view) : this.rates;
  }

  rewind(time) {
    while (this.time.length && this.time.at(-1) >= time) {
      for (const series of [this.time, this.pace, this.best, this.median, this.worst, ...this.own.values()]) series.pop();
    }
  }

  add(time, losses, pace) {
    const known = [...losses.values()].filter((x) => x !== null && x !== undefined && x > 0).sort((a, b) => a - b);
    this.time.push(time);
    this.pace.push(pace);
    this.best.push(known[0] ?? null);
    this.median.push(known.length ? known[known.length >> 1] : null);
    this.worst.push(known.at(-1) ?? null);
    for (const [name, loss] of losses) {
      const own = this.own.get(name) ?? new Array(this.time.length - 1).fill(null);
      own.push(loss > 0 ? loss : null);
      this.own.set(name, own);
    }
    for (const own of this.own.values()) if (own.length < this.time.length) own.push(null);
    if (this.time.length > MOST_POINTS) this.thin();
  }

  thin() {
    const half = this.time.length >> 1;
    for (const series of [this.time, this.pace, this.best, this.median, this.worst, ...this.own.values()]) {
      const kept = series.filter((_, k) => k >= half || k % 2 === 0);
      series.length = 0;
      for (const value of kept) series.push(value);
    }
  }
}

function rates(before, now) {
  const seconds = now.time - before.time;
  const grown = (a, b) => Math.max((b ?? 0) - (a ?? 0), 0) / seconds;
  const found = { births: grown(before.mesh.births, now.mesh.births), immigrants: grown(before.mesh.immigrants, now.mesh.immigrants), deaths: {} };
  for (const cause of Object.keys(now.mesh.deaths)) found.deaths[cause] = grown(before.mesh.deaths[cause], now.mesh.deaths[cause]);
  return found;
}
