// The panel of one state, filled from the server once a month has been rested on.

import { post } from "./api.js";
import { at, fill, h, later } from "./dom.js";
import { asked, key } from "./view.js";
import { renderFacts, renderFelt, renderInfluence, renderWhy } from "./why.js";
import { when } from "./words.js";

const told = new Map();
/** Answers of the server, by what was asked. */
const KEPT = 80;
const PARTS = ["state-decision", "state-felt", "state-standing"];
let shown = "";
let latest = "";

/** Forget which state was shown, so that it is drawn anew. */
export const forgetState = () => { shown = ""; };

const nameOf = ({ view, chosen }) => `${key(view)} ${view.month} ${chosen}`;

/** The influence of the act of the month, once the server has said it. */
export const influenceNow = (now) => told.get(nameOf(now))?.influence ?? null;

/** Show the panel; while playing only its heading. */
export function renderState(now, isPassing) {
  const { view, run, chosen, event, change, names } = now;
  latest = nameOf(now);
  const box = at("state");
  if (!box.childElementCount) {
    fill(box, h("h2", { id: "state-name" }), h("p", { id: "state-why" }), ...PARTS.map((id) => h("div", { id })));
  }
  if (!at("influence").childElementCount) fill(at("influence"), h("h2", { id: "influence-title" }), h("div", { id: "influence-body" }));
  at("state-name").textContent = names.get(chosen);
  at("influence-title").textContent = `Where the influence of ${run.within.get(chosen)} went`;
  const follows = !view.state;
  fill(at("state-why"), follows ? (event ? "It is shown because it acted this month. " : "Pick any state on the map. ") : [`You picked it. `, h("button.link", { type: "button", id: "follow", onclick: () => change({ state: "", choice: "", to: "" }) }, "Show who acted instead")]);
  const name = nameOf(now);
  const answer = told.get(name);
  if (answer) {
    ask.cancel();
    return show(now, name, answer);
  }
  box.setAttribute("aria-busy", "true");
  if (view.month === 0) {
    ask.cancel();
    [...PARTS, "influence-body"].forEach((id) => fill(at(id)));
    fill(at("state-decision"), h("p.quiet", {}, `Nothing has been decided before ${when(run, 1)}.`));
    shown = "";
    return box.removeAttribute("aria-busy");
  }
  if (isPassing) ask.cancel();
  else ask(now, name);
}

const ask = later(120, async (now, name) => {
  const { view, chosen, say, answered } = now;
  const body = { view: asked(view), month: view.month, state: chosen };
  try {
    const [why, influence] = await Promise.all([post("/api/why", body), post("/api/influence", body)]);
    told.set(name, { why, influence });
    if (told.size > KEPT) told.delete(told.keys().next().value);
    if (name === latest) answered();
  } catch (problem) {
    say(problem.message);
  }
});

function show(now, name, { why, influence }) {
  const { view, names, pick, run, change, event } = now;
  at("state").removeAttribute("aria-busy");
  const follows = !view.state && event;
  const choice = view.choice || (follows && why.choices.some((one) => one.choice === event.act) ? event.act : "");
  const to = view.to || (follows && choice === event.act ? event.to : "");
  const mark = `${name} ${choice} ${to}`;
  if (shown === mark) return;
  shown = mark;
  const had = (at("state").contains(document.activeElement) || at("influence").contains(document.activeElement)) && document.activeElement;
  renderFacts(at("state-standing"), why, () => post("/api/facts", { view: asked(view), state: now.chosen }));
  renderWhy(at("state-decision"), why, { choice, to, choose: (choice, to) => change({ choice, to, state: now.chosen }) });
  renderFelt(at("state-felt"), why.felt);
  renderInfluence(at("influence-body"), influence, { names, pick, run, month: view.month, layers: now.about.layers });
  if (had && !had.isConnected) (had.id && at(had.id) || at("state").querySelector(`[data-choice="${had.dataset?.choice}"]`))?.focus({ preventScroll: true });
}
