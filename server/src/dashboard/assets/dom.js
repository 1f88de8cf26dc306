// Elements are made here, and only here: texts are always texts, so that a name is never markup.

/** An element: `class`, `text`, `on` (listeners) and `data` are read, everything else is an attribute;
    false and null are left out. */
export function el(tag, { text, on = {}, data = {}, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value == null) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
  Object.assign(element.dataset, data);
  for (const [name, act] of Object.entries(on)) element.addEventListener(name, act);
  if (text != null) element.textContent = text;
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** The same for drawings. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A text that is written only where it differs: what is not written is not drawn again. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** An attribute, the same way; null takes it away. */
export function mark(element, name, value) {
  if (value == null || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

const NAMES = ["ready", "held", "not-ready", "call", "wrap-up", "unknown", "trouble"];
const drawings = new Map();

/** Fetches the shapes of states: the gadget's own drawings, which are made for a page's markup. */
export async function drawShapes() {
  const one = async (name) => {
    const answer = await fetch(new URL(`shapes/${name}.svg`, import.meta.url));
    const drawn = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("svg");
    if (drawn) drawings.set(name, drawn);
  };
  // Without a shape there is still the word.
  await Promise.allSettled(NAMES.map(one));
}

/** One of the shapes of states, in the words of `face.js`. */
export function shape(name) {
  const holder = el("span", { class: "shape" });
  reshape(holder, name);
  return holder;
}

/** Gives a holder another shape. */
export function reshape(holder, name) {
  if (holder.dataset.shape === name) return;
  holder.dataset.shape = name;
  const drawing = drawings.get(name);
  holder.replaceChildren(...(drawing ? [drawing.cloneNode(true)] : []));
}

export const button = (text, act, more = {}) => el("button", { type: "button", text, on: { click: act }, ...more });

const hear = () => document.getElementById("hear");

/** Tells a screen reader, once. */
export function announce(text) {
  const place = hear();
  if (place && place.textContent !== text) place.textContent = text;
}
