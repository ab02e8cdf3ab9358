// The series: one small chart an outcome, with a line a run, bands of many runs, a crosshair and the month on screen.

import * as echarts from "./echarts/echarts.esm.min.js";
import { colour, h, rem } from "./dom.js";
import { font } from "./scale.js";
import { monthName, number, short, signed, unit, unitNote } from "./words.js";

const LEFT = 3.1;
const RIGHT = 0.7;
/** Room left and right of the lines [rem]. */

/**
 * What is drawn of an outcome.
 * @param {object} outcome what the server says of it
 * @param {object} now `run`, `other` (or null), `otherName`, `bands` (of many runs, or null)
 * @param {boolean} big whether it has room for a zoom bar and names
 */
export function lines(outcome, { run, other, otherName, bands }, big = false) {
  const months = run.months;
  const band = bands?.outcomes?.[outcome.name];
  const own = { name: "this run", data: run.series[outcome.name], color: colour("one"), type: "solid" };
  const their = other && { name: otherName, data: other.series[outcome.name], color: colour("two"), type: "dashed" };
  const drawn = [their, own].filter(Boolean).map((line) => ({
    type: "line", name: line.name, data: line.data, showSymbol: false, symbol: "circle", z: 3,
    lineStyle: { width: big ? 3 : 2, color: line.color, type: line.type }, itemStyle: { color: line.color }, emphasis: { disabled: true },
  }));
  const areas = band ? [["b", colour("two")], ["a", colour("one")]].flatMap(([side, shade]) => area(band[side], shade, side)) : [];
  return {
    animation: false,
    textStyle: font(),
    aria: { enabled: false },
    grid: { left: rem(LEFT), right: rem(RIGHT), top: rem(0.6), bottom: rem(big ? 4.6 : 1.5) },
    tooltip: {
      trigger: "axis", confine: true, transitionDuration: 0, className: "tip",
      axisPointer: { type: "line", lineStyle: { color: colour("quiet") }, label: { show: false } },
      formatter: (hits) => tip(outcome, hits[0].dataIndex, { run, other, otherName, band }),
    },
    xAxis: {
      type: "category", data: months, boundaryGap: false, axisTick: { show: false },
      axisLine: { lineStyle: { color: colour("quiet") } },
      axisLabel: { ...font(), color: colour("quiet"), fontSize: rem(0.75), interval: (k) => yearShown(months, k, big), formatter: (month) => month.slice(0, 4), hideOverlap: true },
    },
    yAxis: {
      type: "value", scale: true, splitNumber: big ? 5 : 3, minInterval: /states/.test(outcome.unit) ? 1 : 0, ...(band ? {} : level([own.data, their?.data ?? []])),
      splitLine: { lineStyle: { color: colour("grid") } },
      axisLabel: { ...font(), color: colour("quiet"), fontSize: rem(0.75), formatter: short },
    },
    dataZoom: big ? [{ type: "slider", height: rem(1.4), bottom: rem(0.6), labelFormatter: (k) => (months[k] ? months[k].slice(0, 7) : "") }, { type: "inside", zoomOnMouseWheel: "ctrl" }] : [],
    series: [...areas, ...drawn],
  };
}

/** Room around lines that are level: an axis of its own would put them at its edge. */
function level(all) {
  const values = new Set(all.flat());
  if (values.size !== 1) return {};
  const [value] = values;
  const step = value === 0 ? 1 : 10 ** Math.floor(Math.log10(Math.abs(value)));
  return { min: value === 0 ? 0 : value - step, max: value + step, interval: step };
}

function yearShown(months, k, big) {
  const every = 12 * Math.ceil(months.length / 12 / (big ? 10 : 4));
  const first = months.findIndex((month) => month.endsWith("-01"));
  return first >= 0 && (k - first) % every === 0;
}

/** A band: an unseen line at its foot, and what lies above it as an area. */
function area(values, shade, side) {
  const common = { type: "line", stack: `band-${side}`, stackStrategy: "all", showSymbol: false, silent: true, lineStyle: { width: 0 }, emphasis: { disabled: true }, z: 1, tooltip: { show: false } };
  return [
    { ...common, name: `foot-${side}`, data: values.low },
    { ...common, name: `band-${side}`, data: values.high.map((high, k) => high - values.low[k]), areaStyle: { color: shade, opacity: 0.22 } },
  ];
}

function tip(outcome, k, { run, other, otherName, band }) {
  const row = (name, text) => h("div.tip-row", {}, h("span", {}, name), h("b", {}, text));
  const say = (value) => number(value) + unit(outcome.unit, value);
  const own = run.series[outcome.name][k];
  const rows = [h("div.tip-title", {}, monthName(run.months[k])), row("this run", say(own))];
  if (other) {
    rows.push(row(otherName, say(other.series[outcome.name][k])), row("difference", signed(own - other.series[outcome.name][k])));
  }
  if (band) rows.push(row("mean difference of the runs", `${signed(band.difference.mean[k])} (${number(band.difference.low[k])} to ${number(band.difference.high[k])})`));
  return h("div", {}, ...rows);
}

/** One small chart. */
export class Chart {
  /**
   * @param {object} outcome what the server says of it
   * @param {(month: number) => void} onMonth called with the month that was pressed
   * @param {() => void} onBig called to see it large
   */
  constructor(outcome, onMonth, onBig) {
    this.outcome = outcome;
    this.now = h("b", {});
    this.then = h("span.quiet", {});
    this.canvas = h("div.canvas", { role: "img" });
    this.cursor = h("div.cursor", { "aria-hidden": "true" });
    this.root = h("figure.chart", { "data-outcome": outcome.name },
      h("figcaption", {},
        h("span.name", { title: outcome.meaning }, outcome.label),
        h("button.enlarge", { type: "button", "aria-label": `Enlarge: ${outcome.label}`, title: "Enlarge", onclick: onBig }, "⤢"),
        h("span.meaning.quiet", {}, outcome.meaning),
        h("span.values", {}, this.now, this.then)),
      h("div.plot", {}, this.canvas, this.cursor));
    this.chart = echarts.init(this.canvas, null, { renderer: "canvas" });
    this.chart.group = "series";
    this.chart.getZr().on("click", (press) => {
      const k = this.chart.convertFromPixel({ xAxisIndex: 0 }, press.offsetX);
      if (Number.isFinite(k)) onMonth(Math.min(Math.max(Math.round(k) + 1, 1), this.months));
    });
    [this.wide, this.left] = [0, 0];
    /** Room for the lines and what lies left of it [px]. */
    this.size = new ResizeObserver(() => {
      this.wide = this.canvas.clientWidth - rem(LEFT) - rem(RIGHT);
      this.left = rem(LEFT);
      this.chart.resize();
      this.move(this.month);
    });
    this.size.observe(this.canvas);
  }

  dispose() {
    this.size.disconnect();
    this.chart.dispose();
    this.root.remove();
  }

  /** Draw the lines: once a run, and not a month. */
  draw(now) {
    if (this.data && ["run", "other", "bands"].every((part) => this.data[part] === now[part])) return;
    this.data = now;
    this.months = now.run.months.length;
    this.chart.setOption(lines(this.outcome, now), { notMerge: true });
  }

  /** Show a month: the cursor and the values. */
  move(month) {
    if (!this.data || month === undefined) return;
    this.month = month;
    const { run, other, otherName } = this.data;
    const share = this.months > 1 ? Math.max(month - 1, 0) / (this.months - 1) : 0;
    this.cursor.style.transform = `translateX(${(this.left + share * this.wide).toFixed(1)}px)`;
    const { name, unit: measure } = this.outcome;
    const own = month > 0 ? run.series[name][month - 1] : null;
    this.now.textContent = own === null ? "not yet" : number(own);
    const note = unitNote(measure, own);
    let rest = own === null || !note ? "" : ` ${note}`;
    if (other && own !== null) {
      const their = other.series[name][month - 1];
      rest += own === their ? ", the same in both" : `, ${signed(own - their)} beside the comparison`;
    }
    this.then.textContent = rest;
    this.canvas.setAttribute("aria-label", `${this.outcome.label} over ${this.months} months${other ? `, beside ${otherName}` : ""}; now ${this.now.textContent}${rest}`);
  }
}

/** Let the crosshair of one chart be seen in all of them. */
export const connect = () => echarts.connect("series");

/** A chart as a drawing to keep. */
export function drawing(option, wide, high) {
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: wide, height: high });
  chart.setOption(option);
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

/** A large chart in a box. */
export function enlarge(box, outcome, now) {
  const chart = echarts.init(box, null, { renderer: "canvas" });
  chart.setOption(lines(outcome, now, true));
  return chart;
}
