// Numbers as the rest of the project writes them: 950, 12.3k, 4.56M; 1:02:03; 1.5G; R2 with as many nines as it has.
const DASH = "–";

export function quantity(x) {
  if (x === null || x === undefined || !Number.isFinite(x)) return DASH;
  for (const [unit, size] of [["T", 1e12], ["G", 1e9], ["M", 1e6], ["k", 1e3]]) {
    if (Math.abs(x) >= size) return (x / size).toPrecision(3).replace(/\.?0+$/, (m) => (m.includes(".") ? "" : m)) + unit;
  }
  return Number.isInteger(x) ? String(x) : x.toPrecision(3);
}

export function number(x, digits = 4) {
  if (x === null || x === undefined || !Number.isFinite(x)) return DASH;
  const text = Number(x).toPrecision(digits);
  return text.includes("e") ? text.replace(/\.?0+e/, "e") : String(Number(text));
}

export function r2(x) {
  if (x === null || x === undefined) return DASH;
  if (x >= 1) return "1";
  if (1 - x < 5e-7) return `1−${(1 - x).toExponential(0)}`;
  return x.toFixed(Math.min(Math.max(3, Math.ceil(-Math.log10(1 - x)) + 1), 8));
}

export function clock(seconds) {
  if (seconds === null || seconds === undefined) return DASH;
  const s = Math.floor(seconds), two = (n) => String(n).padStart(2, "0");
  return s >= 3600 ? `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}

export function bytes(n) {
  if (n === null || n === undefined) return DASH;
  let k = 0;
  while (n >= 1024 && k < 4) { n /= 1024; k += 1; }
  return `${Number(n.toPrecision(3))}${["", "K", "M", "G", "T"][k]}`;
}

export function words(cause) {
  return cause.replace("eaten_", "eaten: ").replaceAll("_", " ");
}
