// What the tests ask of the page; put into every tab.

window.probes = {
  /** Everything that the page shows of a view. */
  shown() {
    const box = (id) => document.getElementById(id);
    return {
      selects: Object.fromEntries(["scenario", "other", "show", "colour", "layer", "acts", "speed"].map((id) => [id, box(id).value])),
      seed: box("seed").value,
      arrows: box("arrows").checked,
      posterior: box("posterior")?.checked ?? false,
      month: box("scrub").value,
      months: box("scrub").max,
      name: box("month-name").textContent,
      count: box("month-count").textContent,
      command: box("command").textContent,
      title: document.title,
      values: Object.fromEntries([...document.querySelectorAll("[data-name]")].map((e) => [e.dataset.name, e.type === "checkbox" ? e.checked : e.value])),
      changed: [...document.querySelectorAll(".setting.changed [data-name]")].map((e) => e.dataset.name),
      forced: document.querySelectorAll("#forced li").length,
      back: box("take-back")?.textContent ?? "",
      charts: Object.fromEntries([...document.querySelectorAll(".chart")].map((e) => [e.dataset.outcome, e.querySelector(".values b").textContent])),
      outcomes: [...document.querySelectorAll("#outcome-list input:checked")].map((e) => e.value),
      log: [...document.querySelectorAll("#log-lines li.now .text")].map((e) => e.firstChild.textContent),
      headline: box("headline").textContent,
      step: document.querySelector("#story .step")?.textContent ?? "",
    };
  },

  /** What runs out of the window, or over something else. */
  clipped() {
    const wide = document.documentElement.clientWidth;
    const bad = [];
    if (document.documentElement.scrollWidth > wide) bad.push(`page: ${document.documentElement.scrollWidth}`);
    for (const e of document.querySelectorAll("button, h1, h2, h3, p, label, td, th, dt, dd, li, figcaption, summary")) {
      if (!e.checkVisibility() || e.closest(".hidden, .scroll, #log-lines, #marks, .skip, .zoom")) continue;
      const box = e.getBoundingClientRect();
      if (box.width && (box.left < -1 || box.right > wide + 1 || e.scrollWidth > e.clientWidth + 2 && getComputedStyle(e).overflowX !== "visible")) bad.push(e.outerHTML.slice(0, 90));
    }
    const cards = [...document.querySelectorAll(".card, header, nav, .choose, #story, #now-line, footer")].filter((e) => e.checkVisibility());
    for (const [k, a] of cards.entries()) for (const b of cards.slice(k + 1)) {
      const [p, q] = [a.getBoundingClientRect(), b.getBoundingClientRect()];
      if (p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 1 && q.top < p.bottom - 1) bad.push(`${a.id || a.className} over ${b.id || b.className}`);
    }
    return bad;
  },

  /** Go through all months, each drawn. */
  async scrub() {
    const range = document.getElementById("scrub");
    for (let month = 0; month <= Number(range.max); month += 1) {
      range.value = month;
      range.dispatchEvent(new Event("input"));
      await new Promise(requestAnimationFrame);
    }
  },

  /** The label of the act of the month on the map. */
  marked() {
    return normsim.world.parts[0].chart.getOption().series.find((one) => one.id === "key").data[0].label.formatter;
  },

  /** Where a state is on the map. */
  point(iso3) {
    const state = normsim.run.states.find((one) => one.iso3 === iso3);
    return normsim.world.parts[0].chart.convertToPixel({ geoIndex: 0 }, [state.x, state.y]);
  },

  /** The map as it is drawn. */
  pixels: () => normsim.world.parts[0].chart.getDataURL(),

  /** The table of differences. */
  effects: () => [...document.querySelectorAll(".effects tbody tr")].map((row) => [
    row.dataset.outcome,
    ...[...row.querySelectorAll("td")].map((cell) => cell.textContent),
  ]),
};
