// What happened: the month's acts first, then those before it.

import { at, fill, h } from "./dom.js";
import { count, shortMonth, when } from "./words.js";

const MOST = 60;
/** Lines shown at once. */

/** Fill the choice of acts; once. */
export function fillKinds(kinds) {
  fill(at("acts"), kinds.map((kind) => h("option", { value: kind.acts.length ? kind.label : "" }, kind.label)));
}

/** The events of a month, the act of the month first. */
export function eventsOf(run, month) {
  run.byMonth ??= Map.groupBy(run.events, (event) => event.month);
  return run.byMonth.get(month) ?? [];
}

/** Show the log. */
export function renderLog({ about, view, run, names, go, pick }) {
  const wanted = view.acts && about.kinds.find((kind) => kind.label === view.acts)?.acts;
  const words = view.find.trim().toLowerCase();
  const lines = [];
  let found = 0;
  for (let month = view.month; month >= 1; month -= 1) {
    for (const event of eventsOf(run, month)) {
      if (wanted && !wanted.includes(event.act)) continue;
      if (words && !`${event.text} ${event.why} ${event.states.map((iso3) => names.get(iso3)).join(" ")}`.toLowerCase().includes(words)) continue;
      found += 1;
      if (lines.length < MOST) lines.push(line(event, run, view.month, lines.length === 0, go, pick, names));
    }
  }
  at("log-title").textContent = view.month === 0 ? "Nothing has happened yet" : `What happened in ${when(run, view.month)}`;
  fill(at("log-lines"), lines);
  at("log-count").textContent = found > MOST ? `The last ${MOST} of ${count(found, "event")} up to this month.` : found ? `${count(found, "event")} up to this month.` : "No event up to this month fits.";
}

function line(event, run, month, isFirst, go, pick, names) {
  const now = event.month === month;
  const asked = names.has(event.actor || event.to); // parties to the framework convention act as one
  return h(`li.event${now ? ".now" : ""}${now && isFirst ? ".first" : ""}`, { "data-act": event.act, "data-month": event.month },
    now ? h("span.month", {}, "now") : h("button.month", { type: "button", title: "Go to this month", onclick: () => go(event.month) }, shortMonth(run.months[event.month - 1])),
    h("span.text", {}, event.text, event.ordered ? h("span.tag", { title: "A dated event of the scenario, not a decision of the model" }, "set by the scenario") : null),
    asked ? h("button.ask", { type: "button", "aria-label": `Why? ${event.text}`, onclick: () => pick(event) }, "Why?") : null);
}
