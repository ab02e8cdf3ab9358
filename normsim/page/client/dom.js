// Small helpers to build and find elements.

/**
 * Create an element.
 * @param {string} tag name, with classes after dots: "p.note"
 * @param {object} [given] properties; on... are listeners, data-/aria-/role are attributes
 * @param {...(Node|string|number|null|Array)} children what is in it
 */
export function h(tag, given = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined || value === null) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key.includes("-") || key === "role" || key === "for" || key === "list") element.setAttribute(key, value);
    else element[key] = value;
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
}

/** Replace everything in an element. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

/** The element with an id. */
export const at = (id) => document.getElementById(id);

/** Call a function once, some time after the last of a row of calls. */
export function later(milliseconds, call) {
  let timer = 0;
  const wait = (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => call(...given), milliseconds);
  };
  wait.cancel = () => clearTimeout(timer);
  return wait;
}

/** A colour of the style sheet. */
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Whether the page is dark. */
export const isDark = () => document.documentElement.hasAttribute("data-dark");

/** Make the page light or dark: as the look says, or as the system is. */
export const setLook = (look) => {
  const dark = look === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : look === "dark";
  document.documentElement.toggleAttribute("data-dark", dark);
};

/** Whether the visitor asked for less motion. */
export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Size of text in pixels: it grows in projector mode. */
export const rem = (size = 1) => size * parseFloat(getComputedStyle(document.documentElement).fontSize);
