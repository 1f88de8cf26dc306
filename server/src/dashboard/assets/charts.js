// Bars of a report, as drawings: a number stands beside every bar, so that none is told by length alone.
import { el, svg } from "./dom.js";

const FULL = 100;

/** One bar of several parts: `[{ value, tone, title }]` out of `whole`. */
export function bar(parts, whole) {
  const drawing = svg("svg", { class: "bar", viewBox: `0 0 ${FULL} 10`, preserveAspectRatio: "none", "aria-hidden": "true" });
  let at = 0;
  for (const { value, tone, title } of parts) {
    const width = whole > 0 ? (Math.max(0, value) / whole) * FULL : 0;
    const piece = svg("rect", { x: at, y: 0, width: Math.max(0, Math.min(width, FULL - at)), height: 10, class: `tone-${tone}` });
    piece.append(Object.assign(svg("title"), { textContent: title }));
    drawing.append(piece);
    at += width;
  }
  return drawing;
}

/** What the parts of bars mean. */
export function legend(parts) {
  const swatch = (tone) => {
    const drawing = svg("svg", { class: "swatch", viewBox: "0 0 12 12", "aria-hidden": "true" });
    drawing.append(svg("rect", { width: 12, height: 12, class: `tone-${tone}` }));
    return drawing;
  };
  return el("ul", { class: "legend" }, parts.map(({ tone, text }) => el("li", {}, swatch(tone), text)));
}
