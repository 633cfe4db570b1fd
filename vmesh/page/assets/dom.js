// Elements made by scripts. Whatever comes from the server goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

export const by = id => document.getElementById(id);

/** An element with attributes (on*: listeners, class, data-...) and children: nodes or texts; null is left out. */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

/** Writes a text only where it differs: what is equal costs no layout. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A worker's name in two parts: where there is no room its host is cut off, never its number. */
export function workerName(name) {
  const slash = name.lastIndexOf("/");
  return [el("span", { class: "host" }, name.slice(0, slash)), el("span", {}, name.slice(slash))];
}

/** A symbol of 16 by 16 from path data. */
export function icon(path) {
  return svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" },
    svg("path", { d: path, fill: "none", stroke: "currentColor", "stroke-width": "1.5", "stroke-linecap": "round", "stroke-linejoin": "round" }));
}

export const COPY = "M5.5 5.5h7v8h-7zM10.5 5.5v-3h-7v8h2";
export const CLOSE = "M4 4l8 8M12 4l-8 8";

/** Puts a text on the clipboard; false where the browser does not let us. */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** What is remembered in this browser; where it forbids that, nothing is. */
export const memory = {
  get(name) {
    try { return localStorage.getItem(`vcloud.${name}`); } catch { return null; }
  },
  set(name, value) {
    try { localStorage.setItem(`vcloud.${name}`, value); } catch { /* a private window */ }
  },
};
