// The page: the view is one value, written in the address; all that is on screen follows from it.
//
//     address -> view -> run (from the server, once) -> screen
//
// Every control calls `change({...})`, which makes the next view. Beside it only what the server sent is kept.

import { get, post } from "./api.js";
import { Chart, connect } from "./charts.js";
import { showInfo, showKeys, showLarge, showLook } from "./dialogs.js";
import { cancel, ensemble, renderDifference } from "./difference.js";
import { at, fill, h, isDark, later, setLook } from "./dom.js";
import { listen } from "./keys.js";
import { eventsOf, fillKinds, renderLog } from "./log.js";
import { readColours, registerWorld } from "./map.js";
import { drawnNow, registerPlane, renderSentences, renderWorld, resetWorld, spoken } from "./screen.js";
import { renderSettings } from "./settings.js";
import { forgetState, renderState } from "./state.js";
import { renderStory } from "./story.js";
import { showTake } from "./takeaway.js";
import { connectTransport, hop, isPlaying, move, renderMarks, renderTransport, stop, toggle } from "./transport.js";
import { FIRST, asked, key, read, write } from "./view.js";

const outlines = get("/api/outlines"); // on its way while the rest is asked for
const about = await get("/api/about");
const usual = { ...FIRST, outcomes: about.shown };
const first = { ...usual, ...about.first, other: null };
const runs = new Map();
/** Runs that were sent, the last used last. */
const KEPT = 8;

let view = null;
let run = null;
let other = null;
let wanted = null;
let turn = 0;
let charts = [];

/** Everything that a part of the screen needs. */
const now = () => ({
  about, view, run, other, usual,
  otherTitle: run.other?.title ?? "", names: run.names, bands: ensemble(view),
  event: keyEvent(), chosen: chosen(),
  change, go, pick, say, again: renderAll, answered: renderMonth,
});

/** The act of the month: the most telling event. */
const keyEvent = () => eventsOf(run, view.month)[0] ?? null;

/** The state that is looked at: the one that was picked, or else the one that acted. */
function chosen() {
  if (run.names.has(view.state)) return view.state;
  const event = keyEvent();
  const acted = event && (event.actor || event.to);
  if (run.names.has(acted)) return acted;
  return run.names.has("USA") ? "USA" : run.states[0].iso3;
}

/** A run, from the server unless it was sent before. */
async function runOf(view) {
  const name = key(view);
  const had = runs.get(name);
  runs.delete(name);
  const found = had ?? prepare(await post("/api/run", { view: asked(view) }));
  runs.set(name, found);
  while (runs.size > KEPT) runs.delete(runs.keys().next().value);
  return found;
}

function prepare(run) {
  run.names = new Map(run.states.map((state) => [state.iso3, state.name]));
  run.within = new Map(run.states.map((state) => [state.iso3, state.within])); // names within a sentence
  run.place = new Map(run.states.map((state, k) => [state.iso3, k]));
  return run;
}

/**
 * Go to another view.
 * @param {object} part what changes
 * @param {"push"|"replace"} [how] whether Back returns to the view before
 */
async function change(part, how = "push") {
  wanted = { ...wanted, ...Object.fromEntries(Object.entries(part).filter(([name]) => name in FIRST)) };
  const mine = ++turn;
  const next = wanted;
  if (run && key(next) === key(view)) return commit(next, run, other, how);
  stop();
  document.body.setAttribute("aria-busy", "true");
  try {
    const found = await runOf(next);
    const beside = found.other ? await runOf({ ...found.other.view, other: "" }) : null;
    if (mine === turn) {
      clearMessage();
      commit(next, found, beside, how);
    }
  } catch (problem) {
    if (mine !== turn) return;
    wanted = view;
    document.body.removeAttribute("aria-busy");
    say(problem.message);
    if (run) renderAll();
    else throw problem;
  }
}

function commit(next, found, beside, how) {
  document.body.removeAttribute("aria-busy");
  const before = { view, run, other };
  const months = found.months.length;
  const month = Math.min(Math.max(Math.round(next.month), 0), months);
  view = Object.freeze({ ...next, month, set: found.view.set, forced: found.view.forced });
  [wanted, run, other] = [view, found, beside];
  if (before.view && before.run === run && before.other === other && onlyMonth(before.view, view)) renderMonth();
  else renderAll(before);
  if (how === "push" && before.view) {
    const shown = view;
    remember.cancel();
    write(shown, usual).then((address) => address !== location.hash && history.pushState(null, "", address || location.pathname));
  } else remember();
}

/** Whether two views differ in nothing but the month. */
const onlyMonth = (a, b) => Object.keys(b).every((name) => name === "month" || a[name] === b[name]);

/** Write the view into the address, without a step for Back. */
const remember = later(250, async () => {
  const address = await write(view, usual);
  if (address !== location.hash) history.replaceState(null, "", address || location.pathname);
});

/** Go to a month; `passing` while playing and scrubbing. */
const go = (month, passing = false) => change({ month }, passing ? "replace" : "push");

/** Look at a state, or at who did an event. */
function pick(what) {
  if (typeof what === "string") return change({ state: what, choice: "", to: "" });
  const choice = about.choices.some((one) => one.name === what.act) ? what.act : "";
  const actor = what.actor || what.states[1] || what.to; // critics are listed behind the state that they condemned
  change({ state: actor, month: what.month, choice, to: choice && what.to ? what.to : "" });
  at("state").scrollIntoView({ block: "nearest", behavior: "instant" });
}

/** Say that something cannot be done. */
function say(text) {
  const box = at("message");
  box.hidden = false;
  fill(box, text, " ", h("button", { type: "button", "aria-label": "Dismiss this message", onclick: clearMessage }, "✕"));
}

function clearMessage() {
  at("message").hidden = true;
  fill(at("message"));
}

/** Draw everything. */
function renderAll(before = {}) {
  const root = document.documentElement;
  setLook(view.look);
  const look = `${isDark()} ${view.projector}`;
  if (root.dataset.drawn !== look) {
    root.dataset.drawn = look;
    root.classList.toggle("projector", view.projector);
    readColours();
    resetWorld();
    charts.forEach((chart) => chart.dispose());
    charts = [];
  }
  if (before.run !== run) {
    renderMarks(run, go);
    fill(at("states"), run.states.map((state) => h("option", { value: state.name })));
    if (!run.real) registerPlane(run);
  }
  renderControls();
  renderCharts();
  renderStory({ about, view, run, to: storyTo, at: PANELS[view.panel] });
  for (const [panel, id] of Object.entries(PANELS)) at(id).classList.toggle("lit", panel === view.panel && view.story > 0);
  renderSettings({ ...now(), close: closeSettings, upload });
  renderDifference(now());
  at("command").textContent = run.command;
  document.title = `${run.title}: normsim`;
  renderMonth();
}

/** Draw what follows the month; quick, since it is called while scrubbing and playing. */
function renderMonth() {
  renderTransport(view, run);
  renderWorld(now());
  for (const chart of charts) chart.move(view.month);
  renderSentences(now());
  renderLog(now());
  renderState(now(), isPlaying());
  if (!isPlaying()) speak();
}

/** Tell a screen reader the month, once it has been rested on. */
const speak = later(600, () => {
  if (!isPlaying()) at("live").textContent = spoken(now());
});

function renderControls() {
  const own = view.file ? [h("option", { value: "" }, `${view.file.name} (your file)`)] : [];
  fill(at("scenario"), own, about.scenarios.map((one) => h("option", { value: one.name }, one.title)));
  at("scenario").value = view.file ? "" : view.scenario;
  fill(at("other"), h("option", { value: "" }, "nothing"), h("option", { value: about.unchanged }, `itself, ${about.unchanged}`),
    about.scenarios.map((one) => h("option", { value: one.name }, one.title)));
  at("other").value = run.view.other ?? "";
  at("seed").value = view.seed;
  at("show").value = view.show;
  fill(at("colour"), about.quantities.filter((one) => one.name in run.columns).map((one) => h("option", { value: one.name }, one.label)));
  at("colour").value = view.colour;
  at("layer").value = view.layer;
  at("arrows").checked = view.arrows;
  at("acts").value = view.acts;
  if (at("find") !== document.activeElement) at("find").value = view.find;
  for (const box of at("outcome-list").querySelectorAll("input")) box.checked = view.outcomes.includes(box.value);
  at("layer-label").hidden = view.show !== "network";
  at("arrows-label").hidden = view.show !== "map";
}

function renderCharts() {
  const outcomes = view.outcomes.map((name) => about.outcomes.find((one) => one.name === name)).filter((one) => one && one.name in run.series);
  const same = outcomes.length === charts.length && outcomes.every((one, k) => charts[k].outcome === one);
  if (!same) {
    charts.forEach((chart) => chart.dispose());
    charts = outcomes.map((outcome) => new Chart(outcome, (month) => go(month), () => showLarge(outcome, chartData)));
    fill(at("charts"), charts.map((chart) => chart.root));
    connect();
  }
  const data = chartData();
  for (const chart of charts) chart.draw(data);
  const bands = data.bands ? h("span.key", {}, h("span.band", { "aria-hidden": "true" }), `bands: 8 of 10 of ${data.bands.runs} runs each`) : null;
  fill(at("lines-key"), h("span.key", {}, h("span.line-one", { "aria-hidden": "true" }), `this run: ${run.title}`),
    other ? h("span.key", {}, h("span.line-two", { "aria-hidden": "true" }), `comparison: ${other.title}`) : null, bands);
}

/** The cards that a step of the story points at. */
const PANELS = { why: "state", log: "log", influence: "influence", difference: "effects" };

const chartData = () => ({ run, other, otherName: run.other?.title ?? "", bands: ensemble(view) });

function storyTo(step) {
  const set = step > 0 ? about.story[step - 1].view : {};
  const kept = { look: view.look, projector: view.projector, speed: view.speed, outcomes: view.outcomes };
  change(step > 0 ? { ...usual, ...kept, ...set, story: step } : { story: step, panel: "" });
}

async function upload(name, text) {
  try {
    const { view: opened } = await post("/api/upload", { name, text });
    await change({ ...opened, other: null, month: 1, state: "", choice: "", to: "" });
  } catch (problem) {
    say(problem.message);
  }
}

function openSettings() {
  at("settings").hidden = false;
  document.body.classList.add("with-settings");
  at("open-settings").setAttribute("aria-expanded", "true");
  renderSettings({ ...now(), close: closeSettings, upload });
  at("close-settings").focus();
}

function closeSettings() {
  at("settings").hidden = true;
  document.body.classList.remove("with-settings");
  at("open-settings").setAttribute("aria-expanded", "false");
  at("open-settings").focus();
}

/** Connect what stays on the page. */
function connectControls() {
  connectTransport(() => ({ view, run }), go, (speed) => change({ speed }, "replace"), () => {
    renderState(now(), false);
    speak();
  });
  const afresh = { file: null, start: null, months: null, set: {}, forced: [], state: "", choice: "", to: "" };
  const on = (id, type, does) => at(id).addEventListener(type, (event) => does(event.target, event));
  on("scenario", "change", (field) => field.value && change({ ...afresh, scenario: field.value, other: null }));
  on("other", "change", (field) => change({ other: field.value }));
  on("seed", "change", (field) => change({ seed: /^\d{1,15}$/.test(field.value.trim()) ? Number(field.value) : field.value }));
  for (const id of ["show", "colour", "layer", "acts"]) on(id, "change", (field) => change({ [id]: field.value }));
  on("arrows", "change", (field) => change({ arrows: field.checked }));
  on("find", "input", (field) => change({ find: field.value }, "replace"));
  on("pick", "change", (field) => {
    const text = field.value.trim().toLowerCase();
    const named = run.states.find((state) => state.name.toLowerCase() === text || state.iso3.toLowerCase() === text)
      ?? run.states.find((state) => text && state.name.toLowerCase().startsWith(text)) ?? run.states.find((state) => text && state.name.toLowerCase().includes(text));
    if (named) pick(named.iso3);
    else if (text) say(`No state is called “${field.value}”.`);
    field.value = "";
  });
  on("open-settings", "click", () => (at("settings").hidden ? openSettings() : closeSettings()));
  on("open-story", "click", () => storyTo(at("story").hidden ? 0 : -1));
  on("open-take", "click", () => showTake(now));
  on("open-look", "click", () => showLook(now));
  on("open-info", "click", () => showInfo(about));
  on("open-keys", "click", showKeys);
  on("copy-command", "click", async (button) => {
    await navigator.clipboard.writeText(run.command);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  listen({
    " ": toggle, ArrowLeft: () => move(-1), ArrowRight: () => move(1), ShiftArrowLeft: () => move(-12), ShiftArrowRight: () => move(12),
    Home: () => move(-Infinity), End: () => move(Infinity), "[": () => hop(-1), "]": () => hop(1), "?": showKeys,
    Escape: () => (at("settings").hidden || at("dialog").open ? false : closeSettings()),
  });
  for (const link of document.querySelectorAll("a.skip")) {
    link.addEventListener("click", (press) => { // the fragment of the address is the view
      press.preventDefault();
      document.querySelector(link.getAttribute("href")).focus();
    });
  }
  addEventListener("popstate", open);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => renderAll());
  fillKinds(about.kinds);
  fill(at("layer"), about.layers.filter((one) => one.shown).map((one) => h("option", { value: one.name }, one.label)));
  fill(at("outcome-list"), outcomeBoxes());
  at("version").textContent = `normsim ${about.version}. Nothing on this page leaves your machine.`;
}

function outcomeBoxes() {
  const groups = Map.groupBy(about.outcomes, (outcome) => outcome.group);
  return [...groups].map(([group, outcomes]) => h("fieldset", {}, h("legend", {}, about.outcome_groups.find((one) => one.name === group).title), outcomes.map((outcome) =>
    h("label.check", { title: outcome.meaning }, h("input", { type: "checkbox", value: outcome.name, onchange: (event) => {
      const rest = view.outcomes.filter((name) => name !== outcome.name);
      change({ outcomes: event.target.checked ? [...rest, outcome.name] : rest });
    } }), ` ${outcome.label}`))));
}

/** Show the view that the address says. */
async function open() {
  forgetState();
  await change(location.hash.includes("scenario=") ? await read(location.hash, usual) : first, "replace");
}

registerWorld(await outlines);
readColours();
connectControls();
try {
  await open();
} catch {
  wanted = first; // an address that this version cannot show: say so, and open as usual
  await change({}, "replace");
}
addEventListener("pagehide", cancel);
/** For tests and the curious: what is on screen. */
window.normsim = { get view() { return view; }, get run() { return run; }, get other() { return other; }, get world() { return drawnNow(); } };
document.body.dataset.ready = "yes";
