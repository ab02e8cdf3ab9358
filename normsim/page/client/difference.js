// What did it change? Both scenarios, run many times on the same seeds.

import { lines, Refused } from "./api.js";
import { at, fill, h } from "./dom.js";
import { asked, key } from "./view.js";
import { count, number, signed, unitNote } from "./words.js";

const found = new Map();
const KEPT = 6;
let busy = null;
let runs = 20;

/** Keep a result, and no more than a few: each holds maps of every month. */
function keep(name, result) {
  found.set(name, result);
  while (found.size > KEPT) found.delete(found.keys().next().value);
}

/** The result for what is on screen, or null. */
export const ensemble = (view) => found.get(key(view)) ?? null;

/** Stop what is being computed. */
export const cancel = () => busy?.abort.abort();

/**
 * Show the panel.
 * @param {object} now `about`, `view`, `run`, `title` (of the comparison), `again` (renders all), `say`
 */
export function renderDifference(now) {
  const { about, view, run, otherTitle } = now;
  const box = at("effects");
  const result = ensemble(view);
  if (busy && busy.key !== key(view)) cancel();
  if (!run.other) {
    return fill(box, h("h2", {}, "What did it change?"), h("p", {}, run.other_problem || "Choose another scenario under “Compared with” to see what this one changes."));
  }
  const working = busy && !busy.abort.signal.aborted;
  const hadFocus = ["run-both", "cancel-both"].includes(document.activeElement?.id);
  fill(box,
    h("h2", {}, "What did it change?"),
    h("p", {}, result ? result.sentence : ["One run is one throw of the dice. Run both many times, each pair on the same seed, to see what ", h("b", {}, run.title), " changes beside ", h("b", {}, otherTitle), " and how sure that is."]),
    h("div.tools", {},
      h("label", {}, "Runs of each ", h("select", { id: "runs", disabled: working, onchange: (event) => { runs = Number(event.target.value); } }, [5, 20, 50, 100].map((many) => h("option", { value: many, selected: many === runs }, many)))),
      working ? h("button", { type: "button", id: "cancel-both", onclick: cancel }, "Cancel") : h("button.main", { type: "button", id: "run-both", onclick: () => compute(now) }, result ? "Run both again" : "Run both"),
      h("progress", { id: "progress", max: 1, value: working ? busy.share : 0, hidden: !working, "aria-label": "Runs done" }),
      h("span.quiet", { id: "progress-words" }, working ? busy.words : "")),
    result ? [table(about, result), h("p.quiet", {}, "From the command line: ", h("code", {}, result.command))] : null);
  if (hadFocus) (at("run-both") ?? at("cancel-both")).focus();
}

async function compute(now) {
  const { view, again, say } = now;
  const mine = { key: key(view), abort: new AbortController(), share: 0, words: "starting" };
  busy = mine;
  again();
  try {
    for await (const line of lines("/api/difference", { view: asked(view), runs }, mine.abort.signal)) {
      if (line.error) throw new Refused(line.error);
      if (line.result) keep(mine.key, line.result);
      if (line.progress !== undefined) {
        mine.share = line.progress / line.of;
        mine.words = `${line.progress} of ${count(line.of, "run")}${line.seconds_left > 1 ? `, about ${Math.round(line.seconds_left)} s left` : ""}`;
        if (busy === mine && at("progress")) {
          at("progress").value = mine.share;
          at("progress-words").textContent = mine.words;
        }
      }
    }
  } catch (problem) {
    if (problem.name !== "AbortError") say(problem.message);
  }
  if (busy === mine) busy = null;
  again();
}

function table(about, result) {
  const outcomes = new Map(about.outcomes.map((outcome) => [outcome.name, outcome]));
  const sure = (row) => row.verdict in MARKS;
  const rows = result.effects.filter((row) => outcomes.has(row.outcome)).sort((a, b) => shown(about, b) - shown(about, a) || Number(sure(b)) - Number(sure(a)));
  return h("div.scroll.tall", { tabIndex: 0, role: "region", "aria-label": "Difference in every outcome" }, h("table.effects", {},
    h("thead", {}, h("tr", {}, ["Outcome", "this scenario", "the comparison", "difference", "95 % interval"].map((head, k) => h(k ? "th.num" : "th", { scope: "col" }, head)), h("th", { scope: "col" }, "verdict"))),
    h("tbody", {}, rows.map((row) => {
      const outcome = outcomes.get(row.outcome);
      return h(sure(row) ? "tr.sure" : "tr", { "data-outcome": row.outcome }, h("th", { scope: "row" }, outcome.label, h("span.meaning.quiet", {}, ` ${unitNote(outcome.unit)}`)),
        [number(row.mean), number(row.baseline_mean), signed(row.difference), `${signed(row.low)} to ${signed(row.high)}`].map((text) => h("td.num", {}, text)),
        h("td", {}, `${MARKS[row.verdict] ?? ""} ${row.verdict}`.trim()));
    }))));
}

const MARKS = { higher: "▲", lower: "▼" };

const shown = (about, row) => Number(about.shown.includes(row.outcome));
