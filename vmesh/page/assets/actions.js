// What can be done to workers. Each action says first what will happen to whom, and then what did.

import { asks, tells } from "./dialog.js";
import { el } from "./dom.js";
import { plural } from "./format.js";
import { ask } from "./stream.js";
import { toast } from "./toast.js";

const WORDS = {
  pause: { title: "Pause", agree: "Pause", says: "stop evolving until they are resumed. They stay in the mesh, keep their populations, and answer." },
  resume: { title: "Resume", agree: "Resume", says: "go on evolving where they were paused." },
  checkpoint: { title: "Write checkpoints", agree: "Write", says: "write a checkpoint now, and answer when it is on the disk." },
  drain: { title: "Drain", agree: "Drain", danger: true,
    says: "stop evolving, send their fronts to their neighbours and write a checkpoint, ready to be shut down. A drained worker cannot be resumed from here." },
};

export class Actions {
  constructor(store) {
    this.store = store;
  }

  /** Asks for a command at one worker, or (null) at whom the dialog lets one choose. */
  start(command, worker = null) {
    const whom = new Whom(this.store, worker, command);
    if (command === "parameters") this.#parameters(whom);
    else if (command === "inject") this.#inject(whom);
    else this.#plain(command, whom);
  }

  #plain(command, whom) {
    const { title, agree, says, danger } = WORDS[command];
    asks({ title: `${title} ${whom.title}`, agree, danger, content: [whom.choice, el("p", {}, whom.words, " will ", says)],
      act: () => this.#do(command, whom, {}) });
  }

  #inject(whom) {
    const text = el("textarea", { rows: 3, required: true, spellcheck: "false", placeholder: "2 * x ^ 2 + sin(y)", "aria-label": "Formulas, one a line", autofocus: true });
    const variables = columns(this.store);
    const put = name => { text.setRangeText(/^[A-Za-z_]\w*$/.test(name) ? name : `\`${name}\``, text.selectionStart, text.selectionEnd, "end"); text.focus(); };
    asks({ title: "Inject a formula", agree: "Inject", content: [whom.choice,
      el("p", {}, whom.words, " will take in these formulas as strangers: they are evaluated, and live if they are good enough."),
      el("label", {}, "Formulas, one a line", text),
      el("p", { class: "soft" }, "Operators + - * / ^, functions such as sqrt, exp, log, sin, square."),
      variables.length ? el("div", { class: "columns", "aria-label": "Columns seen in formulas so far" }, variables.map(name => el("button", { type: "button", onclick: () => put(name) }, name))) : null],
    act: () => this.#do("inject", whom, { formulas: text.value.split("\n").map(one => one.trim()).filter(Boolean) }) });
  }

  async #parameters(whom) {
    const search = el("input", { type: "search", placeholder: "Search by name or meaning", "aria-label": "Search parameters", autofocus: true });
    const list = el("div", { class: "list" }, el("p", { class: "empty" }, "asking the workers …"));
    const editor = el("div");
    let settings = [], chosen = null, input = null;
    const { dialog, yes } = asks({ title: "Change a parameter", agree: "Change", content: [whom.choice, search, list, editor],
      act: () => this.#do("parameters", whom, { set: { [chosen.name]: input.value } }) });
    yes.disabled = true;
    const choose = setting => {
      chosen = setting;
      input = setting.choices ? el("select", {}, setting.choices.map(one => el("option", { value: one, selected: one === setting.value }, one)))
        : el("input", { value: setting.value ?? "", placeholder: "the workers have different values", spellcheck: "false", autocomplete: "off" });
      editor.replaceChildren(el("label", {}, `${setting.name}${setting.unit ? ` [${setting.unit}]` : ""}: ${setting.meaning}`, input),
        el("p", { class: "soft" }, whom.words, ` will use the new value from the next tick on. Now: ${setting.value === null ? "not the same everywhere" : setting.value || "empty"}.`));
      yes.disabled = false;
      show();
      input.focus();
    };
    const show = () => {
      const wanted = search.value.trim().toLowerCase();
      const shown = settings.filter(one => `${one.name} ${one.meaning}`.toLowerCase().includes(wanted)).sort((a, b) => b.live - a.live);
      const top = list.scrollTop;
      list.replaceChildren(...shown.map(one => el("button", { type: "button", disabled: !one.live, "aria-pressed": String(one === chosen), onclick: () => choose(one) },
        el("b", {}, one.name), ` ${one.value ?? "(differs)"}${one.unit && one.value !== null ? ` ${one.unit}` : ""} `, el("span", {}, one.live ? one.meaning : `${one.meaning}; fixed at the start of a worker`))));
      if (!shown.length) list.replaceChildren(el("p", { class: "empty" }, "No parameter is called so."));
      list.scrollTop = top;
    };
    search.addEventListener("input", show);
    try {
      ({ settings } = await ask("parameters"));
      show();
    } catch (error) {
      if (dialog.isConnected) list.replaceChildren(el("p", { class: "problem" }, error.message));
    }
  }

  async #do(command, whom, content) {
    const answer = await ask("do", { command, workers: whom.workers, arguments: content });
    const failed = answer.done.filter(one => !one.ok);
    if (failed.length && failed.length === answer.done.length && failed.length === 1) throw new Error(failed[0].error);
    toast(answer.summary, { failed: failed.length > 0, more: answer.done.length > 1 || failed.length ? () => details(answer) : null });
  }
}

/** Whom an action is for: one worker, or a choice among all, the selected one and all of a host. */
class Whom {
  constructor(store, worker, command) {
    this.store = store;
    this.words = el("b");
    const hosts = [...new Set(store.names().map(name => name.slice(0, name.lastIndexOf("/"))))];
    const one = worker ?? store.selected;
    const options = [["all", `all ${plural(store.rows.length, "worker")}`], ...(one ? [[`worker:${one}`, one]] : []),
      ...(hosts.length > 1 ? hosts.map(host => [`host:${host}`, `all workers of ${host}`]) : []),
      ...store.names().filter(name => name !== one).map(name => [`worker:${name}`, name])];
    this.select = el("select", { name: "whom" }, options.map(([value, words]) => el("option", { value, selected: worker !== null && value === `worker:${worker}` }, words)));
    if (command === "inject" && worker === null && store.rows.length) this.select.value = `worker:${store.selected ?? store.mesh.best_worker ?? store.names()[0]}`;
    this.select.addEventListener("change", () => this.#say());
    this.choice = el("label", {}, "Who", this.select);
    this.title = worker ?? "workers";
    this.#say();
  }

  #say() {
    this.words.textContent = this.select.selectedOptions[0]?.textContent ?? "nobody";
  }

  get workers() {
    const [kind, name] = [this.select.value.split(":", 1)[0], this.select.value.slice(this.select.value.indexOf(":") + 1)];
    if (kind === "all") return null;
    return kind === "worker" ? [name] : this.store.names().filter(one => one.startsWith(`${name}/`));
  }
}

/** Who did what: those with the same outcome in one line. */
function details({ summary, done }) {
  const groups = new Map();
  for (const { worker, ok, result, error } of done) {
    const outcome = ok ? described(result) : error;
    const key = `${ok}|${outcome}`;
    if (!groups.has(key)) groups.set(key, { ok, outcome, workers: [] });
    groups.get(key).workers.push(worker);
  }
  const shown = [...groups.values()].sort((a, b) => a.ok - b.ok || b.workers.length - a.workers.length).slice(0, 200);
  tells("What happened", el("p", {}, summary), el("ul", {}, shown.map(({ ok, outcome, workers }) => el("li", {},
    el("b", { class: ok ? "good" : "bad" }, workers.length > 3 ? plural(workers.length, "worker") : workers.join(", ")), `: ${outcome}`,
    workers.length > 3 && !ok ? el("span", { class: "soft" }, ` (${workers.slice(0, 20).join(", ")}${workers.length > 20 ? ", …" : ""})`) : null))));
}

function described(result) {
  if (result === null || typeof result !== "object") return "done";
  const parts = Object.entries(result).filter(([, value]) => value !== null && value !== 0 && !(typeof value === "object" && !Object.keys(value).length));
  return parts.map(([name, value]) => `${name.replaceAll("_", " ")} ${typeof value === "object" ? Object.entries(value).map(([a, b]) => `${a} ${b}`).join(", ") : value}`).join(", ") || "done";
}

/** Names that formulas use and that are no functions: the table's columns, as far as one has seen them. */
function columns(store) {
  const found = new Set();
  for (const { formula } of store.front) {
    for (const [, quoted, word] of formula.matchAll(/`([^`]+)`|([^\W\d]\w*)(?!\w*\s*\()/gu)) found.add(quoted ?? word);
  }
  return [...found].filter(name => name !== "pi").sort().slice(0, 40);
}
