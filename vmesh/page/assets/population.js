// The population by age, size and energy, as bars.

import { by, el, say, svg } from "./dom.js";
import { general, quantity } from "./format.js";

const edge = value => (value >= 1000 ? quantity(value) : general(value));

const KINDS = [["age", "age in ticks"], ["size", "size in nodes"], ["energy", "energy"]];

/** Bars of a histogram {edges, counts}, in a figure that is made once and then kept up to date. */
export class Histogram {
  constructor(words) {
    this.picture = svg("svg", { viewBox: "0 0 100 40", preserveAspectRatio: "none", role: "img", "aria-label": words });
    this.low = el("span");
    this.high = el("span");
    this.most = el("output", {}, "");
    this.figure = el("figure", { class: "histogram" }, el("figcaption", {}, words, this.most), this.picture,
      el("div", { class: "ends" }, this.low, this.high));
  }

  show({ edges = [], counts = [] } = {}) {
    const tallest = Math.max(1, ...counts), width = 100 / Math.max(1, counts.length);
    while (this.picture.children.length > counts.length) this.picture.lastChild.remove();
    while (this.picture.children.length < counts.length) this.picture.append(svg("rect", {}, svg("title")));
    let last = counts.length - 1;
    counts.forEach((count, k) => {
      const bar = this.picture.children[k], height = (38 * count) / tallest;
      bar.setAttribute("x", (k * width + width * 0.06).toFixed(2));
      bar.setAttribute("width", (width * 0.88).toFixed(2));
      bar.setAttribute("y", (40 - height).toFixed(2));
      bar.setAttribute("height", height.toFixed(2));
      say(bar.firstChild, `${edge(edges[k])} ${k < last ? `to ${edge(edges[k + 1])}` : "and more"}: ${quantity(count)}`);
    });
    say(this.low, counts.length ? edge(edges[0]) : "not known yet");
    say(this.high, counts.length ? `${edge(edges[last])} and more` : "");
    const place = counts.indexOf(tallest);
    say(this.most, place < 0 ? "" : `most at ${edge(edges[place])}`);
  }
}

export function histograms(place) {
  const made = KINDS.map(([name, words]) => [name, new Histogram(words)]);
  place.replaceChildren(...made.map(([, one]) => one.figure));
  return content => made.forEach(([name, one]) => one.show(content[name]));
}

export class Population {
  constructor(store) {
    this.store = store;
    this.show = histograms(by("histograms"));
  }

  update() {
    const { mesh } = this.store;
    this.show(mesh);
    say(by("population-note"), `${quantity(mesh.living)} living · diversity ${general(mesh.diversity, 2)}`);
  }
}
