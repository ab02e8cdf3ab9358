// The view: one value that says everything on screen, and how it is written in the address.
//
// A view is never changed: `{...view, month: 3}` makes the next one. What is as usual is left out of the address, so that
// it stays short.

/** The usual view. The server says which scenario, seed and outcomes open. */
export const FIRST = Object.freeze({
  scenario: "ukraine_2023",
  file: null,
  seed: 0,
  start: null,
  months: null,
  set: {},
  forced: [],
  other: null,
  posterior: false,
  month: 1,
  show: "map",
  colour: "status",
  layer: "all",
  arrows: true,
  state: "",
  choice: "",
  to: "",
  outcomes: [],
  acts: "",
  find: "",
  story: 0,
  look: "auto",
  projector: false,
  speed: 4,
  panel: "",
});

/** The part that decides what is run; the rest only says how it is shown. */
export const RUN = ["scenario", "file", "seed", "start", "months", "set", "forced", "other", "posterior"];

/** What the server is asked to run. */
export const asked = (view) => Object.fromEntries(RUN.map((name) => [name, view[name]]));

/** A text that is the same for views that run the same. */
export const key = (view) => JSON.stringify(asked(view));

/** Whether anything of the scenario was changed on the page. */
export const changes = (view) => Object.keys(view.set).length + view.forced.length + (view.start ? 1 : 0);

const isOn = (text) => text === "on";
const KINDS = { seed: Number, month: Number, months: Number, story: Number, speed: Number, arrows: isOn, projector: isOn, posterior: isOn };

/**
 * Write a view as the fragment of an address.
 * @param {object} view the view
 * @param {object} usual the usual view, of which only scenario and seed are written
 */
export async function write(view, usual) {
  const parts = [];
  const put = (name, text) => parts.push(`${name}=${encodeURIComponent(text).replace(/%(3A|2C|20)/g, (code) => SAFE[code])}`);
  for (const [name, value] of Object.entries(view)) {
    if (!ALWAYS.includes(name) && JSON.stringify(value) === JSON.stringify(usual[name])) continue;
    if (name === "file") put(name, value ? `${value.name}:${await squeeze(value.text)}` : "");
    else if (name === "set") put(name, Object.entries(value).map(([key, to]) => `${key}:${to}`).join(","));
    else if (name === "forced") put(name, value.map((act) => [act.month, act.action, act.actor, act.to ?? ""].join(":")).join(","));
    else if (Array.isArray(value)) put(name, value.join(","));
    else if (typeof value === "boolean") put(name, value ? "on" : "off");
    else put(name, value ?? "");
  }
  return parts.length ? `#${parts.join("&")}` : "";
}

/** What is always written: another machine may open with another scenario. */
const ALWAYS = ["scenario", "seed"];
const SAFE = { "%3A": ":", "%2C": ",", "%20": "+" };

/**
 * Read a view from the fragment of an address; what cannot be read is as usual.
 * @param {string} fragment the fragment
 * @param {object} usual the usual view
 */
export async function read(fragment, usual) {
  const view = { ...usual };
  for (const part of fragment.replace(/^#/, "").split("&")) {
    const [name, ...rest] = part.split("=");
    if (!(name in usual)) continue;
    let text;
    try {
      text = decodeURIComponent(rest.join("=").replace(/\+/g, " "));
    } catch {
      continue;
    }
    if (name === "file") {
      const [label, packed] = [text.slice(0, text.lastIndexOf(":")), text.slice(text.lastIndexOf(":") + 1)];
      view.file = text ? { name: label, text: await expand(packed) } : null;
    } else if (name === "set") {
      view.set = Object.fromEntries(pieces(text).map((piece) => [piece[0], typed(piece[1])]));
    } else if (name === "forced") {
      view.forced = pieces(text).map(([month, action, actor, to]) => ({ month, action, actor, to: to || null }));
    } else if (name === "outcomes") {
      view.outcomes = text ? text.split(",") : [];
    } else if (name in KINDS) {
      const value = KINDS[name](text);
      if (!Number.isNaN(value)) view[name] = value;
    } else {
      view[name] = name === "start" && !text ? null : text;
    }
  }
  return view;
}

const pieces = (text) => (text ? text.split(",").map((piece) => piece.split(":")) : []);

/** A value as the server wants it: a number, true, false or a word. */
function typed(text) {
  if (text === "true" || text === "false") return text === "true";
  return text !== "" && !Number.isNaN(Number(text)) ? Number(text) : text;
}

async function squeeze(text) {
  const packed = await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"))).bytes();
  return btoa(Array.from(packed, (byte) => String.fromCharCode(byte)).join("")).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

async function expand(packed) {
  const bytes = Uint8Array.from(atob(packed.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).text();
}
