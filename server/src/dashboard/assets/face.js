// What a row shows: pure, so that it is tested alone.
import { WORDS } from "./words.js";

const SHAPES = {
  READY: "ready",
  NOT_READY: "not-ready",
  RESERVED: "call",
  RESERVED_OUTBOUND: "call",
  RESERVED_OUTBOUND_PREVIEW: "call",
  TALKING: "call",
  HOLD: "call",
  WORK: "wrap-up",
  WORK_READY: "wrap-up",
  LOGOUT: "unknown",
};
const PLAIN = /^[\x20-\x7e]*$/;
/** Marks that somebody should look at, the worst first. */
export const TROUBLE = ["mismatch", "reason_missing", "refused", "not_in_webex", "no_gadget", "stale", "unseen"];

/** The shape of a state in Finesse; held by us is a shape of its own. */
export function shapeOf(name, held) {
  return held && name === "NOT_READY" ? "held" : (SHAPES[name] ?? "unknown");
}

/** The sentence beside the name: the name is not said twice. */
export const predicate = ({ name, sentence }) => (sentence.startsWith(`${name} `) ? sentence.slice(name.length + 1) : sentence);

/** Whether both sides were heard of lately enough. */
export const isKnown = ({ marks }) => !marks.includes("stale") && !marks.includes("unseen");

/** Shape, word and reason of a row; what is not known is not dressed as known. */
export function face(row, known = true) {
  const { state, hold } = row;
  if (!state) return { shape: "unknown", word: WORDS.states.none, reason: "" };
  const sure = known && isKnown(row);
  return {
    shape: sure ? shapeOf(state.name, hold) : "unknown",
    word: state.label,
    reason: [state.reason, state.pending && WORDS.states.pending(state.pending)].filter(Boolean).join(", "),
  };
}

export const needsALook = (row) => row.marks.some((mark) => TROUBLE.includes(mark));

/** Whether what is wanted is so: then it need not stand out. Where a supervisor's account acts, Finesse
    shows a reason of its own beside a state that we hold. */
export const wantedIs = ({ wanted, state, hold }) =>
  wanted?.text != null && state != null && wanted.text.startsWith(state.label) && (hold != null || wanted.text.endsWith(state.reason ?? state.label));

/** What is wanted, short: that it is so, else the reason, which says Not Ready by itself. */
export function wantedShort(row) {
  if (!row.wanted?.text) return "";
  return wantedIs(row) ? WORDS.met : (row.wanted.text.split(" \u2013 ")[1] ?? row.wanted.text);
}

/** A mark's name; one that this page does not know is shown by its own. */
export const markWord = (mark) => WORDS.marks[mark] ?? mark.replaceAll("_", " ");

/** Whether a row is counted under one of the health line's numbers. */
export function counted(row, name) {
  if (name === "agents") return true;
  if (name === "held") return row.hold != null;
  return row.marks.includes(name);
}

/** Without case and accents, for searching and sorting. */
export function fold(text) {
  const plain = PLAIN.test(text) ? text : text.normalize("NFKD").replace(/\p{M}/gu, "");
  return plain.toLowerCase();
}
