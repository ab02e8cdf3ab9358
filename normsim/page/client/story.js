// The guided story: a strip above the map, each step of which sets the view.

import { post } from "./api.js";
import { ensemble } from "./difference.js";
import { at, fill, h } from "./dom.js";
import { asked, key } from "./view.js";

const sentences = new Map();
const POINTED = { state: "why it acted", log: "what happened", influence: "where its influence went", effects: "what it changed" };

/**
 * Show the strip.
 * @param {object} now `about`, `view`, `to` (goes to a step), `at` (the id of the card that the step points at)
 */
export function renderStory({ about, view, to, at: card }) {
  const box = at("story");
  const steps = about.story;
  box.hidden = view.story < 0 || !steps.length;
  at("open-story").setAttribute("aria-pressed", String(!box.hidden));
  if (box.hidden) return;
  const k = Math.min(view.story, steps.length);
  const had = box.contains(document.activeElement) ? document.activeElement.id : "";
  const close = h("button.close", { type: "button", id: "close-story", "aria-label": "Close the story", onclick: () => to(-1) }, "✕");
  if (k === 0) {
    fill(box, h("div.story-text", {}, h("strong", {}, "New here? "), "In July 2023 the United States sent cluster munitions, which more than a hundred states have banned, to Ukraine. What does that do to the ban? ", h("span.quiet", {}, `Follow it in ${steps.length} steps, or press Play.`)),
      h("div.story-buttons", {}, h("button.main", { type: "button", id: "story-next", onclick: () => to(1) }, "Start the story")), close);
  } else {
    const step = steps[k - 1];
    const point = POINTED[card] && h("a", { href: `#${card}`, id: "story-point", onclick: (press) => {
      press.preventDefault();
      at(card).scrollIntoView();
    } }, ` See below: ${POINTED[card]}.`);
    fill(box,
      h("div.story-text", {}, h("span.step", {}, `${k} of ${steps.length}`), h("strong", {}, `${step.title}. `), step.text, " ", h("em", { id: "story-changed" }), point),
      h("div.story-buttons", {},
        h("button", { type: "button", id: "story-back", onclick: () => to(k - 1) }, "Back"),
        h("button.main", { type: "button", id: "story-next", onclick: () => to(k < steps.length ? k + 1 : -1) }, k < steps.length ? "Next" : "Explore on your own")), close);
    tell(step, view);
  }
  if (had) at(had)?.focus();
}

/** Add the sentence that the server computes from the runs. */
async function tell(step, view) {
  const name = `${step.about} ${key(view)} ${step.view.month} ${ensemble(view)?.runs ?? 0}`;
  if (!sentences.has(name)) sentences.set(name, post("/api/sentence", { view: asked(view), month: step.view.month, about: step.about }));
  try {
    const { sentence, sure } = await sentences.get(name);
    if (at("story-changed") && !at("story-changed").textContent) at("story-changed").textContent = `${sentence} ${sure}`.trim();
  } catch {
    sentences.delete(name);
  }
}
