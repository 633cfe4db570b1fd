// Light, dark, or as the system has it; what canvases draw with.

import { by, icon, memory } from "./dom.js";

const ORDER = ["auto", "light", "dark"];
const WORDS = { auto: "automatic", light: "light", dark: "dark" };
const PICTURES = {
  auto: "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12",
  light: "M8 5.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 0 0 0-5.6M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
  dark: "M13.5 9.5A6 6 0 0 1 6.5 2.5A6 6 0 1 0 13.5 9.5z",
};
let values = new Map();
const listeners = [];

/** The value of a colour, now. */
export function colour(name) {
  if (!values.has(name)) values.set(name, getComputedStyle(document.documentElement).getPropertyValue(name).trim());
  return values.get(name);
}

/** Calls when colours have changed. */
export const onTheme = listener => listeners.push(listener);

export function startTheme() {
  const button = by("theme");
  let chosen = memory.get("theme");
  if (!ORDER.includes(chosen)) chosen = "auto";
  const show = () => {
    if (chosen === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = chosen;
    button.setAttribute("aria-label", `Theme: ${WORDS[chosen]}`);
    button.title = `Theme: ${WORDS[chosen]}`;
    button.replaceChildren(icon(PICTURES[chosen]));
    changed();
  };
  button.addEventListener("click", () => {
    chosen = ORDER[(ORDER.indexOf(chosen) + 1) % ORDER.length];
    memory.set("theme", chosen);
    show();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  show();
}

function changed() {
  values = new Map();
  for (const listener of listeners) listener();
}
