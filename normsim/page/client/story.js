// The guided story: a strip above the map, each step of which sets the view.

import { post } from "./api.js";
import { at, fill, h } from "./dom.js";

const sentences = new Map();

/**
 * Show the strip.
 * @param {object} now `about`, `view`, `to` (goes to a step)
 */
export function renderStory({ about, view, to }) {
  const box = at("story");
  const steps = about.story;
  box.hidden = view.story < 0 || !steps.length;
  at("open-story").setAttribute("aria-pressed", String(!box.hidden));
  if (box.hidden) return;
  const k = Math.min(view.story, steps.length);
  const close = h("button.close", { type: "button", id: "close-story", "aria-label": "Close the story", onclick: () => to(-1) }, "✕");
  if (k === 0) {
    return fill(box, h("div.story-text", {}, h("strong", {}, "New here? "), "In July 2023 the United States sent cluster munitions, which more than a hundred states have banned, to Ukraine. What does that do to the ban? ", h("span.quiet", {}, "Follow it in a few steps, or press Play.")),
      h("div.story-buttons", {}, h("button.main", { type: "button", id: "story-next", onclick: () => to(1) }, "Start the story")), close);
  }
  const step = steps[k - 1];
  const had = box.contains(document.activeElement) ? document.activeElement.id : "";
  fill(box,
    h("div.story-text", {}, h("span.step", {}, `${k} of ${steps.length}`), h("strong", {}, step.title), " ", step.text, " ", h("em", { id: "story-changed" }, step.changed ?? sentences.get(step.name) ?? "")),
    h("div.story-buttons", {},
      h("button", { type: "button", id: "story-back", disabled: k === 1, onclick: () => to(k - 1) }, "Back"),
      h("button.main", { type: "button", id: "story-next", onclick: () => to(k < steps.length ? k + 1 : -1) }, k < steps.length ? "Next" : "Explore on your own")), close);
  if (had) at(had)?.focus();
  if (!step.changed && !sentences.has(step.name)) tell(step);
}

async function tell(step) {
  sentences.set(step.name, "");
  try {
    sentences.set(step.name, (await post("/api/story", { name: step.name })).sentence ?? "");
  } catch {
    sentences.delete(step.name);
  }
  if (at("story-changed")) at("story-changed").textContent = sentences.get(step.name) ?? "";
}
