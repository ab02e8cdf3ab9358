// To take away: the link, pictures, a film, the scenario, the series, or all of it at once.

import { drawing, lines } from "./charts.js";
import { file } from "./api.js";
import { showDialog } from "./dialogs.js";
import { colour, h } from "./dom.js";
import { drawnNow } from "./screen.js";
import { asked } from "./view.js";
import { when } from "./words.js";

const WIDE = 1280;
const NS = "http://www.w3.org/2000/svg";

/** Open the dialog. */
export function showTake(now) {
  const { say } = now();
  const told = h("p.quiet", { role: "status", id: "take-status" });
  const button = (id, word, does) => h("button", { type: "button", id, onclick: async () => {
    told.textContent = `${word} …`;
    try {
      told.textContent = (await does(now())) ?? "Saved.";
    } catch (problem) {
      told.textContent = problem.message;
      say(problem.message);
    }
  } }, word);
  const link = h("input", { type: "text", readOnly: true, id: "link", value: location.href, "aria-label": "Link to this view", onfocus: (event) => event.target.select() });
  showDialog("Share and save",
    h("h3", {}, "Link"), h("p.quiet", {}, "It restores what is on screen, also on another machine with the same version; Run both is computed again."),
    h("p.tools", {}, link, button("copy-link", "Copy the link", async () => {
      await navigator.clipboard.writeText(location.href);
      return "Copied.";
    })),
    h("h3", {}, "Pictures"), h("p.quiet", {}, "With title, month, scenario, seed and source."),
    h("p.tools", {}, button("map-png", "Map (PNG)", (now) => savePng(mapPicture(now), name(now, "map"))), button("map-svg", "Map (SVG)", (now) => saveSvg(mapPicture(now), name(now, "map"))),
      button("series-png", "Series (PNG)", (now) => savePng(seriesPicture(now), name(now, "series"))), button("series-svg", "Series (SVG)", (now) => saveSvg(seriesPicture(now), name(now, "series")))),
    h("h3", {}, "Film of the run"), h("p.quiet", {}, "A silent WebM video of the map, twelve months a second; it plays in browsers and most presentation programs. It is recorded while it runs."),
    h("p.tools", {}, button("film", "Record the film (WebM)", film)),
    h("h3", {}, "Data"),
    h("p.tools", {}, button("take-scenario", "Scenario (TOML)", (now) => take(now, "scenario")), button("take-series", "Series (CSV)", (now) => take(now, "series")), button("take-all", "Everything (ZIP)", everything)),
    told);
}

const name = ({ run, view }, what) => `normsim_${run.name.replace(/\W+/g, "_")}_seed_${view.seed}_month_${view.month}_${what}`;

function save(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

async function take({ view }, what, more = {}) {
  const { name, blob } = await file("/api/take", { view: asked(view), what, ...more });
  save(blob, name);
}

/** One ZIP: what the server adds, and the pictures. */
async function everything(now) {
  const pictures = [];
  for (const [label, picture] of [["map", mapPicture(now)], ["series", seriesPicture(now)]]) {
    pictures.push({ name: `${label}.svg`, data: await base64(new Blob([picture.svg])) }, { name: `${label}.png`, data: await base64(await png(picture)) });
  }
  await take(now, "all", { pictures, link: location.href });
}

async function base64(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = "";
  for (let k = 0; k < bytes.length; k += 32768) text += String.fromCharCode(...bytes.subarray(k, k + 32768));
  return btoa(text);
}

/** Text of a picture, broken into lines. */
function text(words, x, y, size, { bold = false, quiet = false, most = 110 } = {}) {
  const rows = [];
  for (const word of words.split(" ")) {
    if (rows.length && `${rows.at(-1)} ${word}`.length <= most) rows[rows.length - 1] += ` ${word}`;
    else rows.push(word);
  }
  const escape = (part) => part.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return { high: rows.length * size * 1.35, svg: rows.map((row, k) =>
    `<text x="${x}" y="${y + k * size * 1.35}" font-size="${size}" fill="${colour(quiet ? "quiet" : "ink")}"${bold ? ' font-weight="700"' : ""}>${escape(row)}</text>`).join("") };
}

/** A picture with its title, what it shows, and where it is from. */
function framed(now, title, sub, high, body) {
  const { about } = now;
  const parts = [text(title, 32, 46, 28, { bold: true, most: 80 })];
  let y = 46 + parts[0].high;
  parts.push(text(sub, 32, y, 18, { quiet: true, most: 130 }));
  y += parts[1].high;
  const inside = body(y);
  const foot = text(`normsim ${about.version}: a simulation, not a forecast. ${about.source}`, 32, y + high + 24, 14, { quiet: true, most: 165 });
  const all = y + high + 24 + foot.high;
  return { wide: WIDE, high: all, svg: `<svg xmlns="${NS}" width="${WIDE}" height="${all}" viewBox="0 0 ${WIDE} ${all}" font-family="system-ui, sans-serif"><rect width="100%" height="100%" fill="${colour("paper")}"/>${parts.map((part) => part.svg).join("")}${inside}${foot.svg}</svg>` };
}

const nested = (svg, x, y) => svg.replace("<svg ", `<svg x="${x}" y="${y}" `);
const sub = ({ run, view, otherTitle }) => `${capital(when(run, view.month))} (month ${view.month} of ${run.months.length}); scenario: ${run.title}${run.changed ? ", changed" : ""}${otherTitle ? `; compared with: ${otherTitle}` : ""}; seed ${view.seed}`;
const capital = (words) => words[0].toUpperCase() + words.slice(1);

/** The map or network on screen as a picture. */
function mapPicture(now) {
  const drawn = drawnNow();
  if (drawn.kind === "table") throw new Error("Show the map or the network to save a picture of it; the table is in the series file.");
  const many = drawn.parts.length;
  const [wide, high] = [(WIDE - 40) / many, many > 1 ? 380 : 620];
  const quantity = now.about.quantities.find((one) => one.name === now.view.colour);
  const key = legend();
  return framed(now, `${quantity.label}${drawn.kind === "difference" ? ": what differs" : ""}`, `${document.getElementById("colour-meaning").textContent} ${sub(now)}.`, high + 30 + key.high, (y) => drawn.parts.map((part, k) => {
    const option = quiet(part.chart.getOption());
    const heading = drawn.titles[k] ? text(drawn.titles[k].textContent, 24 + k * wide, y + 8, 18, { bold: true, most: 60 }).svg : "";
    return heading + nested(drawing(option, wide, high), 20 + k * wide, y + (heading ? 16 : 0));
  }).join("") + `<g transform="translate(0 ${y + high + 30})">${key.svg}</g>`);
}

/** An option without what moves. */
const quiet = (option) => ({ ...option, tooltip: [], animation: false, series: option.series.map((one) => ({ ...one, ...(one.type === "lines" ? { effect: { show: false } } : {}) })) });

/** The legend on screen, drawn in rows. */
function legend() {
  const parts = [];
  let [x, y] = [32, 0];
  const write = (words) => {
    parts.push(text(words, x, y + 14, 16, { most: 999 }).svg);
    x += words.length * 8.6;
  };
  for (const item of document.getElementById("legend").children) {
    const swatch = item.querySelector(".swatch");
    const ramp = item.querySelector(".ramp");
    if (x > 32 && x + (ramp ? 420 : 40) + item.textContent.length * 8.6 > WIDE) [x, y] = [32, y + 28];
    if (swatch) {
      const image = /url\("(.+)"\)/.exec(swatch.style.backgroundImage)?.[1];
      parts.push(image ? `<image href="${image}" x="${x}" y="${y}" width="16" height="16" preserveAspectRatio="xMidYMid slice"/>` : `<rect x="${x}" y="${y}" width="16" height="16" fill="${swatch.style.backgroundColor}" stroke="${colour("quiet")}"/>`);
      x += 24;
      write(item.textContent);
    } else if (ramp) {
      const stops = ramp.style.backgroundImage.match(/rgb\([^)]*\)/g);
      const ends = [...item.querySelectorAll(".ticks span")].map((tick) => tick.textContent);
      write(ends[0]);
      parts.push(`<linearGradient id="ramp">${stops.map((stop, k) => `<stop offset="${k / (stops.length - 1)}" stop-color="${stop}"/>`).join("")}</linearGradient><rect x="${x + 8}" y="${y}" width="240" height="16" fill="url(#ramp)"/>`);
      x += 256;
      write(ends.at(-1));
    } else write(item.textContent);
    x += 26;
  }
  return { svg: parts.join(""), high: y + 28 };
}

/** The series on screen as a picture. */
function seriesPicture(now) {
  const { about, view, run, other, otherTitle, bands } = now;
  const outcomes = view.outcomes.map((one) => about.outcomes.find((outcome) => outcome.name === one)).filter((one) => one && one.name in run.series);
  const [wide, high] = [(WIDE - 60) / 2, 250];
  const rows = Math.ceil(outcomes.length / 2);
  return framed(now, "The world over time", `${sub(now)}. Solid: this run${other ? `; dashed: ${otherTitle}` : ""}${bands ? "; bands: 8 of 10 runs" : ""}`, rows * high, (y) => outcomes.map((outcome, k) => {
    const [left, top] = [30 + (k % 2) * wide, y + Math.floor(k / 2) * high];
    const option = { ...lines(outcome, { run, other, otherName: otherTitle, bands }), tooltip: [] };
    return text(`${outcome.label}${outcome.unit && outcome.unit !== "0-1" ? ` (${outcome.unit})` : ""}`, left + 10, top + 20, 17, { bold: true, most: 70 }).svg + nested(drawing(option, wide - 10, high - 40), left, top + 28);
  }).join(""));
}

async function saveSvg({ svg }, name) {
  save(new Blob([svg], { type: "image/svg+xml" }), `${name}.svg`);
}

async function savePng(picture, name) {
  save(await png(picture), `${name}.png`);
}

async function png({ svg, wide, high }) {
  const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = h("canvas", { width: 2 * wide, height: Math.ceil(2 * high) });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(url);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

const FRAMES = 12;
/** Months of a film a second. */

/** Record the map from the first month to the last. */
async function film(now) {
  const { view, run, change, about } = now;
  const drawn = drawnNow();
  if (!drawn.parts.length || drawn.kind === "network") throw new Error("Show the map to record a film of it.");
  const canvas = h("canvas", { width: WIDE, height: 720 });
  const pen = canvas.getContext("2d");
  const stream = canvas.captureStream(FRAMES * 2);
  const recorder = new MediaRecorder(stream, { mimeType: "video/webm", videoBitsPerSecond: 3e6 });
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  const ended = new Promise((done) => { recorder.onstop = done; });
  recorder.start();
  const [arrows, month] = [view.arrows, view.month];
  const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  for (let k = 0; k <= run.months.length; k += 1) {
    await change({ month: k, arrows: false }, "replace");
    frame(pen, drawn, run, k, view.seed, about);
    document.getElementById("take-status").textContent = `Recording: month ${k} of ${run.months.length}`;
    if (!document.getElementById("dialog").open) break;
    await wait(1000 / FRAMES);
  }
  await wait(500);
  recorder.stop();
  await ended;
  await change({ month, arrows }, "replace");
  const blob = new Blob(parts, { type: "video/webm" });
  save(blob, `${name(now, "film")}.webm`);
  return `Saved: ${(blob.size / 1e6).toFixed(1)} MB.`;
}

function frame(pen, drawn, run, month, seed, about) {
  pen.fillStyle = colour("paper");
  pen.fillRect(0, 0, WIDE, 720);
  pen.fillStyle = colour("ink");
  pen.font = "700 34px system-ui, sans-serif";
  pen.fillText(capital(when(run, month)), 32, 52);
  pen.font = "20px system-ui, sans-serif";
  pen.fillText(document.getElementById("headline").textContent.slice(0, 118), 32, 84, WIDE - 64);
  const many = drawn.parts.length;
  drawn.parts.forEach((part, k) => {
    const image = part.chart.renderToCanvas({ pixelRatio: 2 }); // all layers: acts and arrows have canvases of their own
    const scale = Math.min((WIDE - 40) / many / image.width, 540 / image.height);
    pen.drawImage(image, 20 + (k * (WIDE - 40)) / many + ((WIDE - 40) / many - image.width * scale) / 2, 100, image.width * scale, image.height * scale);
  });
  pen.fillStyle = colour("quiet");
  pen.font = "17px system-ui, sans-serif";
  pen.fillText(document.getElementById("colour-meaning").textContent, 32, 664, WIDE - 64);
  pen.fillText(`${run.title}, seed ${seed}. normsim ${about.version}: a simulation, not a forecast.`, 32, 696, WIDE - 64);
}
