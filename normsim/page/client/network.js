// The network: who watches whom, laid out by ties and not by geography.

import * as echarts from "./echarts/echarts.esm.min.js";
import { colour, h, rem } from "./dom.js";
import { font } from "./scale.js";

const NAMED = 10;
/** Neighbours whose names are written. */

export class Network {
  constructor(box, states, onPick) {
    this.states = states;
    this.canvas = h("div.canvas", { role: "img" });
    box.append(this.canvas);
    this.chart = echarts.init(this.canvas, null, { renderer: "canvas" });
    this.chart.on("click", (hit) => {
      if (hit.dataType === "node") onPick(hit.data.id);
    });
    this.size = new ResizeObserver(() => this.chart.resize());
    this.size.observe(this.canvas);
  }

  dispose() {
    this.size.disconnect();
    this.chart.dispose();
  }

  /**
   * Show a month.
   * @param {object} now `ties` and `places` from the server, `values`, `paint`, `chosen`, `tip`, `label`
   */
  show({ net, values, paint, chosen, tip, label }) {
    this.canvas.setAttribute("aria-label", label);
    const mine = net.ties.filter((tie) => tie.to === chosen || tie.from === chosen);
    const heard = mine.filter((tie) => tie.to === chosen).sort((a, b) => b.weight - a.weight);
    const named = new Set([chosen, ...heard.slice(0, NAMED).map((tie) => tie.from)]);
    const most = Math.max(...heard.map((tie) => tie.weight), 1e-9);
    const nodes = this.states.map((state, k) => ({
      id: state.iso3, name: state.name, x: 1000 * net.places[k][0], y: 550 * net.places[k][1],
      symbolSize: rem(state.iso3 === chosen ? 1.2 : named.has(state.iso3) ? 0.9 : 0.6),
      itemStyle: { color: paint(values[k]), borderColor: state.iso3 === chosen ? colour("chosen") : colour("map-line"), borderWidth: state.iso3 === chosen ? 3 : 1 },
      label: { show: named.has(state.iso3) },
    }));
    const links = net.ties.map((tie) => {
      const strong = tie.to === chosen;
      return { source: tie.from, target: tie.to, symbol: strong ? ["none", "arrow"] : ["none", "none"], symbolSize: 8, weight: tie.weight,
        lineStyle: strong ? { color: colour("one"), width: 1 + (5 * tie.weight) / most, opacity: 0.9, curveness: 0.12 } : { color: colour("quiet"), width: 0.6, opacity: 0.16 } };
    });
    this.chart.setOption({
      animation: false,
      textStyle: font(),
      tooltip: { confine: true, transitionDuration: 0, className: "tip", formatter: (hit) => (hit.dataType === "edge" ? this.tie(hit.data) : tip({ name: hit.data.id, data: { iso3: hit.data.id } })) },
      series: [{ type: "graph", layout: "none", roam: "move", left: 20, right: 60, top: 16, bottom: 16, data: nodes, links, labelLayout: { hideOverlap: true },
        label: { position: "right", formatter: (hit) => hit.data.name, ...font(), textBorderColor: colour("paper"), textBorderWidth: 3 }, emphasis: { focus: "none", label: { show: true } } }],
    }, { notMerge: true });
  }

  tie(data) {
    const name = (iso3) => this.states.find((state) => state.iso3 === iso3).name;
    return h("div", {}, `${name(data.target)} gives ${name(data.source)} ${(100 * data.weight).toFixed(1)} % of its attention to its ties`);
  }
}
