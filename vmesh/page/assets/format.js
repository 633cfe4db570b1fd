// Numbers as the rest of the project writes them (vgp/display.py, vmesh/admin/printing.py).

const NONE = "–";
const known = value => typeof value === "number" && Number.isFinite(value);

/** `digits` significant digits without zeros at the end, as Python's %g. */
export function general(value, digits = 4) {
  if (!known(value)) return NONE;
  if (value === 0) return "0";
  const [mantissa, power] = value.toExponential(digits - 1).split("e");
  const exponent = Number(power);
  const trimmed = text => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (exponent < -4 || exponent >= digits) return `${trimmed(mantissa)}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  return trimmed(value.toFixed(Math.max(0, digits - 1 - exponent)));
}

/** 950, 12.3k, 4.56M. */
export function quantity(value) {
  if (!known(value)) return NONE;
  for (const [limit, unit] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
    if (value >= limit) return (value < 999.5 * limit ? general(value / limit, 3) : (value / limit).toFixed(0)) + unit;
  }
  return value < 10 && value % 1 ? value.toFixed(1) : value.toFixed(0);
}

/** 0:07, 12:34, 1:02:03. */
export function clock(seconds) {
  if (!known(seconds)) return "-:--";
  const total = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const two = number => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** How long ago, shortly: 7 s, 3 min, 2.5 h, 4 d. */
export function age(seconds) {
  if (!known(seconds)) return NONE;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 172800 ? `${(seconds / 3600).toFixed(1)} h` : `${Math.round(seconds / 86400)} d`;
}

/** R2 with as many nines as it has while they can be counted at a glance: 0.93, 0.99987, 1 − 2.4e-08. */
export function r2(value) {
  if (!known(value)) return NONE;
  for (let digits = 3; digits < 7; digits++) if (1 - value >= 10 ** (1 - digits)) return value.toFixed(digits);
  return value < 1 ? `1 − ${general(1 - value, 2)}` : "1";
}

/** 512, 1.5K, 200M, 2.25G: powers of 1024. */
export function size(bytes) {
  if (!known(bytes)) return NONE;
  const power = bytes >= 1 ? Math.min(Math.floor(Math.log2(bytes) / 10), 4) : 0;
  return general(bytes / 1024 ** power, 3) + ["", "K", "M", "G", "T"][power];
}

export const loss = value => general(value, 4);
export const percent = value => (known(value) ? `${Math.round(value * 100)} %` : NONE);
export const plural = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

/** The time of day, as the log has it. */
export function timeOfDay(seconds) {
  const moment = new Date(seconds * 1000);
  return Number.isNaN(moment.getTime()) ? NONE : moment.toTimeString().slice(0, 8);
}
