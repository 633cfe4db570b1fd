// What was, on one time axis for all: bounded, because old moments are thinned when it is full.

const MOST = 480; // moments

export class Series {
  constructor() {
    this.time = [];
    this.loss = new Map(); // worker: best loss at each moment
    this.mesh = { best: [], median: [], worst: [], low: [], high: [], pace: [], births: [], deaths: [] };
  }

  /** Curves of the past, each with moments of its own: put onto one axis, a value holds until the next. */
  begin(past) {
    const curves = Object.entries(past?.workers ?? {}).filter(([, curve]) => curve.time?.length);
    Object.assign(this, new Series());
    if (!curves.length) return;
    let first = Infinity, last = -Infinity, longest = 0;
    for (const [, { time }] of curves) {
      first = Math.min(first, time[0]);
      last = Math.max(last, time[time.length - 1]);
      longest = Math.max(longest, time.length);
    }
    const steps = Math.min(Math.max(longest, 2), MOST / 2);
    this.time = Array.from({ length: steps }, (_, k) => first + ((last - first) * k) / (steps - 1));
    const pace = this.time.map(() => null);
    for (const [name, curve] of curves) {
      this.loss.set(name, held(curve.time, curve.best_loss, this.time));
      held(curve.time, curve.evaluations_per_second, this.time).forEach((x, k) => { if (x !== null) pace[k] = (pace[k] ?? 0) + x; });
    }
    this.mesh.pace = pace;
    for (const name of ["births", "deaths"]) this.mesh[name] = this.time.map(() => null);
    this.time.forEach((_, k) => this.#spread(k));
  }

  /** A moment more; `rows`: [name, loss or null]. Earlier ones than the last are not taken. */
  add(time, rows, pace, births, deaths) {
    if (this.time.length && time <= this.time[this.time.length - 1]) return;
    if (this.time.length >= MOST) this.#thin();
    const k = this.time.push(time) - 1;
    const gone = new Set(this.loss.keys());
    for (const [name, loss] of rows) {
      gone.delete(name);
      let kept = this.loss.get(name);
      if (!kept) this.loss.set(name, kept = new Array(k).fill(null));
      kept.push(loss);
    }
    for (const name of gone) {
      const kept = this.loss.get(name);
      kept.push(null);
      if (kept.every(value => value === null)) this.loss.delete(name);
    }
    this.mesh.pace.push(pace);
    this.mesh.births.push(births);
    this.mesh.deaths.push(deaths);
    this.#spread(k);
  }

  #spread(k) {
    const values = [];
    for (const kept of this.loss.values()) if (kept[k] !== null && kept[k] !== undefined) values.push(kept[k]);
    const sorted = Float64Array.from(values).sort();
    const at = part => (sorted.length ? sorted[Math.round((sorted.length - 1) * part)] : null);
    this.mesh.best[k] = at(0);
    this.mesh.low[k] = at(0.1);
    this.mesh.median[k] = at(0.5);
    this.mesh.high[k] = at(0.9);
    this.mesh.worst[k] = at(1);
  }

  /** Every second moment of the older half goes. */
  #thin() {
    const half = this.time.length >> 1;
    const thinned = list => list.filter((_, k) => k >= half || k % 2 === 0);
    this.time = thinned(this.time);
    for (const [name, kept] of this.loss) this.loss.set(name, thinned(kept));
    for (const [name, kept] of Object.entries(this.mesh)) this.mesh[name] = thinned(kept);
  }
}

function held(times, values, wanted) {
  let at = -1;
  return wanted.map(moment => {
    while (at + 1 < times.length && times[at + 1] <= moment) at++;
    return at < 0 ? null : values[at] ?? null;
  });
}
