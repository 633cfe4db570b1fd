// The table of workers: only the rows in sight exist, so hundreds cost no more than twenty.
import { $, color, element, setText } from "./dom.js";
import { bytes, clock, number, quantity, r2 } from "./format.js";

const ROW = 30;
const OLD = 300; // s after which a checkpoint is old
const COLUMNS = [
  ["worker", "name"], ["state", "state"], ["tick", "tick"], ["evals/s", "evaluations_per_second"], ["best loss", "best_loss"], ["pace", null],
  ["R²", "best_r2"], ["memory", "memory_bytes"], ["cpu", "cpu"], ["checkpoint", "checkpoint_age"], ["living", "living"],
];
const natural = new Intl.Collator("en", { numeric: true });

export class Workers {
  constructor(node, select) {
    this.node = node;
    this.select = select;
    [this.order, this.falling, this.filter] = ["name", false, ""];
    this.head = element("div", { class: "row head", role: "row" });
    for (const [label, name] of COLUMNS) {
      this.head.append(element("span", { role: "columnheader" }, name ? element("button", { type: "button", onclick: () => this.sort(name) }, label) : label));
    }
    this.body = element("div", { class: "rows", role: "rowgroup" });
    node.append(this.head, this.body);
    this.pool = [];
    node.addEventListener("scroll", () => this.render());
    node.addEventListener("keydown", (event) => this.key(event));
    $("filter").addEventListener("input", (event) => { this.filter = event.target.value.toLowerCase(); this.arrange(); });
  }

  take(state) {
    this.state = state;
    this.arrange();
  }

  sort(name) {
    this.falling = name === this.order ? !this.falling : !["name", "state", "best_loss"].includes(name);
    this.order = name;
    this.arrange();
  }

  arrange() {
    const { state } = this;
    if (!state?.view) return;
    const wanted = this.filter.split(/\s+/).filter(Boolean);
    const get = (row) => state.get(row, this.order);
    this.rows = state.view.workers.filter((row) => wanted.every((word) => `${state.get(row, "name")} ${state.get(row, "state")}`.toLowerCase().includes(word)));
    this.rows.sort((a, b) => {
      const [x, y] = [get(a), get(b)];
      if (x === null || y === null) return (x === null) - (y === null);
      return (this.falling ? -1 : 1) * (typeof x === "string" ? natural.compare(x, y) : x - y);
    });
    this.body.style.height = `${this.rows.length * ROW}px`;
    const silent = Object.keys(state.view.silent).length;
    $("workers-note").textContent = `${this.rows.length} of ${state.view.workers.length}${silent ? `, ${silent} silent: ${Object.entries(state.view.silent).slice(0, 3).map((pair) => pair.join(" ")).join("; ")}` : ""}`;
    this.render();
  }

  render() {
    if (!this.rows) return;
    const first = Math.max(0, Math.floor(this.node.scrollTop / ROW) - 2);
    const most = Math.min(this.rows.length - first, Math.ceil((this.node.clientHeight || 400) / ROW) + 4);
    while (this.pool.length < most) this.pool.push(this.make());
    this.pool.forEach((line, k) => {
      line.node.hidden = k >= most;
      line.node.style.display = k < most ? "" : "none";
      if (k < most) this.fill(line, this.rows[first + k], first + k);
    });
  }

  make() {
    const cells = COLUMNS.map(() => element("span", { role: "cell" }));
    const spark = element("canvas", { width: 110, height: 20 });
    const text = element("span"), bar = element("i"), meter = element("span", { class: "meter" }, bar);
    cells[5].append(spark);
    cells[7].append(text, meter);
    const node = element("div", { class: "row", role: "row" }, ...cells);
    node.addEventListener("click", () => this.select(node.dataset.name));
    this.body.append(node);
    return { node, cells, spark, text, bar, meter };
  }

  fill(line, row, place) {
    const get = (name) => this.state.get(row, name), { cells } = line, name = get("name");
    line.node.dataset.name = name;
    line.node.style.transform = `translateY(${place * ROW}px)`;
    line.node.classList.toggle("selected", name === this.state.selected);
    setText(cells[0], name);
    setText(cells[1], get("state"));
    cells[1].className = get("state");
    setText(cells[2], quantity(get("tick")));
    setText(cells[3], quantity(get("evaluations_per_second")));
    setText(cells[4], number(get("best_loss"), 5));
    setText(cells[6], r2(get("best_r2")));
    const limit = get("memory_limit_bytes"), share = limit ? get("memory_bytes") / limit : 0;
    setText(line.text, bytes(get("memory_bytes")));
    line.meter.title = limit ? `of ${bytes(limit)}` : "no limit";
    line.meter.classList.toggle("full", share > 0.9);
    line.bar.style.width = `${Math.min(100, 100 * share)}%`;
    setText(cells[8], get("cpu") === null ? "–" : get("cpu").toFixed(2));
    const failed = get("checkpoint_error"), age = get("checkpoint_age");
    setText(cells[9], failed ? "FAILED" : age === null ? "none" : `${clock(age)} ago`);
    cells[9].className = failed ? "failed" : age !== null && age > OLD ? "late" : "";
    cells[9].title = failed || `${bytes(get("checkpoint_bytes"))} at tick ${get("checkpoint_tick")}`;
    setText(cells[10], quantity(get("living")));
    sparkline(line.spark, this.state.recent.get(name) ?? []);
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !this.rows?.length) return;
    event.preventDefault();
    const now = this.rows.findIndex((row) => this.state.get(row, "name") === this.state.selected);
    const next = Math.min(Math.max(now + step, 0), this.rows.length - 1);
    this.node.scrollTop = Math.max(Math.min(this.node.scrollTop, next * ROW), (next + 2) * ROW - this.node.clientHeight);
    this.select(this.state.get(this.rows[next], "name"));
  }
}

function sparkline(canvas, values) {
  const pen = canvas.getContext("2d"), top = Math.max(...values, 1e-9);
  pen.clearRect(0, 0, 110, 20);
  pen.strokeStyle = color("--accent");
  pen.lineWidth = 1.3;
  pen.beginPath();
  values.forEach((value, k) => pen.lineTo(2 + (106 * k) / Math.max(values.length - 1, 1), 18 - (16 * value) / top));
  pen.stroke();
}
