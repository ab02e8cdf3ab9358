// The table of the states: the same data as the map, to be sorted and searched.

import { fill, h } from "./dom.js";
import { signed } from "./words.js";

let order = { column: 0, down: false };
let words = "";

/**
 * Show the table.
 * @param {HTMLElement} box where
 * @param {object} now `states`, `values`, `told`, `otherValues` (or null), `quantity`, `chosen`, `pick`
 */
export function renderTable(box, now) {
  const { states, values, told, otherValues, quantity, chosen, pick } = now;
  const heads = ["State", "Region", quantity.label, ...(otherValues ? ["In the comparison", "Difference"] : [])];
  const numeric = quantity.kind !== "category";
  const rows = states.map((state, k) => {
    const row = [state.name, state.region, values[k]];
    if (otherValues) row.push(otherValues[k], numeric ? values[k] - otherValues[k] : Number(values[k] !== otherValues[k]));
    return { state, row };
  }).filter(({ state }) => `${state.name} ${state.region}`.toLowerCase().includes(words.toLowerCase()));
  const column = Math.min(order.column, heads.length - 1);
  rows.sort((a, b) => compare(a.row[column], b.row[column]) * (order.down ? -1 : 1));
  const again = () => renderTable(box, now);
  const head = (text, k) => h(k > 1 ? "th.num" : "th", { scope: "col", "aria-sort": k === column ? (order.down ? "descending" : "ascending") : "none" },
    h("button.link", { type: "button", onclick: () => {
      order = { column: k, down: k === column ? !order.down : k > 1 };
      again();
      box.querySelectorAll("thead button")[k].focus();
    } }, text, h("span", { "aria-hidden": "true" }, k === column ? (order.down ? " ▼" : " ▲") : " ↕")));
  const say = (value, k) => (k < 2 ? value : k === 4 ? (numeric ? (Number.isNaN(value) ? "" : signed(value)) : value ? "differs" : "the same") : told(value));
  const filter = box.querySelector("input") ?? h("input", { type: "search", placeholder: "state or region", oninput: (event) => {
    words = event.target.value;
    box.again();
  } });
  box.again = again;
  const table = h("div.scroll.tall", { tabIndex: 0, role: "region", "aria-label": "Table of the states" }, h("table.states", {},
    h("thead", {}, h("tr", {}, heads.map(head))),
    h("tbody", {}, rows.map(({ state, row }) => h(state.iso3 === chosen ? "tr.chosen" : "tr", {}, row.map((value, k) =>
      k === 0 ? h("th", { scope: "row" }, h("button.link", { type: "button", onclick: () => pick(state.iso3) }, value)) : h(k > 1 ? "td.num" : "td", {}, say(value, k))))))));
  const scrolled = box.querySelector(".scroll")?.scrollTop ?? 0;
  if (filter.isConnected) box.lastChild.replaceWith(table);
  else fill(box, h("label.filter", {}, "Only ", filter), table);
  table.scrollTop = scrolled;
}

function compare(a, b) {
  if (typeof a === "string") return a.localeCompare(b);
  return (Number.isNaN(a) ? -Infinity : a) - (Number.isNaN(b) ? -Infinity : b);
}
