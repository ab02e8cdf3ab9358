// The map: states in the colours of a quantity, the acts of the month, and where influence travelled.

import * as echarts from "./echarts/echarts.esm.min.js";
import { colour, h, rem, still } from "./dom.js";
import { font } from "./scale.js";

/** Register outlines under a name. */
export const registerWorld = (outlines, name = "world") => echarts.registerMap(name, outlines);

/** How each act is marked on the map and named beside it. */
export const SIGNS = {
  use: { symbol: "triangle", sign: "▲", word: "used the weapon" },
  claim: { symbol: "diamond", sign: "◆", word: "claimed an exception" },
  join: { symbol: "circle", sign: "●", word: "took a step into the ban" },
  in_force: { symbol: "circle", sign: "●", word: "is bound by the ban from now on" },
  renounce: { symbol: "roundRect", sign: "■", word: "renounced the weapon" },
  acquire: { symbol: "pin", sign: "⬇", word: "decided to acquire the weapon" },
  withdraw: { symbol: CROSS(), sign: "✖", word: "gave notice to leave" },
  left: { symbol: CROSS(), sign: "✖", word: "left the ban" },
};
function CROSS() {
  return "path://M0 2L2 0L6 4L10 0L12 2L8 6L12 10L10 12L6 8L2 12L0 10L4 6Z";
}

/** How long arrows move [ms]: long enough to be seen, and no longer, so that they distract nobody and cost nothing. */
const MOVING = 4800;

/** Three quarters of the width of the map in the units of the outlines: a longer arrow would go around the world. */
const FAR = 400;

export class WorldMap {
  /**
   * @param {HTMLElement} box where it is drawn
   * @param {object[]} states the states of the run
   * @param {(iso3: string) => void} onPick called with a state that was pressed
   * @param {string} [outlines] the name under which the outlines were registered
   */
  constructor(box, states, onPick, outlines = "world") {
    this.states = states;
    this.outlines = outlines;
    this.canvas = h("div.canvas", { role: "img" });
    this.tip = () => "";
    box.append(this.canvas, this.zoomButtons());
    this.chart = echarts.init(this.canvas, null, { renderer: "canvas" });
    this.chart.on("click", (hit) => {
      const iso3 = hit.componentType === "geo" ? hit.name : hit.data?.iso3;
      if (this.place.has(iso3)) onPick(iso3);
    });
    this.place = new Map(states.map((state, k) => [state.iso3, k]));
    this.zoom = 1;
    this.canvas.addEventListener("wheel", (turn) => {
      if (!turn.ctrlKey && !turn.metaKey) return;
      turn.preventDefault();
      this.zoomBy(turn.deltaY < 0 ? 1.3 : 1 / 1.3, turn.offsetX, turn.offsetY);
    }, { passive: false, capture: true });
    this.size = new ResizeObserver(() => this.chart.resize());
    this.size.observe(this.canvas);
    this.base();
  }

  dispose() {
    this.size.disconnect();
    this.chart.dispose();
  }

  zoomButtons() {
    return h("div.zoom", { role: "group", "aria-label": "Zoom" },
      h("button", { type: "button", "aria-label": "Zoom in", title: "Zoom in (Ctrl and wheel); drag to move", onclick: () => this.zoomBy(1.6) }, "+"),
      h("button", { type: "button", "aria-label": "Zoom out", title: "Zoom out", onclick: () => this.zoomBy(1 / 1.6) }, "−"),
      h("button", { type: "button", "aria-label": "Whole world", title: "Whole world", onclick: () => this.whole() }, "⤢"));
  }

  zoomBy(times, x = this.chart.getWidth() / 2, y = this.chart.getHeight() / 2) {
    const next = Math.min(Math.max(this.zoom * times, 1), 12);
    if (next === 1) return this.whole();
    this.chart.dispatchAction({ type: "geoRoam", componentType: "geo", geoIndex: 0, zoom: next / this.zoom, originX: x, originY: y });
    this.zoom = next;
    this.chart.setOption({ geo: { roam: "move" } });
  }

  whole() {
    this.zoom = 1;
    this.chart.setOption({ geo: { zoom: 1, center: null, roam: false } });
  }

  /** What does not change with the month; to be called again when colours or sizes of type change. */
  base() {
    const line = colour("map-line");
    this.chart.setOption({
      animation: false,
      textStyle: font(),
      tooltip: { trigger: "item", confine: true, transitionDuration: 0, className: "tip", formatter: (hit) => this.tip(hit) },
      geo: {
        map: this.outlines, aspectScale: 1, roam: this.zoom > 1 ? "move" : false,
        left: 4, right: 4, top: 4, bottom: 4, selectedMode: "single", tooltip: { show: true, formatter: (hit) => this.tip(hit) },
        itemStyle: { areaColor: colour("no-state"), borderColor: line, borderWidth: 0.5 }, label: { show: false },
        emphasis: { label: { show: false }, itemStyle: { borderColor: colour("ink"), borderWidth: 2, areaColor: "inherit" } },
        select: { label: { show: false }, itemStyle: { borderColor: colour("chosen"), borderWidth: 3, areaColor: "inherit" } },
        regions: [],
      },
      series: [
        { id: "small", type: "scatter", coordinateSystem: "geo", symbolSize: rem(0.62), z: 3, data: [], itemStyle: { opacity: 1 },
          emphasis: { scale: 1.5 } },
        { id: "first", type: "lines", coordinateSystem: "geo", zlevel: 1, z: 4, data: [], silent: true },
        { id: "second", type: "lines", coordinateSystem: "geo", zlevel: 1, z: 3, data: [], silent: true },
        { id: "sent", type: "lines", coordinateSystem: "geo", zlevel: 2, z: 5, data: [], silent: true },
        { id: "acts", type: "scatter", coordinateSystem: "geo", zlevel: 2, z: 6, data: [], itemStyle: { opacity: 1 } },
        { id: "key", type: "scatter", coordinateSystem: "geo", zlevel: 2, z: 7, data: [], itemStyle: { opacity: 1 }, silent: true },
      ],
    });
  }

  /**
   * Show a month.
   * @param {object} now `values` (one a state), `paint`, `chosen` (code), `tip`, `acts` (events), `key` (the event of the
   *   month), `rings` (influence: [{from, to, share, ring, sign}]), `label`
   */
  show({ values, paint, chosen, tip, acts = [], key = null, rings = [], label }) {
    this.tip = tip;
    this.canvas.setAttribute("aria-label", label);
    const regions = [];
    const small = [];
    this.states.forEach((state, k) => {
      const fill = paint(values[k]);
      const picked = state.iso3 === chosen;
      if (state.small) {
        small.push({ iso3: state.iso3, value: [state.x, state.y], itemStyle: {
          color: fill, borderColor: picked ? colours.chosen : colours.line, borderWidth: picked ? 3 : 1 } });
      } else {
        regions.push({ name: state.iso3, selected: picked, itemStyle: { areaColor: fill } });
      }
    });
    this.chart.setOption({
      geo: { regions },
      series: [
        { id: "small", data: small },
        ...this.influence(rings),
        ...this.acts(acts, key),
      ],
    }, { lazyUpdate: false });
  }

  /** How far a label beside a point is moved so that it stays inside the map. */
  inside(words, [x]) {
    const wide = words.length * rem(0.5) + 20;
    const begin = x + rem(0.7) + 10;
    return [Math.max(4, Math.min(begin, this.chart.getWidth() - wide - 4)) - begin, -rem(1.5)];
  }

  point(iso3) {
    const state = this.states[this.place.get(iso3)];
    return state ? [state.x, state.y] : null;
  }

  /** Whether an arrow between two points does not go the long way around the world. */
  isNear(a, b) {
    return a && b && Math.abs(a[0] - b[0]) < FAR;
  }

  influence(rings) {
    const moving = !still() && rings.length > 0;
    clearTimeout(this.calm);
    if (moving) this.calm = setTimeout(() => this.chart.isDisposed() || this.chart.setOption({ series: ["first", "second"].map((id) => ({ id, effect: { show: false } })) }), MOVING);
    const drawn = (ring) => rings.filter((row) => row.ring === ring && this.isNear(this.point(row.from), this.point(row.to))).map((row) => ({
      coords: [this.point(row.from), this.point(row.to)],
      lineStyle: { width: 0.7 + 4.5 * row.share, color: row.sign < 0 ? colours.less : colours.more },
    }));
    const style = (ring) => ({
      symbol: ["none", "arrow"], symbolSize: ring === 1 ? 9 : 6,
      lineStyle: { curveness: 0.25, opacity: ring === 1 ? 0.9 : 0.75, type: ring === 1 ? "solid" : "dashed", shadowColor: colours.paper, shadowBlur: 2 },
      effect: { show: moving, period: ring === 1 ? 3 : 4.5, trailLength: 0, symbol: "arrow", symbolSize: ring === 1 ? 9 : 6 },
    });
    return [{ id: "first", data: drawn(1), ...style(1) }, { id: "second", data: drawn(2), ...style(2) }];
  }

  acts(acts, key) {
    const sent = acts.filter((act) => act.act === "transfer" && this.point(act.actor) && this.point(act.to));
    const marks = acts.filter((act) => SIGNS[act.act] && this.point(act.actor));
    const from = key && (this.point(key.event.actor) ?? this.point(key.event.to));
    const at = from && this.chart.convertToPixel({ geoIndex: 0 }, from);
    return [
      { id: "sent", symbol: ["none", "arrow"], symbolSize: 14, data: sent.map((act) => ({
        coords: [this.point(act.actor), this.point(act.to)],
        lineStyle: { width: act === key?.event ? 4 : 2, color: colours.act, curveness: -0.2, opacity: 1 },
      })) },
      { id: "acts", data: marks.map((act) => ({
        iso3: act.actor, value: this.point(act.actor), told: act.text, symbol: SIGNS[act.act].symbol, symbolSize: rem(0.75),
        itemStyle: { color: colours.act, borderColor: colours.paper, borderWidth: 1.5 },
      })) },
      { id: "key", symbolSize: rem(1.4),
        data: from ? [{ value: from, itemStyle: { color: "transparent", borderColor: colours.act, borderWidth: 3 }, label: {
          show: true, formatter: key.short, position: "right", distance: 10, offset: this.inside(key.short, at), backgroundColor: colours.paper, color: colours.ink,
          borderColor: colours.act, borderWidth: 1.5, borderRadius: 4, padding: [4, 7], fontSize: rem(0.85), fontWeight: 600,
        } }] : [] },
    ];
  }
}

/** Colours of the style sheet, read once for each look and not for each state. */
const colours = {};

/** Read the colours again, after the look has changed. */
export function readColours() {
  Object.assign(colours, {
    chosen: colour("chosen"), line: colour("map-line"), act: colour("act"), paper: colour("paper"), ink: colour("ink"),
    less: colour("less"), more: colour("more"),
  });
}
