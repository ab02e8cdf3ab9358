// One state: what it decided this month and why, what it feels bound by, and whom it moved.

import { fill, h } from "./dom.js";
import { chance, list, monthName, number, signed, when } from "./words.js";

/**
 * Show why a state decided as it did.
 * @param {HTMLElement} box where
 * @param {object} why the server's answer
 * @param {object} chosen `choice`, `to`: which decision; and `choose(choice, to)`
 */
export function renderWhy(box, why, { choice, to, choose }) {
  const shown = why.choices.find((one) => one.choice === (choice || why.best)) ?? why.choices[0];
  const tabs = h("div.choices", { role: "group", "aria-label": "Decisions of this month" }, why.choices.map((one) =>
    h(`button.choice${did(one) ? ".happened" : ""}`, { type: "button", "aria-pressed": String(one === shown), "data-choice": one.choice, onclick: () => choose(one.choice, "") },
      one.label, h("span.quiet", {}, did(one) ? " ✓ did it" : weighed(one).length ? ` ${chance(Math.max(...weighed(one).map((of) => of.probability)))}` : " could not"))));
  fill(box, tabs, ...decision(shown, to, choose));
}

const did = (one) => one.decisions.some((of) => of.happened);
const weighed = (one) => one.decisions.filter((of) => of.terms.length);

function decision(one, to, choose) {
  if (!one.decisions.length) return [h("p", {}, "It did not decide on this.")];
  const of = one.decisions.find((option) => to && option.target === to) ?? one.decisions.find((option) => option.happened && option.ordered) ?? one.decisions.find((option) => option.happened) ?? one.decisions[0];
  const label = (option) => `${option.target_name}: ${option.happened ? "did it" : option.terms.length ? chance(option.probability) : "could not"}`;
  const pick = one.decisions.length > 1 ? h("p", {}, h("label", {}, "Towards ", h("select", { id: "towards", onchange: (event) => choose(one.choice, event.target.value) },
    one.decisions.map((option) => h("option", { value: option.target, selected: option === of }, label(option)))))) : null;
  const said = h("p.said", {}, h("strong", {}, of.sentence));
  if (!of.terms.length) return [pick, said];
  const terms = [...of.terms].sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const most = Math.max(...terms.filter((term) => Number.isFinite(term.value)).map((term) => Math.abs(term.value)), 0.01);
  const measure = of.link === "logit" ? "log-odds" : of.link || "value";
  return [pick, said, h("div.scroll", { tabIndex: 0, role: "region", "aria-label": "What counted in this decision" },
    h("table.terms", {},
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "What counted"), h("th", { scope: "col" }, "against ← → for"), h("th.num", { scope: "col" }, measure))),
      h("tbody", {}, terms.map((term) => row(term, most))),
      h("tfoot", {}, h("tr", {}, h("th", { scope: "row", colSpan: 2 }, of.link ? `Together, a chance of ${chance(of.probability)}` : "Together"), h("td.num", {}, signed(of.sum))))))];
}

function row(term, most) {
  const bar = h(`span.fill${term.value < 0 ? ".against" : ".for"}`);
  bar.style.width = `${(50 * Math.min(Math.abs(term.value) || 0, most)) / most}%`;
  return h("tr", {}, h("th", { scope: "row" }, term.label, h("span.meaning.quiet", {}, term.meaning)),
    h("td.bar", {}, h("span.axis", {}, bar)), h("td.num", {}, signed(term.value)));
}

/** What the state feels bound by, split into belief, what it expects others to do, and how it expects them to react. */
export function renderFelt(box, felt) {
  if (!felt) return fill(box);
  const bar = h("div.split", { "aria-hidden": "true" }, felt.parts.map((part) => {
    const piece = h(`span.${part.name}`);
    piece.style.width = `${100 * Math.max(part.share, 0)}%`;
    return piece;
  }));
  fill(box, h("h3", {}, `How strongly it feels bound: ${number(felt.felt)} of 1`), h("p.quiet", {}, felt.sentence), bar,
    h("ul.split-key", {}, felt.parts.map((part) => h("li", {}, h(`span.swatch.${part.name}`, { "aria-hidden": "true" }), h("span", {}, `${part.label}: ${number(part.value)}`, h("span.quiet", {}, ` ${part.meaning}`))))));
}

/**
 * Where the state stands, and what is known of it.
 * @param {HTMLElement} box where
 * @param {object} why the server's answer
 * @param {() => Promise<object>} ask asks for the recorded facts, once they are opened
 */
export function renderFacts(box, why, ask) {
  const body = h("div", {});
  const known = h("details", { ontoggle: async () => {
    if (body.childElementCount) return;
    const { facts, sources } = await ask();
    fill(body, h("div.scroll", { tabIndex: 0, role: "region", "aria-label": "What is known of it" }, h("table", {},
      h("thead", {}, h("tr", {}, ["Fact", "Value", "As of", "Source"].map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, facts.map((fact) => h("tr", {}, h("th", { scope: "row" }, fact.name, fact.note ? h("span.meaning.quiet", {}, ` ${fact.note}`) : null), h("td", {}, fact.value), h("td", {}, fact.as_of), h("td", {}, fact.source)))))),
      h("ul.sources", {}, sources.map((source) => h("li", {}, h("b", {}, `${source.key}: `), source.words))));
  } }, h("summary", {}, "What is known of it, with sources"), body);
  fill(box, h("h3", {}, "Where it stands"), h("dl.standing", {}, why.standing.map((fact) => h("div", { title: fact.meaning }, h("dt", {}, fact.label), h("dd", {}, fact.value)))), known);
}

/** Whom the act moved, and who moved the state. */
export function renderInfluence(box, influence, { names, pick, run, month, layers }) {
  const layerName = (name) => layers.find((one) => one.name === name)?.through ?? name;
  const button = (iso3) => h("button.link", { type: "button", onclick: () => pick(iso3) }, names.get(iso3) ?? iso3);
  const cell = (text) => h("td.num", {}, text);
  const through = (layers) => list(Object.entries(layers ?? {}).sort((a, b) => b[1] - a[1]).slice(0, 2).map(([name]) => layerName(name)));
  const parts = ["conduct", "approval", "belief", "scope"].filter((part) => influence.moved.concat(influence.movers).some((one) => part in one));
  const heads = ["State", ...parts.map((part) => PARTS[part])];
  const moved = (one) => [h("th", { scope: "row" }, button(one.state), h("span.meaning.quiet", {}, ` through ${through(one.layers) || "the news of the world"}`)), parts.map((part) => cell(signed(one[part])))];
  const then = influence.moved_in ? monthName(influence.moved_in) : "the next month";
  fill(box,
    table("Whom it moved", influence.moved.length ? `What it did in ${when(run, month)} changed by ${then} what others expect and believe (on scales from 0 to 1):` : "It moved nobody this month.", influence.moved, moved, heads),
    influence.second.length ? table("Who looks to these", influence.meaning.second, influence.second, (one) => [h("th", { scope: "row" }, button(one.state)), h("td", {}, button(one.from)), cell(number(one.size))], ["State", "looks to", "attention × movement"]) : null,
    table("Who moved it", influence.movers.length ? "What each of them did changed what it expects and believes (on scales from 0 to 1):" : "Nobody moved it this month.", influence.movers, moved, heads),
    influence.path ? h("p", {}, h("strong", {}, "How the first transfer reached it: "), influence.path.states.map((iso3, k) => [k ? " → " : "", button(iso3)]), `. ${influence.path.sentence ?? ""}`) : null);
}

const PARTS = { conduct: "others comply", approval: "others mind", belief: "own belief", scope: "scope" };

function table(title, note, rows, cells, heads) {
  return h("div", {}, h("h3", {}, title), h("p.quiet", {}, note),
    rows.length ? h("div.scroll", { tabIndex: 0, role: "region", "aria-label": title }, h("table", {},
      h("thead", {}, h("tr", {}, heads.map((head, k) => h(k ? "th.num" : "th", { scope: "col" }, head)))),
      h("tbody", {}, rows.map((one) => h("tr", {}, cells(one)))))) : null);
}
