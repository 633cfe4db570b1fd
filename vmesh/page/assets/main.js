// The main flow: events come, the state takes them, each panel draws itself once.
import { ask, toast } from "./actions.js";
import { FrontChart, LossChart, PaceChart } from "./charts.js";
import { $, element, setText } from "./dom.js";
import { number } from "./format.js";
import { Graph } from "./graph.js";
import * as panels from "./panels.js";
import { Replay } from "./replay.js";
import { State } from "./state.js";
import { Workers } from "./workers.js";

const THEMES = ["auto", "light", "dark"];
const dark = matchMedia("(prefers-color-scheme: dark)");
const log = new panels.Log($("log"));
const workers = new Workers($("workers"), select);
const graph = new Graph($("graph"), select);
const loss = new LossChart($("loss-chart")), pace = new PaceChart($("pace-chart")), front = new FrontChart($("front-chart"));
let state = null, due = false, front_drawn = null, replay = null;

function theme() {
  const named = document.documentElement.dataset.theme;
  return named === "auto" ? (dark.matches ? "dark" : "light") : named;
}

function draw() {
  due = false;
  if (!state?.view || document.hidden) return;
  panels.figures(state);
  if (front_drawn !== state.front) {
    panels.front(state);
    front_drawn = state.front;
  }
  panels.fates(state);
  if (!state.selected) panels.population(state.view.mesh, "of the whole mesh");
  workers.take(state);
  graph.take(state, theme());
  loss.draw(state, theme());
  pace.draw(state, theme());
  front.draw(state, theme());
  const best = state.view.mesh.best_loss;
  document.title = `${best === null ? "" : `${number(best)} · `}${state.begin.title} · vmesh`;
}

function soon() {
  if (!due) {
    due = true;
    requestAnimationFrame(draw);
  }
}

function select(name) {
  if (!state) return;
  state.selected = state.selected === name ? null : name;
  if (state.selected) look_at(state.selected);
  else {
    setText($("worker-name"), "");
    $("worker").replaceChildren(element("p", { class: "empty" }, "Select a worker in the graph or the table."));
  }
  soon();
}

async function look_at(name) {
  try {
    const answer = await fetch(`worker/${encodeURIComponent(name)}`);
    const told = await answer.json();
    if (!answer.ok || state.selected !== name) return;
    const replayed = state.begin.kind === "replayed";
    panels.worker(told, replayed ? [] : ["pause", "resume", "checkpoint", "parameters", "inject", "drain"].map((command) => element("button", { type: "button", onclick: () => ask(command, [name]) }, command)));
    panels.population(told, `of ${name}`);
  } catch {
    // the stream tells when the server is gone
  }
}

function connection(kind, text) {
  $("dot").className = `dot ${kind}`;
  setText($("state"), text);
}

function described(view) {
  const states = view.workers.map((row) => state.get(row, "state"));
  const of = (name) => states.filter((one) => one === name).length;
  const parts = [["running", of("running")], ["paused", of("paused")], ["draining", of("draining")], ["silent", of("silent")]];
  return parts.filter((part) => part[1]).map(([name, n]) => `${n} ${name}`).join(", ") || "no worker";
}

function listen() {
  const stream = new EventSource("live");
  stream.addEventListener("begin", (event) => {
    const selected = state?.selected ?? null;
    state = new State(JSON.parse(event.data));
    state.selected = selected;
    setText($("title"), state.begin.title);
    replay = state.begin.kind === "replayed" ? new Replay(state.begin) : null;
    for (const button of document.querySelectorAll("[data-do]")) button.hidden = replay !== null; // what has ended cannot be changed
    log.lines = [];
    log.take(state.begin.lines);
    log.redraw();
  });
  stream.addEventListener("past", (event) => state?.take_past(JSON.parse(event.data)));
  stream.addEventListener("view", (event) => {
    const view = JSON.parse(event.data);
    state.take(view);
    if (view.replay) replay.take(view.replay);
    log.take(view.lines);
    connection("live", described(view));
    if (state.selected) look_at(state.selected);
    soon();
  });
  stream.addEventListener("trouble", (event) => connection("lost", JSON.parse(event.data).error));
  stream.addEventListener("refused", (event) => { connection("lost", JSON.parse(event.data).error); stream.close(); });
  stream.onerror = () => connection("lost", "the server does not answer; trying again");
}

function dressed(name) {
  document.documentElement.dataset.theme = name;
  $("theme").textContent = `Theme: ${name}`;
  try { localStorage.setItem("vmesh-theme", name); } catch { /* private windows keep nothing */ }
  soon();
}

let kept = null;
try { kept = localStorage.getItem("vmesh-theme"); } catch { /* as above */ }
dressed(THEMES.includes(kept) ? kept : "auto");
$("theme").addEventListener("click", () => dressed(THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length]));
dark.addEventListener("change", soon);
document.addEventListener("visibilitychange", soon);
for (const button of document.querySelectorAll("[data-do]")) button.addEventListener("click", () => ask(button.dataset.do, null));
addEventListener("error", (event) => toast(`the page had an error: ${event.message}`, true));
listen();
