// The settings: presets, the regimes, what a government could set, every assumption, forced acts, a file of one's own.

import { at, fill, h } from "./dom.js";
import { count, monthName, number } from "./words.js";
import { changes } from "./view.js";

const LARGEST = 200_000;
/** Largest file that can be opened [characters], as in view.py. */

let wanted = "";
const open = new Set();

/**
 * Show the settings.
 * @param {object} now `about`, `view`, `run`, `change` (dispatches), `say` (shows a message), `upload`
 */
export function renderSettings(now) {
  const { about, view, run, change } = now;
  const box = at("settings");
  if (box.hidden) return;
  const keep = focusOf(box);
  const many = changes(view);
  const groups = about.groups.map((group) => [group, group.controls.filter((control) => fits(control))]).filter(([, controls]) => controls.length);
  fill(box,
    h("div.drawer-top", {}, h("h2", {}, "Settings"), h("button", { type: "button", id: "close-settings", "aria-label": "Close the settings", onclick: now.close }, "✕")),
    many ? h("p", {}, h("button", { type: "button", id: "take-back", onclick: () => change({ set: {}, forced: [], start: null }) }, `Take back ${count(many, "change")}`)) : null,
    run.notes.length ? h("ul", { id: "notes" }, run.notes.map((note) => h("li", {}, note))) : null,
    h("h3", {}, "Try one of these"),
    h("div.presets", {}, about.presets.map((preset) => h("button", { type: "button", title: preset.sentence, onclick: () => change({ file: null, start: null, months: null, choice: "", to: "", ...preset.view }) }, preset.label))),
    h("h3", {}, "Make a state act"), force(now),
    h("h3", {}, "Begin"),
    h("label.field", {}, h("span", {}, "First month"), h("input", { type: "month", id: "start", value: run.months[0], onchange: (event) => change({ start: event.target.value || null }) })),
    h("label.field", {}, h("span", {}, "Open a scenario file (.toml)"), h("input", { type: "file", id: "upload", accept: ".toml", onchange: (event) => take(event.target, now) })),
    h("h3", {}, "Rules and assumptions"),
    h("div.setting", {}, h("label", { for: "posterior" }, "Values that agree with the record"),
      h("input", { type: "checkbox", id: "posterior", checked: view.posterior, "aria-describedby": "posterior-meaning", onchange: (event) => change({ posterior: event.target.checked }) }),
      h("p.quiet", { id: "posterior-meaning" }, "Takes every uncertain value from a point of the posterior, fitted to the record up to 2019, instead of its default. The seed says which point.")),
    h("label.field", {}, h("span", {}, "Find a setting"), h("input", { type: "search", id: "find-setting", value: wanted, oninput: (event) => {
      wanted = event.target.value;
      renderSettings(now);
    } })),
    about.headings.map((heading) => {
      const mine = groups.filter(([group]) => group.heading === heading.name);
      return mine.length ? [h("h4", {}, heading.title), heading.sentence ? h("p.quiet", {}, heading.sentence) : null, mine.map(([group, controls]) => section(group, controls, now))] : null;
    }),
    groups.length ? null : h("p.quiet", {}, "No setting has these words."));
  keep();
}

const fits = (control) => !wanted.trim() || `${control.label} ${control.meaning}`.toLowerCase().includes(wanted.trim().toLowerCase());

/** Put the focus back where it was, after all has been built anew. */
function focusOf(box) {
  const had = document.activeElement;
  if (!box.contains(had)) return () => {};
  const [id, start, scrolled] = [had.id, had.selectionStart, box.scrollTop];
  return () => {
    box.scrollTop = scrolled;
    const again = id && at(id);
    if (!again) return;
    again.focus({ preventScroll: true });
    if (again.type === "search" || again.type === "text") again.setSelectionRange(start, start);
  };
}

function section(group, controls, now) {
  const on = group.switch && controls.find((control) => control.name === group.switch);
  if (on) return regime(on, group, controls.filter((control) => control !== on), now);
  return fold(group, controls, now);
}

/** A regime: a box that turns it on, and its terms once it is. */
function regime(on, group, terms, now) {
  return h("div.regime", {}, field({ ...on, label: group.title, meaning: group.sentence || on.meaning, unit: "", source: [] }, now),
    now.run.values[on.name] && terms.length ? fold({ ...group, title: `Its terms: ${group.title}`, sentence: "" }, terms, now) : null);
}

function fold(group, controls, now) {
  const changed = controls.filter((control) => control.name in now.view.set).length;
  const details = h("details.group", { open: open.has(group.title) || Boolean(wanted.trim()) },
    h("summary", {}, group.title, changed ? h("span.tag", {}, `${changed} changed`) : null));
  const body = h("div", {});
  details.append(body);
  const show = () => {
    if (!body.childElementCount) fill(body, group.sentence ? h("p.quiet", {}, group.sentence) : null, controls.map((control) => field(control, now)));
  };
  details.addEventListener("toggle", () => {
    open[details.open ? "add" : "delete"](group.title);
    if (details.open) show();
  });
  if (details.open) show();
  return details;
}

function field(control, { view, run, change }) {
  const { name, label, kind, low, high, step, choices } = control;
  const value = run.values[name];
  const id = `set-${name}`;
  const set = (to) => {
    const next = { ...view.set };
    if (to === run.base[name]) delete next[name];
    else next[name] = to;
    change({ set: next });
  };
  const parts = { id, "data-name": name, "aria-describedby": `${id}-meaning` };
  let input;
  if (kind === "switch") input = h("input", { ...parts, type: "checkbox", checked: value, onchange: (event) => set(event.target.checked) });
  else if (kind === "choice") input = h("select", { ...parts, onchange: (event) => set(event.target.value) }, choices.map((choice) => h("option", { value: choice, selected: choice === value }, choice)));
  else input = h("input", { ...parts, type: "number", value, min: low, max: high, step: "any", onchange: (event) => set(event.target.value === "" ? value : Number(event.target.value)) });
  const slide = input.type === "number" && Number.isFinite(low) && Number.isFinite(high) && high > low
    ? h("input", { type: "range", "aria-label": `${label}, slider`, min: low, max: high, step: kind === "int" ? 1 : step || (high - low) / 200, value, onchange: (event) => set(Number(event.target.value)) }) : null;
  if (slide) slide.id = `${id}-slide`;
  const changed = name in view.set;
  const ends = slide ? `${number(low)} to ${number(high)}${control.unit ? ` ${control.unit}` : ""}` : control.unit ?? "";
  return h(`div.setting${changed ? ".changed" : ""}`, {},
    h("label", { for: id }, label), input, slide,
    h("p.quiet", { id: `${id}-meaning` }, control.meaning, ends && input.type === "number" ? ` (${ends})` : "", control.null === null || control.null === undefined ? "" : ` Without effect at ${control.null}.`, control.source?.length ? h("span.source", {}, ` ${control.status}: ${control.source.join(", ")}`) : null),
    changed ? h("p", {}, h("button.link", { type: "button", id: `${id}-back`, onclick: () => set(run.base[name]) }, `Changed: put back to ${typeof run.base[name] === "boolean" ? (run.base[name] ? "on" : "off") : run.base[name]}`)) : null);
}

function force({ about, view, run, change, say }) {
  const states = () => run.states.map((state) => h("option", { value: state.iso3 }, state.name));
  const action = h("select", { id: "force-action", "aria-label": "Act" }, about.actions.map((one) => h("option", { value: one.name }, one.label)));
  const actor = h("select", { id: "force-actor", "aria-label": "State that acts" }, states());
  const to = h("select", { id: "force-to", "aria-label": "Towards which state" }, states());
  actor.value = view.state || "POL";
  to.value = "UKR";
  const aimed = () => about.actions.find((one) => one.name === action.value)?.aimed;
  const show = () => { to.hidden = !aimed(); };
  action.addEventListener("change", show);
  show();
  const next = Math.min(view.month, run.months.length - 1);
  const add = () => {
    if (view.month >= run.months.length) return say("The run is over: go back some months to make a state act.");
    change({ forced: [...view.forced, { month: run.months[next], actor: actor.value, action: action.value, to: aimed() ? to.value : null }] });
  };
  const words = (act) => `${monthName(act.month)}: ${run.names.get(act.actor) ?? act.actor}, ${about.actions.find((one) => one.name === act.action)?.label ?? act.action}${act.to ? `, ${run.names.get(act.to) ?? act.to}` : ""}`;
  return h("div.force", {}, h("p.quiet", {}, "It does so in the month after the one on screen, whatever its rules say."), actor, action, to,
    h("button", { type: "button", id: "force", onclick: add }, `Do it in ${monthName(run.months[next])}`),
    h("ul", { id: "forced" }, view.forced.map((act, k) => h("li", {}, words(act), " ", h("button.link", { type: "button", "aria-label": `Take back: ${words(act)}`, onclick: () => change({ forced: view.forced.filter((_, j) => j !== k) }) }, "take back")))));
}

async function take(input, { upload, say }) {
  const [chosen] = input.files;
  if (!chosen) return;
  if (chosen.size > LARGEST) say(`${chosen.name} is too large; a scenario file has at most ${number(LARGEST)} characters.`);
  else await upload(chosen.name, await chosen.text());
  input.value = "";
}
