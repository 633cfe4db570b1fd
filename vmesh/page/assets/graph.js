// The mesh as a graph: hosts as clusters, workers as dots, and what they exchange as lights along the edges.
// Two canvases: one is drawn once for each view, the other one, lights alone, for each frame.

import { by, el, say } from "./dom.js";
import { loss, plural, quantity } from "./format.js";
import { arranged } from "./places.js";
import { colour, onTheme } from "./theme.js";

const MOST_LIGHTS = 420;
const FRAME = 1000 / 42; // ms between two drawings: calm enough
const LASTS = [900, 1700]; // ms that a light travels

export class Graph {
  constructor(store, select) {
    this.store = store;
    this.select = select;
    this.place = by("graph");
    this.still = el("canvas", { "aria-hidden": "true" });
    this.moving = el("canvas", { "aria-hidden": "true" });
    this.place.append(this.still, this.moving);
    this.names = "";
    this.lights = [];
    this.links = null;
    this.hovered = -1;
    this.drawn = 0;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.visible = true;
    new IntersectionObserver(([entry]) => { this.visible = entry.isIntersecting; }).observe(this.place);
    new ResizeObserver(() => { this.names = ""; if (this.store.view) this.update(false); }).observe(this.place);
    onTheme(() => { if (this.store.view) this.#still(); });
    this.place.addEventListener("pointermove", event => this.#hover(event));
    this.place.addEventListener("pointerleave", () => { this.hovered = -1; this.#still(); });
    this.place.addEventListener("click", event => { this.#hover(event); if (this.hovered >= 0) this.select(this.store.names()[this.hovered]); });
    this.place.addEventListener("keydown", event => this.#key(event));
    requestAnimationFrame(now => this.#frame(now));
  }

  update(fresh = true) {
    if (document.hidden) return;
    const names = this.store.names();
    const [width, height] = [this.place.clientWidth, this.place.clientHeight];
    if (!width || !height) return;
    if (names.join() !== this.names) {
      this.names = names.join();
      this.#sized(width, height);
      this.layout = arranged(names, width, height);
      this.lights = [];
    }
    this.#still();
    if (fresh) this.#send();
    this.#legend();
  }

  #sized(width, height) {
    const scale = Math.min(window.devicePixelRatio || 1, 2);
    for (const canvas of [this.still, this.moving]) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
      canvas.getContext("2d").setTransform(scale, 0, 0, scale, 0, 0);
    }
    [this.width, this.height] = [width, height];
  }

  // --- what stands still ---

  #still() {
    if (!this.layout || this.layout.points.length !== this.store.rows.length * 2) return;
    const pen = this.still.getContext("2d");
    pen.clearRect(0, 0, this.width, this.height);
    this.#hosts(pen);
    this.#edges(pen);
    this.#dots(pen);
    this.#marks(pen);
    this.#tell();
  }

  #hosts(pen) {
    const { hosts } = this.layout;
    pen.font = "500 11px Inter, system-ui, sans-serif";
    pen.textAlign = "center";
    for (const { name, x, y, radius, members } of hosts) {
      pen.beginPath();
      pen.arc(x, y, radius + 5, 0, 7);
      pen.fillStyle = colour("--raised");
      pen.globalAlpha = 0.6;
      pen.fill();
      pen.globalAlpha = 1;
      pen.fillStyle = colour("--soft");
      const room = Math.max(40, this.width / Math.min(hosts.length, 4) - 10);
      pen.fillText(fitted(pen, hosts.length > 1 ? name : `${name} · ${plural(members.length, "worker")}`, room), x, Math.min(y + radius + 18, this.height - 3));
    }
  }

  #edges(pen) {
    const { points } = this.layout;
    const near = new Path2D(), own = new Path2D();
    const chosen = this.#chosen();
    for (const [i, j] of this.store.links) {
      if (i * 2 >= points.length || j * 2 >= points.length) continue;
      const path = i === chosen || j === chosen ? own : near;
      path.moveTo(points[2 * i], points[2 * i + 1]);
      path.lineTo(points[2 * j], points[2 * j + 1]);
    }
    pen.lineWidth = 0.7;
    pen.strokeStyle = colour("--edge");
    pen.globalAlpha = Math.max(0.05, Math.min(0.35, 26 / Math.max(1, this.store.links.length) + 0.05));
    pen.stroke(near);
    pen.globalAlpha = 0.9;
    pen.lineWidth = 1.2;
    pen.strokeStyle = colour("--c2");
    pen.stroke(own);
    pen.globalAlpha = 1;
  }

  #chosen() {
    return this.hovered >= 0 ? this.hovered : this.store.place.get(this.store.selected) ?? -1;
  }

  /** Colour and shape tell the state; of those that run, how near they are to the best of all. */
  #dots(pen) {
    const { points, reach } = this.layout;
    const { rows, column, mesh } = this.store;
    const best = Math.log10(Math.max(mesh.best_loss ?? 1, 1e-18));
    const batches = new Map();
    rows.forEach((row, k) => {
      const state = row[column.state];
      let kind = state;
      if (state === "running") {
        const behind = row[column.best_loss] === null ? 9 : Math.log10(Math.max(row[column.best_loss], 1e-18)) - best;
        kind = behind < 0.05 ? "--near" : behind < 0.7 ? "--middle" : "--far";
      }
      if (!batches.has(kind)) batches.set(kind, new Path2D());
      const path = batches.get(kind), [x, y] = [points[2 * k], points[2 * k + 1]];
      if (kind === "silent") {
        path.moveTo(x - reach, y - reach);
        path.lineTo(x + reach, y + reach);
        path.moveTo(x - reach, y + reach);
        path.lineTo(x + reach, y - reach);
      } else if (kind === "draining") {
        path.rect(x - reach * 0.85, y - reach * 0.85, reach * 1.7, reach * 1.7);
      } else {
        path.moveTo(x + reach, y);
        path.arc(x, y, kind === "paused" ? reach * 0.8 : reach, 0, 7);
      }
    });
    pen.lineWidth = 1.8;
    for (const [kind, path] of batches) {
      pen.strokeStyle = pen.fillStyle = colour(kind.startsWith("--") ? kind : `--${kind}`);
      if (kind === "paused" || kind === "silent") {
        if (kind === "paused") { pen.fillStyle = colour("--panel"); pen.fill(path); }
        pen.stroke(path);
      } else pen.fill(path);
    }
  }

  #marks(pen) {
    const { points, reach } = this.layout;
    const ring = (k, token) => {
      pen.beginPath();
      pen.arc(points[2 * k], points[2 * k + 1], reach + 3.5, 0, 7);
      pen.lineWidth = 2;
      pen.strokeStyle = colour(token);
      pen.stroke();
    };
    const best = this.store.place.get(this.store.mesh.best_worker);
    if (best !== undefined) ring(best, "--ink");
    if (this.#chosen() >= 0) ring(this.#chosen(), "--c2");
  }

  #tell() {
    const row = this.store.rows[this.hovered];
    const moved = this.store.links.reduce((sum, [, , n]) => sum + n, 0);
    say(by("mesh-readout"), row
      ? `${this.store.value(row, "name")} · ${this.store.value(row, "state")} · best ${loss(this.store.value(row, "best_loss"))} · ${quantity(this.store.value(row, "evaluations_per_second"))}/s`
      : this.store.rows.length > 1 ? `${moved === 1 ? "1 organism" : `${quantity(moved)} organisms`} exchanged since the last look` : "exchange begins with a second worker");
  }

  #legend() {
    const place = by("mesh-legend");
    if (place.children.length) return;
    const entry = (kind, shape, words) => el("span", { class: kind }, el("span", { class: `dot ${shape}` }), el("span", { class: "soft" }, words));
    place.append(el("span", {}, "far", el("i", { class: "ramp" }), "near the best"), entry("paused", "ring", "paused"),
      entry("draining", "square", "draining"), entry("silent", "cross", "silent"));
  }

  // --- what moves ---

  /** Lights for what was sent since the view before; of many, some by chance. */
  #send() {
    if (this.calm.matches) return;
    const busy = this.store.links.filter(([i, j, n]) => n > 0 && 2 * Math.max(i, j) < this.layout.points.length);
    const chance = Math.min(1, (MOST_LIGHTS * 0.8) / Math.max(1, busy.length));
    const now = performance.now();
    for (const [i, j] of busy) {
      if (this.lights.length >= MOST_LIGHTS) break;
      if (Math.random() > chance) continue;
      this.lights.push({ i, j, start: now + Math.random() * 950, lasts: LASTS[0] + Math.random() * (LASTS[1] - LASTS[0]) });
    }
  }

  #frame(now) {
    requestAnimationFrame(later => this.#frame(later));
    if (!this.layout || !this.visible || now - this.drawn < FRAME) return;
    if (!this.lights.length && !this.dirty) return;
    this.drawn = now;
    const pen = this.moving.getContext("2d"), { points } = this.layout;
    pen.clearRect(0, 0, this.width, this.height);
    pen.fillStyle = colour("--light");
    pen.beginPath();
    const size = this.store.rows.length > 60 ? 2.2 : 4;
    this.lights = this.lights.filter(light => now < light.start + light.lasts);
    for (const { i, j, start, lasts } of this.lights) {
      if (now < start) continue;
      const t = (now - start) / lasts, eased = t * t * (3 - 2 * t);
      const x = points[2 * i] + (points[2 * j] - points[2 * i]) * eased, y = points[2 * i + 1] + (points[2 * j + 1] - points[2 * i + 1]) * eased;
      if (size > 3) { pen.moveTo(x + size / 2, y); pen.arc(x, y, size / 2, 0, 7); } else pen.rect(x - size / 2, y - size / 2, size, size);
    }
    pen.fill();
    this.dirty = this.lights.length > 0;
  }

  // --- who is pointed at ---

  #hover(event) {
    if (!this.layout) return;
    const box = this.place.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const { points, reach } = this.layout;
    let near = -1, least = (reach + (event.pointerType === "mouse" ? 6 : 14)) ** 2;
    for (let k = 0; k < points.length / 2; k++) {
      const distance = (points[2 * k] - x) ** 2 + (points[2 * k + 1] - y) ** 2;
      if (distance < least) [near, least] = [k, distance];
    }
    this.place.style.cursor = near >= 0 ? "pointer" : "default";
    if (near !== this.hovered) { this.hovered = near; this.#still(); }
  }

  #key(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const count = this.store.rows.length;
    if (step && count) {
      this.hovered = (this.hovered + step + count) % count;
      this.#still();
      event.preventDefault();
    } else if (event.key === "Enter" && this.hovered >= 0) this.select(this.store.names()[this.hovered]);
  }
}

function fitted(pen, text, room) {
  if (pen.measureText(text).width <= room) return text;
  let kept = text.length;
  while (kept > 3 && pen.measureText(`${text.slice(0, kept)}…`).width > room) kept--;
  return `${text.slice(0, kept)}…`;
}
