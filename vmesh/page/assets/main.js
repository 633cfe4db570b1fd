// The page's flow: the stream fills the store, and every part shows what it holds, once for each view.

import { Actions } from "./actions.js";
import { Best } from "./best.js";
import { by, el, say } from "./dom.js";
import { Drawer } from "./drawer.js";
import { Front } from "./front.js";
import { Graph } from "./graph.js";
import { Header } from "./header.js";
import { Log } from "./log.js";
import { Population } from "./population.js";
import { Lives, Pace } from "./rates.js";
import { Replay } from "./replay.js";
import { Store } from "./store.js";
import { watch } from "./stream.js";
import { startTheme } from "./theme.js";
import { Workers } from "./workers.js";

startTheme();
const store = new Store();
const actions = new Actions(store);
const workers = new Workers(store, select);
const log = new Log(store);
const drawer = new Drawer(store, actions, select);
const best = new Best(store);
const graph = new Graph(store, select);
const parts = [new Header(store, filter), new Front(store, select), best, graph, new Pace(store), new Lives(store), new Population(store), workers,
  log, new Replay(store), drawer];

/** Shows one worker, or (null) none, wherever workers are shown. */
function select(name) {
  store.selected = name !== null && name === store.selected ? null : name;
  drawer.open(store.selected);
  best.update();
  workers.update();
  graph.update(false);
}

function filter(state) {
  workers.only(state);
  by("workers-heading").scrollIntoView({ behavior: "smooth", block: "start" });
}

let begun = false;
watch({
  begin(content) { store.begin(content); begun = false; },
  past(content) { store.past(content); },
  view(content) {
    store.take(content);
    for (const part of parts) part.update();
    if (!begun) log.all();
    begun = true;
    document.body.dataset.views = String(Number(document.body.dataset.views ?? 0) + 1);
    if (!performance.getEntriesByName("interactive").length) performance.mark("interactive");
  },
  connection(state, words) {
    by("connection").className = `connection ${state}`;
    say(by("connection").lastElementChild, state === "live" ? (store.kind === "live" ? "live" : store.kind) : "no connection");
    say(by("notice"), state === "live" ? "" : `${words[0].toUpperCase()}${words.slice(1)} …`);
    by("notice").hidden = state === "live";
  },
});

document.addEventListener("visibilitychange", () => { if (!document.hidden && store.view) for (const part of parts) part.update(); });
for (const button of document.querySelectorAll("[data-do]")) {
  button.addEventListener("click", () => {
    if (by("more").matches(":popover-open")) by("more").hidePopover();
    if (store.view) actions.start(button.dataset.do);
  });
}
by("front-table").replaceChildren(el("p", { class: "empty" }, "waiting for the first look at the mesh …"));
