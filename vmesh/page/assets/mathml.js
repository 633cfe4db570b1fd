// Formulas come from anybody: of their MathML only what typesets a formula is taken over, element by element.

import { el } from "./dom.js";

const MATHML = "http://www.w3.org/1998/Math/MathML";
const ELEMENTS = new Set(["math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup",
  "munder", "mover", "munderover", "mtable", "mtr", "mtd", "mpadded", "mphantom", "mstyle"]);
const ATTRIBUTES = new Set(["display", "displaystyle", "dir", "form", "fence", "separator", "stretchy", "symmetric", "largeop", "mathvariant",
  "lspace", "rspace", "linethickness", "columnspan", "rowspan", "width", "height", "depth", "voffset", "scriptlevel"]);
const MOST_NODES = 4000;
const DEEPEST = 150;
const LONGEST = 200000;
const KEPT = 400;
const made = new Map();

/** An element that shows the formula typeset, or as text where its MathML is none; scrolls by itself. `bare`: without "target =". */
export function formula(mathml, text, bare = false) {
  const shown = typeset(mathml);
  if (bare && shown) withoutTarget(shown);
  return el("div", { class: "formula", title: text }, shown ?? el("code", {}, text));
}

function withoutTarget(math) {
  const row = math.children.length === 1 && math.firstElementChild.localName === "mrow" ? math.firstElementChild : math;
  const sign = row.children[1];
  if (sign?.localName === "mo" && sign.textContent.trim() === "=") {
    row.children[0].remove();
    sign.remove();
  }
}

function typeset(mathml) {
  if (!mathml || mathml.length > LONGEST) return null;
  if (!made.has(mathml)) {
    if (made.size >= KEPT) made.clear();
    made.set(mathml, sanitized(mathml));
  }
  return made.get(mathml)?.cloneNode(true) ?? null;
}

export function sanitized(mathml) {
  const root = new DOMParser().parseFromString(mathml, "application/xml").documentElement;
  if (root.localName !== "math" || root.namespaceURI !== MATHML) return null;
  let nodes = 0;
  const taken = (from, depth) => {
    if (++nodes > MOST_NODES || depth > DEEPEST) throw new RangeError("too large a formula");
    const to = document.createElementNS(MATHML, from.localName);
    for (const attribute of from.attributes) {
      if (!attribute.namespaceURI && ATTRIBUTES.has(attribute.name)) to.setAttribute(attribute.name, attribute.value.slice(0, 100));
    }
    for (const child of from.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) to.append(child.data);
      else if (child.nodeType === Node.ELEMENT_NODE && child.namespaceURI === MATHML && ELEMENTS.has(child.localName)) to.append(taken(child, depth + 1));
    }
    return to;
  };
  try { return taken(root, 0); } catch { return null; }
}
