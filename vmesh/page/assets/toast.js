// A line about what happened, for some seconds.

import { by, el } from "./dom.js";

const SECONDS = 7;

export function toast(text, { failed = false, more = null } = {}) {
  const note = el("div", { class: failed ? "toast failed" : "toast" }, el("span", {}, text),
    more && el("button", { type: "button", onclick: () => { note.remove(); more(); } }, "Details"),
    el("button", { type: "button", "aria-label": "Close", onclick: () => note.remove() }, "Close"));
  const shelf = by("toasts");
  while (shelf.children.length > 2) shelf.firstChild.remove();
  shelf.append(note);
  setTimeout(() => note.remove(), (failed ? 3 : 1) * SECONDS * 1000);
}
