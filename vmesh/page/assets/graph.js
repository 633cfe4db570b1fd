// The mesh: machines as circles of workers, links between them, and what was exchanged as lights that move along.
// Links are drawn once into a layer of their own; each frame copies it and draws the lights.
import { $, color } from "./dom.js";
import { number } from "./format.js";

const MOST_LIGHTS = 600;
const STATES = { running: "--good", paused: "--warn", draining: "--warn", silent: "--bad" };
const still = matchMedia("(prefers-reduced-motion: reduce)");

export class Graph {
  constructor(canvas, select) {
    this.canvas = canvas;
    this.select = select;
    this.layer = document.createElement("canvas");
    this.places = [];
    this.lights = [];
    this.key = "";
    this.shown = true;
    canvas.addEventListener("pointermove", (event) => this.point(event));
    canvas.addEventListener("pointerleave", () => { $("graph-tip").hidden = true; });
    canvas.addEventListener("click", (event) => { const k = this.near(event); if (k >= 0) this.select(this.names[k]); });
    new ResizeObserver(() => { this.key = ""; }).observe(canvas);
    new IntersectionObserver((seen) => { this.shown = seen.at(-1).isIntersecting; }).observe(canvas);
    const frame = (now) => { if (!document.hidden && this.shown) this.frame(now); requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
  }

  take(state, theme) {
    this.state = state;
    const { view } = state;
    this.names = view.workers.map((row) => state.get(row, "name"));
    const states = view.workers.map((row) => state.get(row, "state"));
    const key = [theme, this.names.join(), states.join(), view.links.map((link) => `${link[0]}-${link[1]}`).join(), state.selected, this.canvas.clientWidth].join("|");
    if (key !== this.key || !this.places.length) {
      this.key = key;
      this.place();
      this.paint(states, view.links);
    }
    this.send(view.links);
    if (this.dirty && !document.hidden) this.frame(performance.now());
  }

  place() {
    const width = this.canvas.clientWidth || 300, height = this.canvas.clientHeight || 300, ratio = devicePixelRatio || 1;
    for (const canvas of [this.canvas, this.layer]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    this.size = [width, height];
    const hosts = new Map();
    this.names.forEach((name, k) => {
      const host = name.slice(0, Math.max(name.lastIndexOf("/"), 0));
      hosts.set(host, [...(hosts.get(host) ?? []), k]);
    });
    const many = hosts.size, around = many > 1;
    const rx = around ? width * 0.38 : 0, ry = around ? height * 0.34 : 0;
    const room = around ? Math.min((Math.PI * (rx + ry)) / many / 2.3, Math.min(width, height) * 0.16) : Math.min(width, height) * 0.38;
    this.places = new Array(this.names.length);
    this.labels = [];
    [...hosts].forEach(([host, members], h) => {
      const angle = (2 * Math.PI * h) / many - Math.PI / 2;
      const cx = width / 2 + rx * Math.cos(angle), cy = height / 2 + ry * Math.sin(angle);
      const radius = members.length === 1 ? 0 : room;
      members.forEach((k, m) => {
        const turn = (2 * Math.PI * m) / members.length - Math.PI / 2;
        this.places[k] = [cx + radius * Math.cos(turn), cy + radius * Math.sin(turn)];
      });
      this.labels.push([host, cx, cy]);
    });
    this.dot = Math.max(2.2, Math.min(7, (2 * Math.PI * room) / Math.max(...[...hosts.values()].map((m) => m.length)) / 3.2));
  }

  paint(states, links) {
    const pen = this.layer.getContext("2d"), [width, height] = this.size;
    pen.clearRect(0, 0, width, height);
    pen.strokeStyle = color("--soft");
    pen.globalAlpha = Math.max(0.08, Math.min(0.5, 60 / Math.max(links.length, 1)));
    pen.lineWidth = 1;
    pen.beginPath();
    for (const [i, j] of links) {
      pen.moveTo(...this.places[i]);
      pen.lineTo(...this.places[j]);
    }
    pen.stroke();
    pen.globalAlpha = 1;
    for (const state of Object.keys(STATES)) {
      pen.fillStyle = color(STATES[state]);
      pen.beginPath();
      states.forEach((one, k) => {
        if (one !== state) return;
        const [x, y] = this.places[k];
        pen.moveTo(x + this.dot, y);
        pen.arc(x, y, this.dot, 0, 2 * Math.PI);
      });
      pen.fill();
    }
    const chosen = this.names.indexOf(this.state.selected);
    if (chosen >= 0) {
      pen.strokeStyle = color("--fill2");
      pen.lineWidth = 2.5;
      pen.beginPath();
      pen.arc(...this.places[chosen], this.dot + 3, 0, 2 * Math.PI);
      pen.stroke();
    }
    pen.fillStyle = color("--ink");
    pen.font = "11px system-ui";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    for (const [host, x, y] of this.labels) pen.fillText(host.length > 18 ? `${host.slice(0, 17)}…` : host, x, this.names.length > 1 ? y : y + 18);
    this.light = color("--fill2");
    this.dirty = true;
  }

  send(links) {
    const moved = links.filter((link) => link[2] > 0);
    const now = performance.now(), share = Math.min(1, (MOST_LIGHTS - this.lights.length) / Math.max(moved.length, 1));
    for (const [i, j, n] of moved) {
      if (still.matches || Math.random() > share) continue;
      this.lights.push([i, j, now + Math.random() * 700, 650 + Math.random() * 350, Math.min(1.4 + Math.sqrt(n) / 3, 3)]);
    }
    const all = moved.reduce((sum, link) => sum + link[2], 0);
    $("graph-note").textContent = `${links.length} links, ${all} organisms in the last second`;
  }

  frame(now) {
    if (!this.places.length || (!this.lights.length && !this.dirty)) return;
    this.dirty = false;
    const pen = this.canvas.getContext("2d"), [width, height] = this.size;
    pen.clearRect(0, 0, width, height);
    pen.drawImage(this.layer, 0, 0, width, height);
    pen.fillStyle = this.light;
    pen.beginPath();
    const kept = [];
    for (const light of this.lights) {
      const [i, j, begin, span, size] = light, share = (now - begin) / span;
      if (share >= 1 || !this.places[i] || !this.places[j]) continue;
      kept.push(light);
      if (share < 0) continue;
      const [x, y] = this.places[i], [u, v] = this.places[j], px = x + (u - x) * share, py = y + (v - y) * share;
      pen.moveTo(px + size, py);
      pen.arc(px, py, size, 0, 2 * Math.PI);
    }
    pen.fill();
    if (this.lights.length && !kept.length) this.dirty = true;
    this.lights = kept;
  }

  near(event) {
    const box = this.canvas.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    let best = -1, least = 18 ** 2;
    this.places.forEach(([u, v], k) => {
      const far = (u - x) ** 2 + (v - y) ** 2;
      if (far < least) [best, least] = [k, far];
    });
    return best;
  }

  point(event) {
    const k = this.near(event), tip = $("graph-tip");
    tip.hidden = k < 0;
    this.canvas.style.cursor = k < 0 ? "default" : "pointer";
    if (k < 0) return;
    const row = this.state.view.workers[k];
    tip.textContent = `${this.names[k]}: ${this.state.get(row, "state")}, best loss ${number(this.state.get(row, "best_loss"))}`;
    tip.style.left = `${Math.min(this.places[k][0] + 10, this.size[0] - tip.offsetWidth)}px`;
    tip.style.top = `${Math.max(this.places[k][1] - 26, 0)}px`;
  }
}
