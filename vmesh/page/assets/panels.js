// The panels that are words and bars: figures at a glance, the front's table, the population, births and deaths, one worker, the log.
import { $, element, setText } from "./dom.js";
import { bytes, clock, number, quantity, r2, words } from "./format.js";
import { typeset } from "./mathml.js";

const MOST_LOGGED = 1000;
const LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"];
const NAMES = { age: "age in ticks", size: "size in nodes", energy: "energy" };

export function figures(state) {
  const { mesh } = state.view;
  const chosen = state.front.find((row) => row.chosen);
  const told = [
    ["workers", `${mesh.answering}/${mesh.workers}`, "workers"], ["best", number(mesh.best_loss, 5), "best loss"], ["r2", r2(mesh.best_r2), "R²"],
    ["pace", `${quantity(mesh.evaluations_per_second)}/s`, "evaluations per second"], ["evaluations", quantity(mesh.evaluations), "evaluations"],
    ["living", quantity(mesh.living), "living organisms"], ["memory", bytes(mesh.memory_bytes), "memory"],
    ["cpu", mesh.cpu ? mesh.cpu.toFixed(1) : "–", "cores busy"], ["size", chosen ? String(chosen.size) : "–", "size recommended"],
  ];
  for (const [key, value, label] of told) {
    let box = $(`figure-${key}`);
    if (!box) {
      box = element("b", { id: `figure-${key}` });
      $("figures").append(element("div", { class: "figure" }, box, element("span", {}, label)));
    }
    setText(box, value);
  }
}

export function front(state) {
  const rows = state.front;
  const { data } = state.view.mesh;
  setText($("front-note"), rows.length ? `${rows.length} formulas${data?.target ? ` for ${data.target}` : ""}; ★ recommended` : "");
  if (!rows.length) return $("front").replaceChildren(element("p", { class: "empty" }, "No formula yet: the first ones come within seconds."));
  const head = element("tr", {}, ...["size", "loss", "R²"].map((name) => element("th", {}, name)), element("th", { class: "formula" }, "formula"), element("th", {}, "worker"), element("th"));
  const lines = rows.map((row) => element("tr", row.chosen ? { class: "chosen" } : {},
    element("td", {}, String(row.size)), element("td", {}, number(row.loss)), element("td", {}, r2(row.r2)),
    element("td", { class: "formula", title: row.formula }, typeset(row.mathml, row.formula)), element("td", {}, row.worker),
    element("td", {}, element("button", { type: "button", class: "copy", onclick: (event) => copied(event.target, row.formula) }, "copy"))));
  return $("front").replaceChildren(element("table", {}, element("thead", {}, head), element("tbody", {}, ...lines)));
}

async function copied(button, text) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "copied";
  } catch {
    button.textContent = "not allowed";
  }
  setTimeout(() => { button.textContent = "copy"; }, 1500);
}

export function population(histograms, whose) {
  setText($("population-note"), whose);
  for (const [name, label] of Object.entries(NAMES)) {
    const { edges, counts } = histograms[name];
    let figure = $(`histogram-${name}`);
    if (!figure || figure.dataset.bins !== String(edges.length)) {
      figure?.remove();
      const bars = element("div", { class: "bars" }, ...edges.map(() => element("i")));
      const ticks = element("div", { class: "ticks" }, ...edges.map((edge, k) => element("span", {}, k % 3 === 0 ? quantity(edge) : "")));
      figure = element("figure", { class: "histogram", id: `histogram-${name}` }, element("figcaption", {}, label), bars, ticks);
      figure.dataset.bins = String(edges.length);
      $("population").append(figure);
    }
    const most = Math.max(...counts, 1);
    [...figure.querySelectorAll("i")].forEach((bar, k) => {
      bar.style.height = `${(100 * counts[k]) / most}%`;
      bar.title = `from ${quantity(edges[k])}: ${counts[k]}`;
    });
  }
}

export function fates(state) {
  const { mesh } = state.view, rates = state.rates;
  const told = [["births", mesh.births, rates?.births, true], ["immigrants", mesh.immigrants, rates?.immigrants, true]];
  for (const [cause, total] of Object.entries(mesh.deaths)) told.push([words(cause), total, rates?.deaths[cause], false]);
  const most = Math.max(...told.map((one) => one[2] ?? 0), 1e-9);
  for (const [name, total, rate, birth] of told) {
    const id = `fate-${name.replace(/\W+/g, "-")}`;
    let line = $(id);
    if (!line) {
      line = element("div", { class: birth ? "fate birth" : "fate", id }, element("em", {}, name), element("div", { class: "track" }, element("i")), element("b"), element("span"));
      $("fates").append(line);
    }
    line.querySelector("i").style.width = `${(100 * (rate ?? 0)) / most}%`;
    setText(line.querySelector("b"), rate === undefined ? "–" : `${quantity(rate)}/s`);
    setText(line.querySelector("span"), quantity(total));
  }
}

export function worker(told, doings) {
  setText($("worker-name"), told.name);
  const pairs = [
    ["state", told.silent ? `silent: ${told.silent}` : told.state], ["up", clock(told.uptime)], ["tick", `${told.tick}, era ${told.era}`], ["best loss", number(told.best_loss, 6)],
    ["memory", `${bytes(told.memory_bytes)} and sandbox ${bytes(told.sandbox_memory_bytes)} of ${bytes(told.memory_limit_bytes)}`],
    ["sandbox restarts", String(told.sandbox_restarts)], ["checkpoint", told.checkpoint_error || (told.checkpoint_age === null ? "none yet" : `${clock(told.checkpoint_age)} ago, ${bytes(told.checkpoint_bytes)}`)],
    ["exchange", `${quantity(told.exchange.sent_organisms ?? 0)} sent, ${quantity(told.exchange.accepted ?? 0)} taken in`],
    ["neighbours", told.neighbours.map((one) => one[0]).join(", ") || "none"], ["table", `${told.data.url} v${told.data.version}, ${told.data.rows} rows`], ["admin", told.admin],
  ];
  $("worker").replaceChildren(element("div", { class: "doings" }, ...doings), element("dl", {}, ...pairs.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])));
}

export class Log {
  constructor(node) {
    this.node = node;
    this.lines = [];
    $("level").addEventListener("change", () => this.redraw());
    $("search").addEventListener("input", () => this.redraw());
  }

  take(lines) {
    this.lines.push(...lines);
    if (this.lines.length > 2 * MOST_LOGGED) this.lines.splice(0, this.lines.length - MOST_LOGGED);
    const below = this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < 40;
    this.node.append(...lines.filter((line) => this.wanted(line)).map(shown));
    while (this.node.childElementCount > MOST_LOGGED) this.node.firstChild.remove();
    if (below) this.node.scrollTop = this.node.scrollHeight; // who has scrolled up reads
  }

  wanted([, name, level, text]) {
    const search = $("search").value.toLowerCase();
    return LEVELS.indexOf(level) >= LEVELS.indexOf($("level").value) && (!search || `${name} ${text}`.toLowerCase().includes(search));
  }

  redraw() {
    this.node.replaceChildren(...this.lines.filter((line) => this.wanted(line)).slice(-MOST_LOGGED).map(shown));
    this.node.scrollTop = this.node.scrollHeight;
  }
}

function shown([time, name, level, text]) {
  return element("div", { class: LEVELS.includes(level) ? level : "INFO" }, `${new Date(1000 * time).toTimeString().slice(0, 8)} ${name} ${level} ${text}`);
}
