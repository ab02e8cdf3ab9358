// The keyboard.

import { h } from "./dom.js";

/** What each key does, for the reader. */
export const KEYS = [
  ["Space", "play and pause"], ["←  →", "one month back or on"], ["Shift and ← →", "a year back or on"],
  ["Home  End", "to the start, to the end"], ["[  ]", "to the event before or after"], ["Esc", "close what is open"], ["?", "this list"],
];

/**
 * Listen to the keyboard, unless something is being typed or a control uses the key itself.
 * @param {object} does a function for each key
 */
export function listen(does) {
  document.addEventListener("keydown", (press) => {
    if (press.ctrlKey || press.metaKey || press.altKey) return;
    const inside = press.target.closest?.("input, select, textarea, dialog[open], [role=region]");
    if (inside && press.key !== "Escape" && !(inside.id === "scrub" && press.key === " ")) return;
    if (press.target.closest?.("button, summary, a") && (press.key === " " || press.key === "Enter")) return;
    const name = press.shiftKey && press.key.startsWith("Arrow") ? `Shift${press.key}` : press.key;
    if (!does[name]) return;
    if (does[name]() !== false) press.preventDefault();
  });
}

/** The list of keys. */
export const keyList = () => h("table", {}, h("tbody", {}, KEYS.map(([key, word]) => h("tr", {}, h("th", { scope: "row" }, h("kbd", {}, key)), h("td", {}, word)))));
