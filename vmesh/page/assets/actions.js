// What the page may do: each deed says first what will happen to whom, asks, and then tells what became of it.
import { $, element } from "./dom.js";

const DEEDS = {
  pause: ["Pause", "stop evolving until they are resumed. They stay in the mesh, and what they have found is kept."],
  resume: ["Resume", "go on evolving."],
  checkpoint: ["Checkpoint", "write a checkpoint now."],
  drain: ["Drain", "stop evolving for good, send their best to their neighbours and write a checkpoint. Then they can be shut down; to evolve again they have to be restarted."],
  inject: ["Inject", "take in these formulas as strangers, like immigrants. One joins if it is better than what it replaces."],
  parameters: ["Change", "change this setting from the next tick on, until they are restarted."],
};

export function whom(workers) {
  return workers === null ? "all workers" : workers.join(", ");
}

export async function ask(command, workers) {
  const fields = { inject: injected, parameters: settings }[command];
  const [verb, meaning] = DEEDS[command];
  const form = $("form"), dialog = $("dialog");
  const sure = element("button", { value: "yes", class: command === "drain" ? "danger" : "primary" }, verb);
  const made = fields ? await fields(sure) : { nodes: [], read: () => ({}) };
  if (!made) return;
  form.replaceChildren(
    element("h3", {}, `${verb}: ${whom(workers)}`), element("p", {}, `${workers === null ? "All workers" : whom(workers)} will ${meaning}`), ...made.nodes,
    element("div", { class: "buttons" }, element("button", { value: "no", formnovalidate: "" }, "Cancel"), sure),
  );
  dialog.returnValue = "no";
  dialog.onclose = async () => {
    if (dialog.returnValue === "yes") await perform(command, workers, made.read());
  };
  dialog.showModal();
}

async function perform(command, workers, args) {
  try {
    const answer = await fetch("do", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ command, workers, arguments: args }) });
    const told = await answer.json();
    toast(told.summary ?? told.error, !answer.ok || told.done.some((one) => !one.ok));
  } catch (error) {
    toast(`nobody was told: ${error.message}`, true);
  }
}

async function injected() {
  const field = element("textarea", { rows: "3", required: "", id: "formula", placeholder: "2 * mass / radius ^ 2" });
  return { nodes: [element("label", { for: "formula" }, "Formulas over the columns' names, one a line"), field], read: () => ({ formulas: field.value.split("\n") }) };
}

async function settings(sure) {
  let found;
  try {
    const answer = await fetch("parameters");
    found = await answer.json();
    if (!answer.ok) throw new Error(found.error);
  } catch (error) {
    return toast(`the settings are not known: ${error.message}`, true);
  }
  const live = found.settings.filter((one) => one.live);
  const search = element("input", { type: "search", id: "setting", placeholder: "search: interval, population, mutation ..." });
  const options = element("div", { class: "options" }), meaning = element("p", { class: "empty" });
  const slot = element("div");
  let name = null, value = null;
  sure.disabled = true;
  const choose = (one) => {
    name = one.name;
    value = one.choices ? element("select", { id: "value" }, ...one.choices.map((word) => element("option", { value: word }, word))) : element("input", { id: "value", required: "" });
    value.value = one.value ?? "";
    slot.replaceChildren(element("label", { for: "value" }, `${one.name}${one.unit ? ` in ${one.unit}` : ""}${one.value === null ? " (workers have different values)" : ""}`), value);
    meaning.textContent = one.meaning;
    sure.disabled = false;
    options.hidden = true;
    search.value = one.name;
    value.focus();
  };
  const list = () => {
    options.hidden = false;
    const words = search.value.toLowerCase().split(/\s+/);
    options.replaceChildren(...live.filter((one) => words.every((word) => `${one.name} ${one.meaning}`.toLowerCase().includes(word)))
      .map((one) => element("button", { type: "button", onclick: () => choose(one) }, `${one.name} = ${one.value ?? "different"}`, element("small", {}, one.meaning))));
  };
  search.addEventListener("input", list);
  list();
  return { nodes: [element("label", { for: "setting" }, "Setting"), search, options, slot, meaning], read: () => ({ set: { [name]: value.value } }) };
}

export function toast(text, failed = false) {
  const node = element("div", { class: failed ? "toast failed" : "toast" }, text);
  $("toasts").append(node);
  setTimeout(() => node.remove(), failed ? 15000 : 7000);
}
