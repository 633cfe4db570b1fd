// A dialog that asks before anything is done, says what is being done, and what came of it.

import { el } from "./dom.js";

/** Opens a dialog. `content`: nodes; `act`: async, called with the dialog's words when one agrees; what it throws is shown plainly. */
export function asks({ title, content, agree, danger = false, act }) {
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const yes = el("button", { type: "submit", class: danger ? "danger" : "strong" }, agree);
  const no = el("button", { type: "button", onclick: () => dialog.close() }, "Cancel");
  const form = el("form", { method: "dialog" }, el("h2", { id: "dialog-title" }, title), ...content, problem, el("div", { class: "row" }, no, yes));
  const dialog = opened(form);
  form.addEventListener("submit", async event => {
    event.preventDefault();
    problem.hidden = true;
    yes.disabled = true;
    const words = yes.textContent;
    yes.textContent = "asking the workers …";
    try {
      await act();
      dialog.close();
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    }
    yes.disabled = false;
    yes.textContent = words;
  });
  return { dialog, yes };
}

/** Opens a dialog that only tells. */
export function tells(title, ...content) {
  const dialog = opened(el("form", { method: "dialog" }, el("h2", { id: "dialog-title" }, title), ...content,
    el("div", { class: "row" }, el("button", { type: "submit", class: "strong" }, "Close"))));
}

function opened(form) {
  const dialog = el("dialog", { "aria-labelledby": "dialog-title" }, form);
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", event => { if (event.target === dialog) dialog.close(); });
  dialog.showModal();
  return dialog;
}
