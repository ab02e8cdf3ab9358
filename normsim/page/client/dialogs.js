// What opens over the page: a large chart, the look, what this is, the keys.

import { enlarge } from "./charts.js";
import { at, fill, h } from "./dom.js";
import { keyList } from "./keys.js";
import { unitNote } from "./words.js";

let after = null;

/**
 * Open the dialog.
 * @param {string} title its heading
 * @param {...Node} content what is in it
 */
export function showDialog(title, ...content) {
  const box = at("dialog");
  at("dialog-title").textContent = title;
  fill(at("dialog-body"), content);
  if (!box.dataset.ready) {
    box.dataset.ready = "yes";
    at("dialog-close").addEventListener("click", () => box.close());
    box.addEventListener("click", (press) => press.target === box && box.close());
    box.addEventListener("close", () => {
      after?.();
      after = null;
      fill(at("dialog-body"));
    });
  }
  if (!box.open) box.showModal();
  at("dialog-body").scrollTop = 0;
}

/** A chart in large, with a zoom bar. */
export function showLarge(outcome, data) {
  const box = h("div.large", { role: "img", "aria-label": `${outcome.label} over time` });
  const note = unitNote(outcome.unit);
  showDialog(outcome.label, h("p.quiet", {}, `${outcome.meaning}${note ? ` (${note})` : ""}. Drag the bar below to see fewer months.`), box, h("p", {}, at("lines-key").cloneNode(true)));
  const chart = enlarge(box, outcome, data());
  after = () => chart.dispose();
}

/** Light or dark, and projector mode. */
export function showLook(now) {
  const { view, change } = now();
  const looks = [["auto", "as my system"], ["light", "light"], ["dark", "dark"]];
  showDialog("Look",
    h("fieldset", {}, h("legend", {}, "Colours"), looks.map(([value, word]) => h("label.check", {}, h("input", { type: "radio", name: "look", value, checked: view.look === value, onchange: () => change({ look: value }) }), ` ${word}`))),
    h("p", {}, h("label.check", {}, h("input", { type: "checkbox", id: "projector", checked: view.projector, onchange: (event) => change({ projector: event.target.checked }) }), " Projector mode: large type and high contrast")));
}

/** What this is, what it must not be used for, and the words. */
export function showInfo(about) {
  showDialog("What is this?",
    about.information.map((one) => [h("h3", {}, one.title), h("p", {}, one.text)]),
    h("p", {}, h("a", { href: "/docs/odd", target: "_blank", rel: "noopener" }, "The full description of the model (ODD protocol)")),
    h("h3", {}, "Words"), h("dl.glossary", {}, about.glossary.map((one) => [h("dt", {}, one.term), h("dd", {}, one.meaning)])));
}

/** The keys. */
export const showKeys = () => showDialog("Keyboard shortcuts", keyList());
