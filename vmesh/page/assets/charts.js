// Charts over time and over size, drawn by uPlot: axes, colours and readout are the same for all.

import uPlot from "./vendor/uplot/uPlot.esm.js";
import { colour, onTheme } from "./theme.js";
import { general, quantity } from "./format.js";

const FONT = "11px Inter, system-ui, sans-serif";
const SUPERSCRIPTS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const SMALLEST = 1e-18; // what is less, or zero, stands there on an axis of powers of ten

export const positive = value => (value === null || value === undefined ? null : Math.max(value, SMALLEST));
export const line = (token, width = 1.5, more = {}) => ({ stroke: () => colour(token), width, points: { show: false }, ...more });

/** A colour with so much opacity. */
export function faded(token, opacity) {
  return () => `color-mix(in srgb, ${colour(token)} ${Math.round(opacity * 100)}%, transparent)`;
}

const axis = more => ({
  stroke: () => colour("--soft"), font: FONT, gap: 4,
  grid: { stroke: () => colour("--line"), width: 1 }, ticks: { show: false }, ...more,
});

export const timeAxis = () => axis({ size: 24, space: 64, values: (_, splits) => splits.map(hourAndMinute) });
export const sizeAxis = () => axis({ size: 24, space: 36, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500] });
export const countAxis = () => axis({ size: 44, space: 34, values: (_, splits) => splits.map(quantity) });
export const powerAxis = () => axis({ size: 46, space: 26, values: (_, splits) => splits.map(power) });

function hourAndMinute(seconds, place, splits) {
  const moment = new Date(seconds * 1000);
  const text = moment.toTimeString();
  return splits.length > 1 && splits[1] - splits[0] < 60 ? text.slice(0, 8) : text.slice(0, 5);
}

function power(value) {
  if (!(value > 0)) return "";
  const exponent = Math.round(Math.log10(value));
  if (Math.abs(value / 10 ** exponent - 1) > 1e-6) return "";
  return exponent >= -2 && exponent <= 3 ? general(value) : `10${[...String(exponent)].map(sign => SUPERSCRIPTS[sign]).join("")}`;
}

/** Powers of ten around all values. */
export function powersAround(_, low, high) {
  if (!(low > 0)) return [1e-3, 1];
  const [from, to] = [Math.floor(Math.log10(low) + 1e-9), Math.ceil(Math.log10(high) - 1e-9)];
  return [10 ** from, 10 ** Math.max(to, from + 1)];
}

/** A chart that fills its place. `readout`: told the index under the pointer, or null. */
export class Chart {
  constructor(place, options, readout = () => {}) {
    this.place = place;
    this.options = options;
    this.readout = readout;
    this.data = null;
    this.plot = null;
    this.dirty = false;
    new ResizeObserver(() => this.#resize()).observe(place);
    onTheme(() => this.plot?.redraw(false));
    document.addEventListener("visibilitychange", () => { if (!document.hidden && this.dirty) this.show(this.data); });
  }

  /** Other series: the chart is made anew with the next data. */
  reset(options) {
    this.plot?.destroy();
    this.plot = null;
    this.options = options;
  }

  show(data) {
    this.data = data;
    this.dirty = document.hidden;
    if (this.dirty || !this.place.clientWidth) return;
    if (!this.plot) {
      this.plot = new uPlot({
        width: this.place.clientWidth, height: this.place.clientHeight, padding: [8, 22, 0, 0], legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
        hooks: { setCursor: [plot => this.readout(plot.cursor.idx ?? null)] }, ...this.options,
      }, data, this.place);
    } else {
      this.plot.setData(data);
    }
  }

  #resize() {
    const [width, height] = [this.place.clientWidth, this.place.clientHeight];
    if (!width || !height || !this.data) return;
    if (this.plot) this.plot.setSize({ width, height });
    else this.show(this.data);
  }
}

export const stepped = () => uPlot.paths.stepped({ align: 1 });
