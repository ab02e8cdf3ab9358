// The states on screen: one map, two maps, the difference, the network or the table; and the sentences of the month.

import { post, unpack } from "./api.js";
import { at, fill, h } from "./dom.js";
import { eventsOf } from "./log.js";
import { SIGNS, WorldMap, registerWorld } from "./map.js";
import { Network } from "./network.js";
import { scale } from "./scale.js";
import { influenceNow } from "./state.js";
import { renderTable } from "./table.js";
import { asked } from "./view.js";
import { list, monthName, signed, unit, unitNote, when } from "./words.js";

let drawn = null;
/** What is drawn: {kind, states, parts}. */

/** Forget what is drawn, after the look has changed. */
export function resetWorld() {
  drawn?.parts.forEach((part) => part.dispose?.());
  drawn = null;
}

/** A ground for the states of a generated world, which have no outlines. */
export function registerPlane(run) {
  const [xs, ys] = ["x", "y"].map((axis) => run.states.map((state) => state[axis]));
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const [dx, dy] = [(right - left || 1) / 12, (high - low || 1) / 12];
  const ring = [[left - dx, low - dy], [right + dx, low - dy], [right + dx, high + dy], [left - dx, high + dy], [left - dx, low - dy]];
  registerWorld({ type: "FeatureCollection", features: [{ type: "Feature", properties: { name: "" }, geometry: { type: "Polygon", coordinates: [ring] } }] }, "plane");
}

/** The values of a quantity in a run, unpacked once. */
function columns(run, quantity) {
  run.unpacked ??= new Map();
  if (!run.unpacked.has(quantity.name)) run.unpacked.set(quantity.name, unpack(run.columns[quantity.name], quantity));
  return run.unpacked.get(quantity.name);
}

/** This run minus the other, of a quantity; of many runs their mean, where these were computed. */
function difference({ run, other, bands }, quantity) {
  const many = bands?.map?.[quantity.name];
  const name = `${quantity.name} minus`;
  run.minus ??= new WeakMap();
  const owner = many ? bands : other;
  if (!run.minus.has(owner)) run.minus.set(owner, new Map());
  const made = run.minus.get(owner);
  if (made.has(name)) return made.get(name);
  const isWords = quantity.kind === "category";
  let values;
  if (many) {
    ({ values } = unpack(many, quantity));
    const clear = bands.clear?.[quantity.name] && unpack(bands.clear[quantity.name], quantity).values;
    if (clear) values = values.map((value, k) => (clear[k] ? value : NaN));
  } else {
    const [a, b] = [columns(run, quantity).values, columns(other, quantity).values];
    values = isWords ? Uint8Array.from(a, (value, k) => Number(value !== b[k])) : Float32Array.from(a, (value, k) => value - b[k]);
  }
  const count = run.states.length;
  const minus = {
    quantity: isWords && !many ? { ...quantity, name: `${quantity.name} minus`, words: ["the same in both", "differs"] }
      : { ...quantity, kind: "diverging", absent: many ? "not distinguishable from no difference" : "does not apply" },
    values, many: Boolean(many), row: (month) => values.subarray(month * count, (month + 1) * count),
  };
  made.set(name, minus);
  return minus;
}

const scales = new WeakMap();

/** The scale of some values; made once for each look. */
function scaleOf(quantity, values) {
  const look = document.documentElement.dataset.drawn;
  const had = scales.get(values);
  if (had?.look === look) return had.scale;
  const made = { look, scale: scale(quantity, values) };
  scales.set(values, made);
  return made.scale;
}

/** Show the states. */
export function renderWorld(now) {
  const { about, view, run, other, pick } = now;
  const kind = (view.show === "pair" || view.show === "difference") && !other ? "map" : view.show;
  const quantity = about.quantities.find((one) => one.name === view.colour) ?? about.quantities[0];
  build(kind, now);
  if (kind === "table") {
    const shared = scaleOf(quantity, columns(run, quantity).values);
    fill(at("legend"));
    fill(at("rings"));
    at("colour-meaning").textContent = meaning(quantity);
    return renderTable(at("maps").firstChild, { states: run.states, quantity, told: shared.told, chosen: now.chosen, pick,
      values: columns(run, quantity).row(view.month), otherValues: other ? columns(other, quantity).row(Math.min(view.month, other.months.length)) : null });
  }
  if (kind === "network") return renderNetwork(now, quantity);
  if (kind === "difference") return renderMinus(now, quantity);
  const all = columns(run, quantity);
  const shared = scaleOf(quantity, all.values);
  const values = all.row(view.month);
  const events = eventsOf(run, view.month);
  const event = now.event;
  const theirs = other ? columns(other, quantity).row(Math.min(view.month, other.months.length)) : null;
  const tip = told(now, quantity, shared, values, theirs);
  const influence = kind === "map" && view.arrows ? influenceNow(now) : null;
  const label = `World map of ${run.title}, ${when(run, view.month)}: ${quantity.label} of every state. The table shows the same.`;
  drawn.parts[0].show({ values, paint: shared.paint, chosen: now.chosen, tip, acts: events, key: event && isMarked(event) ? { event, short: shortText(event, run) } : null,
    rings: influence ? rings(influence, now.chosen) : [], label });
  if (kind === "pair") {
    drawn.parts[1].show({ values: theirs, paint: shared.paint, chosen: now.chosen, tip, acts: eventsOf(other, view.month), key: null,
      label: `World map of ${other.title}, ${when(run, view.month)}: ${quantity.label} of every state` });
    drawn.titles[0].textContent = run.title;
    drawn.titles[1].textContent = other.title;
  }
  fill(at("legend"), shared.legend([...values]), signs(events));
  at("colour-meaning").textContent = meaning(quantity);
  fill(at("rings"), influence?.moved.length ? ringWords(influence, now) : null);
}

const isMarked = (event) => SIGNS[event.act] || event.act === "transfer" || event.act === "condemn";
const meaning = (quantity) => `${quantity.meaning[0].toUpperCase()}${quantity.meaning.slice(1)}${unitNote(quantity.unit) ? ` (${unitNote(quantity.unit)})` : ""}.`;

/** A few words for the label of the act of the month. */
function shortText(event, run) {
  const name = (iso3) => run.names.get(iso3) ?? iso3;
  if (event.act === "transfer") return `${name(event.actor)} → ${name(event.to)}`;
  if (event.act === "condemn") return `${name(event.to)} is condemned`;
  return `${name(event.actor)} ${SIGNS[event.act].word}`;
}

function told(now, quantity, shared, values, theirs) {
  return (hit) => {
    const iso3 = hit.data?.iso3 ?? hit.name;
    const k = now.run.place.get(iso3);
    if (k === undefined) return "";
    const rows = [["this run", shared.told(values[k])]];
    if (theirs) rows.push([now.otherTitle, shared.told(theirs[k])]);
    return h("div", {}, h("div.tip-title", {}, now.run.names.get(iso3)), hit.data?.told ? h("div.tip-act", {}, hit.data.told) : null, h("div.quiet", {}, quantity.label),
      rows.map(([word, value]) => h("div.tip-row", {}, h("span", {}, word), h("b", {}, value))));
  };
}

function signs(events) {
  const kinds = new Map(events.filter((event) => SIGNS[event.act]).map((event) => [SIGNS[event.act].word, SIGNS[event.act].sign]));
  if (events.some((event) => event.act === "transfer")) kinds.set("sent cluster munitions", "➜");
  return [...kinds].map(([word, sign]) => h("span.key.act", {}, h("b", { "aria-hidden": "true" }, sign), `${word} this month`));
}

/** Whether what was moved became less or more. */
const way = (one) => ["approval", "conduct", "belief", "scope"].reduce((sum, part) => sum + (one[part] ?? 0), 0);

/** The strongest arrows of influence. */
function rings(influence, from) {
  const most = influence.moved[0]?.size || 1;
  const first = influence.moved.slice(0, 14).map((one) => ({ from, to: one.state, share: one.size / most, ring: 1, sign: way(one) }));
  const sign = new Map(influence.moved.map((one) => [one.state, way(one)])); // those beyond look to them: what is passed on has their sign
  const second = influence.second.slice(0, 12).map((one) => ({ from: one.from, to: one.state, share: Math.min(one.size / most, 1), ring: 2, sign: sign.get(one.from) ?? 0 }));
  return [...first, ...second];
}

function ringWords(influence, { run: { within } }) {
  const strongest = influence.moved.slice(0, 3).map((one) => within.get(one.state));
  return [h("span.key", {}, h("span.arrow-one", { "aria-hidden": "true" }, "⟶"), `whose expectations ${within.get(influence.state)} moved by ${influence.moved_in ? monthName(influence.moved_in) : "the next month"}, most of all ${list(strongest)}`),
    influence.second.length ? h("span.key", {}, h("span.arrow-two", { "aria-hidden": "true" }, "⇢"), "who looks to these") : null,
    h("span.quiet", {}, "The wider the arrow, the more. ", h("span.less", {}, "Orange weakens"), ", ", h("span.more", {}, "blue strengthens"), " what they expect.")];
}

function renderMinus(now, quantity) {
  const { view, run, other } = now;
  const minus = difference(now, quantity);
  const shared = scaleOf(minus.quantity, minus.values);
  const values = minus.row(Math.min(view.month, other.months.length));
  const plain = scaleOf(quantity, columns(run, quantity).values);
  const [a, b] = [columns(run, quantity).row(view.month), columns(other, quantity).row(Math.min(view.month, other.months.length))];
  const say = (value) => (minus.quantity.kind === "diverging" && !Number.isNaN(value) ? `${signed(value)}${unit(quantity.unit, value)}` : Number.isNaN(value) ? minus.quantity.absent : shared.told(value));
  const tip = (hit) => {
    const iso3 = hit.data?.iso3 ?? hit.name;
    const k = run.place.get(iso3);
    if (k === undefined) return "";
    const row = (word, value) => h("div.tip-row", {}, h("span", {}, word), h("b", {}, value));
    return h("div", {}, h("div.tip-title", {}, run.names.get(iso3)), h("div.quiet", {}, quantity.label), row("this run", plain.told(a[k])), row(now.otherTitle, plain.told(b[k])), row(minus.many ? "mean difference" : "difference", say(values[k])));
  };
  drawn.parts[0].show({ values, paint: shared.paint, chosen: now.chosen, tip, label: `World map: difference in ${quantity.label} between ${run.title} and ${other.title}, ${when(run, view.month)}. The table shows the same.` });
  fill(at("legend"), shared.legend([...values]));
  at("colour-meaning").textContent = `${(minus.many && now.bands.called[quantity.name]) || quantity.label}: ${run.title} minus ${other.title}, ${minus.many ? `mean of ${now.bands.runs} pairs of runs` : "one run of each on the same seed"}.`;
  fill(at("rings"));
}

const nets = new Map();

async function renderNetwork(now, quantity) {
  const { view, run } = now;
  const all = columns(run, quantity);
  const shared = scaleOf(quantity, all.values);
  at("colour-meaning").textContent = `Arrows lead to ${run.within.get(now.chosen)} from those it watches; the wider, the larger their share of its attention to ties. Coloured by: ${quantity.label.toLowerCase()}.`;
  const values = all.row(view.month);
  fill(at("legend"), shared.legend([...values]));
  fill(at("rings"));
  const name = JSON.stringify([asked(view), view.layer]);
  if (!nets.has(name)) {
    if (nets.size > 20) nets.clear();
    nets.set(name, post("/api/network", { view: asked(view), layer: view.layer }));
  }
  const mine = drawn;
  try {
    const net = await nets.get(name);
    if (mine !== drawn || drawn.kind !== "network") return;
    drawn.parts[0].show({ net, values, paint: shared.paint, chosen: now.chosen, tip: told(now, quantity, shared, values, null), label: `Network: who watches whom; ${run.within.get(now.chosen)} and those it watches stand out` });
  } catch (problem) {
    nets.delete(name);
    now.say(problem.message);
  }
}

/** Make the boxes of a kind of view, unless they are there. */
function build(kind, { run, pick }) {
  if (drawn?.kind === kind && drawn.states === run.states.length && drawn.real === run.real) return;
  resetWorld();
  const box = at("maps");
  fill(box);
  box.className = kind;
  drawn = { kind, states: run.states.length, real: run.real, parts: [], titles: [] };
  const frame = (title) => {
    const heading = title ? h("h3", {}) : null;
    const place = h("div.world", {});
    box.append(h("div.half", {}, heading, place));
    if (heading) drawn.titles.push(heading);
    return place;
  };
  if (kind === "table") box.append(h("div", {}));
  else if (kind === "network") drawn.parts.push(new Network(frame(), run.states, pick));
  else for (let k = 0; k < (kind === "pair" ? 2 : 1); k += 1) drawn.parts.push(new WorldMap(frame(kind === "pair"), run.states, pick, run.real ? "world" : "plane"));
}

/** What is drawn, for pictures and films. */
export const drawnNow = () => drawn;

/** The sentences of the month: what happened, and what is different beside the comparison. */
export function renderSentences(now) {
  const { view, run } = now;
  fill(at("headline"), headline(now));
  fill(at("effect"), view.month > 0 && run.other ? effect(now) : run.other_problem || "");
}

function headline({ view, run }) {
  if (view.month === 0) return [h("strong", {}, `Before ${when(run, 1)}. `), "Nothing has happened yet: press Play, or one month on."];
  const events = eventsOf(run, view.month);
  if (!events.length) return [h("strong", {}, `${when(run, view.month)}: `), "no state acted."];
  const [first, ...rest] = events;
  const condemned = rest.filter((event) => event.act === "condemn" && event.to === first.actor).slice(0, 1);
  const more = rest.length - condemned.length;
  return [h("strong", {}, `${when(run, view.month)}: ${first.text}. `), condemned.map((event) => `${event.text}. `), more ? h("a", { href: "#log", onclick: (press) => { press.preventDefault(); at("log").scrollIntoView(); } }, `${more} more ${more === 1 ? "event" : "events"}`) : null];
}

/** What differs, of the outcomes that are shown: in words. */
function effect({ about, view, run, other, bands, otherTitle }) {
  const outcomes = about.outcomes.filter((one) => view.outcomes.includes(one.name) && one.name in run.series && other && one.name in other.series);
  if (!other) return null;
  const k = view.month - 1;
  const say = (outcome, value) => `${outcome.label[0].toLowerCase()}${outcome.label.slice(1)} ${signed(value)}${unit(outcome.unit, value)}`;
  if (bands) {
    const rows = outcomes.map((outcome) => [outcome, bands.outcomes[outcome.name]?.difference]).filter(([, row]) => row);
    const sure = rows.filter(([, row]) => row.low[k] > 0 || row.high[k] < 0);
    const same = rows.length - sure.length;
    return [h("strong", {}, "What it changed so far: "), sure.length ? `${list(sure.map(([outcome, row]) => `${say(outcome, row.mean[k])} (95 % interval ${signed(row.low[k])} to ${signed(row.high[k])})`))}. ` : "nothing that can be told from zero. ",
      same && sure.length ? `${same} of the outcomes shown cannot be told from zero. ` : "", h("span.quiet", {}, `Mean of ${bands.runs} pairs of runs, beside “${otherTitle}”.`)];
  }
  const rows = outcomes.map((outcome) => [outcome, run.series[outcome.name][k] - other.series[outcome.name][k]]).filter(([, value]) => value !== 0);
  return [h("strong", {}, `Beside “${otherTitle}”: `), rows.length ? `${list(rows.slice(0, 4).map(([outcome, value]) => say(outcome, value)))}. ` : "no difference yet in what is shown. ",
    h("span.quiet", {}, "One pair of runs, so not yet sure. "), h("a", { href: "#effects", onclick: (press) => { press.preventDefault(); at("effects").scrollIntoView(); at("run-both")?.focus({ preventScroll: true }); } }, "How sure is this?")];
}

/** What a screen reader is told. */
export const spoken = () => `${at("headline").textContent} ${at("effect").textContent}`;
