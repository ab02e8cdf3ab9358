// From values to colours, and the legend that says what the colours mean.
//
// Categories differ in lightness and by a pattern, and the legend names and counts them; a sequence grows darker (lighter
// on a dark page); a difference goes two ways from a neutral middle.

import { colour, h, isDark, rem } from "./dom.js";
import { number, short, unit } from "./words.js";

const SEQUENCE = {
  light: ["#fbf3d5", "#dbe8bf", "#aed8b2", "#78c0ab", "#4aa3a3", "#2f8497", "#1f6480"],
  dark: ["#16283d", "#1d415c", "#23606f", "#2f8080", "#4fa08a", "#84bf94", "#c3dca6"],
};
const TWO_WAYS = {
  light: ["#7a3d00", "#b8670f", "#e3a75b", "#efe9e1", "#a79fd0", "#6c5caa", "#3a1c78"],
  dark: ["#ffc47a", "#d98f32", "#8a5a1e", "#33343a", "#5d529a", "#8f83d6", "#cfc8ff"],
};
/** Growing in even steps of lightness with the obligation or the approval, also in grey; the rest is told by a pattern. */
export const CATEGORIES = {
  light: ["#dedede", "#83b3d6", "#3a7fb5", "#0a4278", "#fdb863"],
  dark: ["#3a4049", "#4a7390", "#6ea3c8", "#b5dcff", "#e0a04c"],
};
const PATTERN = ["", "dots", "lines", "", "stripes"];
const ORDERS = { vote: [3, 1, 0] };
/** Where the words of a quantity stand in the order of colours, if not one after the other. */

/**
 * Make the scale of a quantity.
 * @param {object} quantity what the server says of it
 * @param {ArrayLike<number>} values all its values in the run: the scale spans them, so that months can be compared
 */
export function scale(quantity, values) {
  const dark = isDark();
  if (quantity.kind === "category") return categories(quantity);
  const [low, high] = range(values);
  if (quantity.kind === "diverging") {
    const most = usual(values) || Math.max(Math.abs(low), Math.abs(high)) || 1;
    return ramp(quantity, TWO_WAYS[dark ? "dark" : "light"], -most, most, false);
  }
  if (quantity.kind === "log") return ramp(quantity, SEQUENCE[dark ? "dark" : "light"], quantity.low || 1, Math.max(high, 10 * (quantity.low || 1)), true);
  const tight = high > low ? [low, high] : [Math.min(low, 0), Math.max(high, 1)];
  return ramp(quantity, SEQUENCE[dark ? "dark" : "light"], ...tight, false);
}

function range(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 1];
}

/** The size that all but one in fifty of the values that are not 0 stay below: a few giants would leave all others pale. */
function usual(values) {
  const sizes = Float32Array.from(values, Math.abs).filter((size) => size > 0).sort();
  return sizes[Math.floor(0.98 * sizes.length)] ?? 0;
}

function ramp(quantity, stops, low, high, log) {
  const place = (value) => (log ? Math.log(Math.max(value, low) / low) / Math.log(high / low) : (value - low) / (high - low));
  const told = (value) => (Number.isNaN(value) ? "does not apply" : `${number(value)}${unit(quantity.unit, value)}`);
  const memory = new Map();
  const absent = pattern("#9a9a9a", "stripes");
  const paint = (value) => {
    if (Number.isNaN(value)) return absent;
    const step = Math.round(Math.min(Math.max(place(value), 0), 1) * 200);
    if (!memory.has(step)) memory.set(step, mix(stops, step / 200));
    return memory.get(step);
  };
  const legend = (values) => {
    const bar = h("span.ramp", { "aria-hidden": "true" });
    bar.style.backgroundImage = `linear-gradient(to right, ${stops.join(", ")})`;
    const middle = log ? Math.sqrt(low * high) : (low + high) / 2;
    const ends = [low, middle, high].map((value) => (quantity.kind === "diverging" && value > 0 ? "+" : "") + short(value).replace("-", "−"));
    if (quantity.kind === "diverging") [ends[0], ends[2]] = [`${ends[0]} or less`, `${ends[2]} or more`];
    if (log) ends[0] = `${ends[0]} or less`;
    const absentCount = values.reduce((sum, value) => sum + Number.isNaN(value), 0);
    const note = quantity.kind === "diverging" ? "less ← the same → more" : quantity.unit && quantity.unit !== "0-1" ? quantity.unit : "";
    return [
      h("span.scale", {}, bar, h("span.ticks", {}, ...ends.map((text) => h("span", {}, text)))),
      note ? h("span.quiet", {}, note) : null,
      absentCount ? h("span.key", {}, swatch(absent), `${quantity.absent ?? "does not apply"} (${absentCount} states)`) : null,
    ];
  };
  return { paint, told, legend, low, high };
}

function categories(quantity) {
  const { words } = quantity;
  const order = ORDERS[quantity.name] ?? (words.length === 2 ? [0, 2] : null) ?? words.map((_, place) => place % PATTERN.length);
  const plain = order.map((place) => CATEGORIES[isDark() ? "dark" : "light"][place]);
  const patterns = order.map((place) => PATTERN[place]);
  const paints = words.map((_, place) => (patterns[place] ? pattern(plain[place], patterns[place]) : plain[place]));
  const absent = pattern("#9a9a9a", "stripes");
  return {
    paint: (value) => paints[value] ?? absent,
    told: (value) => words[value] ?? "does not apply",
    legend: (values) => {
      const counts = words.map(() => 0);
      for (const value of values) if (counts[value] !== undefined) counts[value] += 1;
      return words.map((word, place) =>
        h("span.key", {}, swatch(paints[place]), h("span", {}, word, h("span.quiet", {}, ` ${counts[place]} ${counts[place] === 1 ? "state" : "states"}`))));
    },
    low: 0,
    high: words.length - 1,
  };
}

function mix(stops, share) {
  const at = share * (stops.length - 1);
  const first = Math.min(Math.floor(at), stops.length - 2);
  const [a, b] = [stops[first], stops[first + 1]].map((stop) => [1, 3, 5].map((k) => parseInt(stop.slice(k, k + 2), 16)));
  return `rgb(${a.map((part, k) => Math.round(part + (at - first) * (b[k] - part))).join(",")})`;
}

const made = new Map();

/** A fill of dots, lines or stripes on a colour, so that a category is told without its colour. */
function pattern(ground, kind) {
  const name = ground + kind;
  if (made.has(name)) return made.get(name);
  const size = 8;
  const image = h("canvas", { width: size, height: size });
  const pen = image.getContext("2d");
  pen.fillStyle = ground;
  pen.fillRect(0, 0, size, size);
  pen.strokeStyle = pen.fillStyle = kind === "stripes" ? "#5a2a00" : "#0a2f57";
  if (kind === "dots") {
    pen.beginPath();
    pen.arc(4, 4, 1.3, 0, 7);
    pen.fill();
  } else {
    pen.lineWidth = kind === "stripes" ? 2.4 : 1.2;
    pen.beginPath();
    for (const shift of kind === "stripes" ? [-size, 0, size] : []) {
      pen.moveTo(shift, size);
      pen.lineTo(shift + size, 0);
    }
    if (kind === "lines") {
      pen.moveTo(0, 4);
      pen.lineTo(size, 4);
    }
    pen.stroke();
  }
  const fill = { image, repeat: "repeat" };
  made.set(name, fill);
  return fill;
}

/** A little square in a colour or pattern. */
export function swatch(paint) {
  const square = h("span.swatch", { "aria-hidden": "true" });
  if (typeof paint === "string") square.style.backgroundColor = paint;
  else square.style.backgroundImage = `url(${paint.image.toDataURL()})`;
  return square;
}

/** Sizes that charts share. */
export const font = () => ({ fontFamily: "system-ui, sans-serif", fontSize: rem(0.8), color: colour("ink") });
