// Formulas come from anybody: of their markup only MathML Core's elements and a few harmless attributes are built anew.
const SPACE = "http://www.w3.org/1998/Math/MathML";
const ELEMENTS = new Set(["math", "mrow", "mi", "mn", "mo", "mtext", "msup", "msub", "msubsup", "mfrac", "msqrt", "mroot", "mtable", "mtr", "mtd", "mspace", "mstyle"]);
const ATTRIBUTES = new Set(["mathvariant", "stretchy", "form", "separator"]);
const DEEPEST = 200;

export function typeset(markup, text) {
  if (markup) {
    const parsed = new DOMParser().parseFromString(markup, "application/xml");
    const made = parsed.querySelector("parsererror") ? null : copy(parsed.documentElement, 0);
    if (made && made.localName === "math") return made;
  }
  const plain = document.createElement("code");
  plain.textContent = text;
  return plain;
}

function copy(node, depth) {
  if (depth > DEEPEST || !ELEMENTS.has(node.localName)) return null;
  const made = document.createElementNS(SPACE, node.localName);
  for (const { name, value } of node.attributes) if (ATTRIBUTES.has(name)) made.setAttribute(name, value);
  for (const child of node.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) made.append(child.nodeValue);
    else if (child.nodeType === Node.ELEMENT_NODE) {
      const inner = copy(child, depth + 1);
      if (inner) made.append(inner);
    }
  }
  return made;
}
