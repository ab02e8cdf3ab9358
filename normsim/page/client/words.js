// Numbers, months and lists in words.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** A number in the precision that can be read: 0.512, 3.4, 1,204, 2.1 million. */
export function number(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "none";
  if (value === 0) return "0"; // also for -0
  const size = Math.abs(value);
  if (size > 0 && size < 0.00005) return "about 0";
  if (size >= 1e9) return `${(value / 1e9).toFixed(2)} billion`;
  if (size >= 1e6) return `${(value / 1e6).toFixed(2)} million`;
  if (size >= 100 || Number.isInteger(value)) return whole.format(value).replace("-", "−");
  const digits = size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.01 || size === 0 ? 3 : 4;
  return value.toFixed(digits).replace("-", "−");
}

/** A number with its sign. */
export const signed = (value) => (value >= 0.00005 ? "+" : "") + number(value);

/** A number in few characters, for axes. */
export function short(value) {
  const size = Math.abs(value);
  for (const [limit, letter] of [[1e9, "bn"], [1e6, "m"], [1e3, "k"]]) {
    if (size >= limit) return `${parseFloat((value / limit).toPrecision(3))}${letter}`;
  }
  return `${parseFloat(value.toPrecision(3))}`;
}

/** A unit as it is written behind a number: nothing for shares, "state" behind 1. */
export function unit(text, value) {
  if (!text || text === "0-1" || text === "0/1") return "";
  return ` ${Math.abs(value) === 1 ? text.replace(/s\b/, "") : text}`;
}

/** A unit as it is written in a heading, or behind a value. */
export function unitNote(text, value) {
  if (!text) return "";
  if (text === "0-1") return "from 0 to 1";
  if (text === "0/1") return "1 yes, 0 no";
  return unit(text, value).trim();
}

/** A month such as 2023-07 in words. */
export function monthName(month) {
  const [year, number] = month.split("-").map(Number);
  return `${MONTHS[number - 1]} ${year}`;
}

/** The same in few letters. */
export const shortMonth = (month) => monthName(month).replace(/^(...)\w*/, "$1");

const MONTHS = [
  "January", "February", "March", "April", "May", "June",
  "July", "August", "September", "October", "November", "December",
];

/** What is said of the month on screen. */
export function when(run, month) {
  return month === 0 ? `before ${monthName(run.months[0])}` : monthName(run.months[month - 1]);
}

/** One, two and three. */
export function list(words) {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** "1 state", "3 states". */
export const count = (many, one, more = `${one}s`) => `${whole.format(many)} ${many === 1 ? one : more}`;

/** A chance as a percentage. */
export function chance(value) {
  const percent = 100 * value;
  if (percent > 0 && percent < 0.01) return "under 0.01 %";
  if (percent < 10) return `${parseFloat(percent.toPrecision(2))} %`;
  return `${percent > 99 && percent < 100 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}
