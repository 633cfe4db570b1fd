// The last lines of all workers' logs: from a level on, searched; stands still while one reads further up.

import { by, el, say } from "./dom.js";
import { plural, timeOfDay } from "./format.js";

const MOST = 400; // lines in the document
const ORDER = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"];

export class Log {
  constructor(store) {
    this.store = store;
    this.place = by("log-lines");
    this.level = by("log-level");
    this.search = by("log-search");
    this.missed = 0;
    this.level.append(...ORDER.slice(0, 4).map(name => el("option", { value: name, selected: name === "INFO" }, name.toLowerCase())));
    this.level.addEventListener("change", () => this.all());
    this.search.addEventListener("input", () => this.all());
    this.place.addEventListener("scroll", () => { if (this.#atEnd()) this.#caughtUp(); }, { passive: true });
    by("log-newest").addEventListener("click", () => { this.place.scrollTop = this.place.scrollHeight; this.#caughtUp(); });
  }

  /** Everything anew. */
  all() {
    const shown = this.store.lines.filter(line => this.#wanted(line)).slice(-MOST);
    this.place.replaceChildren(...(shown.length ? shown.map(written) : [el("p", { class: "empty" }, "No line yet.")]));
    this.place.scrollTop = this.place.scrollHeight;
    this.#caughtUp();
  }

  update() {
    const fresh = this.store.newLines ? this.store.lines.slice(-this.store.newLines).filter(line => this.#wanted(line)) : [];
    if (!fresh.length) return;
    const following = this.#atEnd();
    this.place.querySelector(".empty")?.remove();
    this.place.append(...fresh.slice(-MOST).map(written));
    if (following) {
      while (this.place.children.length > MOST) this.place.firstChild.remove();
      this.place.scrollTop = this.place.scrollHeight;
    } else {
      while (this.place.children.length > 3 * MOST) this.place.firstChild.remove();
      this.missed += fresh.length;
      say(by("log-newest"), plural(this.missed, "new line"));
      by("log-newest").hidden = false;
    }
  }

  #wanted([, worker, level, text]) {
    const asked = this.search.value.trim().toLowerCase();
    return ORDER.indexOf(level.toUpperCase()) >= ORDER.indexOf(this.level.value) && (!asked || `${worker} ${text}`.toLowerCase().includes(asked));
  }

  #atEnd() {
    return this.place.scrollTop + this.place.clientHeight >= this.place.scrollHeight - 12;
  }

  #caughtUp() {
    this.missed = 0;
    by("log-newest").hidden = true;
  }
}

function written([time, worker, level, text]) {
  const name = level.toUpperCase();
  return el("p", { class: ORDER.includes(name) ? name : null }, el("time", {}, timeOfDay(time)), " ", el("span", { class: "who" }, worker), " ",
    name === "INFO" ? null : el("span", { class: "level" }, `${name.toLowerCase()} `), text);
}
