// A day as three bands on one axis of time: what Webex said, the state in Finesse, who acted. A piece
// is told by its form (full, hollow, barred, dashed) and its word, not by its colour alone.
import { el } from "./dom.js";
import { shapeOf } from "./face.js";
import { clock, exact, hour } from "./times.js";
import { WORDS } from "./words.js";

const HOUR = 3_600_000;
/** No less than this is shown, in ms: a short day is not drawn out. */
const LEAST = 4 * HOUR;
/** In px: the axis where it is narrowest, a letter where it is widest, and the edges of a piece. A word
    stands in a piece only where it fits. */
const NARROWEST = 300;
const LETTER = 7;
const EDGES = 12;
/** Hours between two marks of the axis, and how many marks there is room for. */
const STEPS = [1, 2, 3, 4, 6];
const MOST_TICKS = 6;
const SIDES = { server: "us", gadget: "us", agent: "agent" };
/** The server's words for presence that are not free; an appointment alone is nothing that somebody is in. */
const PRESENCE = {
  "Webex call": "busy",
  "Webex meeting": "busy",
  Presenting: "busy",
  "Do not disturb": "busy",
  Busy: "busy",
  "Meeting in the calendar": "not-ready",
  "Not signed in to Webex yet": "unknown",
  "Not told by Webex": "unknown",
};

const presenceTone = ({ text }) => PRESENCE[text] ?? "free";
const stateTone = ({ name, held }) => shapeOf(name, held);

/** From and to of the axis: whole hours around everything that happened. */
export function axis({ from, presence, state, acted }, now) {
  const starts = [...presence, ...state].map((piece) => piece.from).concat(acted.map(({ at }) => at));
  const ends = [...presence, ...state].map((piece) => piece.to ?? now).concat(acted.map(({ at }) => at));
  // A piece that lasts since before the day begins with it, and tells nothing of when somebody came.
  const inside = starts.filter((at) => at > from);
  // From the day's own midnight on: not everywhere do hours begin with those of UTC.
  const first = from + Math.floor((Math.min(...(inside.length ? inside : [from])) - from) / HOUR) * HOUR;
  const last = from + Math.ceil((Math.min(Math.max(...ends, first), Math.max(now, first)) - from) / HOUR) * HOUR;
  const begin = Math.max(from, Math.min(first, last - LEAST));
  return { from: begin, to: Math.max(last, begin + LEAST) };
}

/** Where a moment lies on the axis, from 0 to 1. */
export const share = (at, { from, to }) => Math.min(1, Math.max(0, (at - from) / (to - from)));

function place(element, left, width) {
  element.style.left = `${left * 100}%`;
  if (width != null) element.style.width = `${width * 100}%`;
  return element;
}

function piece(told, tone, range, now) {
  const end = told.to ?? now;
  const left = share(told.from, range);
  const width = share(end, range) - left;
  if (width <= 0) return null;
  const fits = width * NARROWEST > told.text.length * LETTER + EDGES;
  const words = WORDS.day.piece(clock(told.from), clock(end), told.text);
  return place(el("div", { class: "piece", title: words, data: { tone } }, el("span", { text: fits ? told.text : "" })), left, width);
}

function band(name, content, list) {
  const words = WORDS.day;
  return el("div", { class: `band band-${name}` }, el("span", { class: "band-name", "aria-hidden": "true", text: words.bands[name] }), el("div", { class: "track", "aria-hidden": "true" }, content), list);
}

/** The same for who does not see it: every piece in order. */
function listed(name, items) {
  return el("ol", { class: "hear", "aria-label": WORDS.day.listOf(WORDS.day.bands[name]) }, items.map((text) => el("li", { text })));
}

const told = (pieces, now) => pieces.map(({ from, to, text }) => WORDS.day.piece(clock(from), clock(to ?? now), text));

function ticks(range) {
  const hours = Math.round((range.to - range.from) / HOUR);
  const step = STEPS.find((one) => hours / one <= MOST_TICKS) ?? hours;
  const marks = [];
  for (let at = range.from; at <= range.to; at += step * HOUR) {
    marks.push(place(el("span", { class: "tick", text: hour(at) }), share(at, range)));
  }
  return el("div", { class: "axis", "aria-hidden": "true" }, marks);
}

function lanes(acted, range) {
  const of = (lane) => acted.filter(({ side }) => (SIDES[side] ?? "other") === lane);
  const act = (one) => place(el("span", { class: "act", title: `${exact(one.at)}: ${one.text}`, data: { side: one.side } }), share(one.at, range));
  return [["us", "us"], ["agent", "agent"], ["other", "others"]].map(([lane, word]) =>
    el("div", { class: "lane", title: WORDS.day.lanes[word] }, of(lane).map(act)),
  );
}

/** What the forms of the state's pieces mean; only those that occur. */
function key(tones) {
  const known = Object.keys(WORDS.day.tones).filter((tone) => tones.includes(tone));
  return el("ul", { class: "key", "aria-hidden": "true" }, known.map((tone) => el("li", {}, el("span", { class: "piece", data: { tone } }, el("span")), WORDS.day.tones[tone])));
}

/** The bands of a day; `now` ends what goes on. */
export function bands(day, now) {
  const range = axis(day, now);
  const until = Math.min(now, day.to);
  const presence = day.presence.map((one) => piece(one, presenceTone(one), range, until));
  const state = day.state.map((one) => piece(one, stateTone(one), range, until));
  const element = el(
    "div",
    { class: "bands" },
    band("presence", presence, listed("presence", told(day.presence, until))),
    band("state", state, listed("state", told(day.state, until))),
    band("acted", lanes(day.acted, range), listed("acted", day.acted.map(({ at, side, text }) => `${clock(at)}, ${WORDS.day.sides[side] ?? side}: ${text}`))),
    ticks(range),
    key(day.state.map(stateTone)),
  );
  const line = place(el("div", { class: "cursor", hidden: true }), 0);
  element.append(el("div", { class: "cursors", "aria-hidden": "true" }, line));
  /** Shows where a moment is, or none. */
  const point = (at) => {
    line.hidden = at == null || at < range.from || at > range.to;
    if (!line.hidden) place(line, share(at, range));
  };
  return { element, point };
}
