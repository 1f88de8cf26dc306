// Which rows are shown, and in which order: pure. Ten thousand rows are sorted once; what changes
// afterwards is taken out and merged in again, so that no update costs a sort.
import { counted, face, fold, markWord, needsALook } from "./face.js";

const RANK = ["trouble", "held", "call", "wrap-up", "ready", "not-ready", "unknown"];
const LAST = "\uffff";

/** Texts that are folded once: states, reasons and teams are few, and thousands of rows have them. More
    than this many would be no such texts; it begins again then. */
const MOST_FOLDED = 1000;
const known = new Map();

function folded(text) {
  let plain = known.get(text);
  if (plain !== undefined) return plain;
  if (known.size >= MOST_FOLDED) known.clear();
  plain = fold(text);
  known.set(text, plain);
  return plain;
}

const KEYS = {
  name: (entry) => entry.name,
  team: (entry) => folded(entry.team),
  state: ({ row }) => {
    const { shape, word, reason } = face(row);
    return folded(`${RANK.indexOf(shape)}${word} ${reason}`);
  },
  since: ({ row }) => row.state?.since ?? Infinity,
  presence: ({ row }) => (row.presence ? folded(row.presence.text) : LAST),
  wanted: ({ row }) => (row.wanted?.text ? folded(row.wanted.text) : LAST),
  hold: ({ row }) => row.hold?.since ?? Infinity,
  writer: ({ row }) => row.writer,
  latency: ({ row }) => row.latency_ms ?? Infinity,
  why: ({ row }) => `${needsALook(row) ? 0 : 1}${row.marks.length ? 0 : 1}${row.code}`,
};

function wordsOf(row, team) {
  const told = [row.name, row.agent, team, row.state?.label, row.state?.reason, row.presence?.text];
  return fold([...told, row.hold?.text, ...row.marks.map(markWord)].filter(Boolean).join(" "));
}

/** By the column's key, then by name, then by number, so that no two are equal. */
function comparing(down) {
  const way = down ? -1 : 1;
  return (a, b) => {
    if (a.key !== b.key) return a.key < b.key ? -way : way;
    if (a.name !== b.name) return a.name < b.name ? -1 : 1;
    return a.row.agent < b.row.agent ? -1 : 1;
  };
}

/** The table: rows by agent, one order over all of them, and what a filter leaves. */
export class Order {
  constructor() {
    this.entries = new Map();
    this.sorted = [];
    this.column = "name";
    this.down = false;
    this.filter = { text: "", team: "", look: false, count: "" };
    this.teams = new Map();
  }

  /** A row with what is needed to sort and find it. */
  #entry(row) {
    const team = this.teams.get(row.team) ?? "";
    const entry = { row, team, name: fold(row.name), words: wordsOf(row, team), key: null, moved: false };
    entry.key = KEYS[this.column](entry);
    return entry;
  }

  /** An empty table of the same order and filters, for one that comes in portions. */
  anew() {
    return Object.assign(new Order(), { column: this.column, down: this.down, filter: this.filter, teams: this.teams });
  }

  /** Takes in whole rows, and lets go of who is gone. */
  apply(rows, gone = []) {
    const moved = new Map();
    for (const row of rows) {
      const before = this.entries.get(row.agent);
      const entry = this.#entry(row);
      if (before && before.key === entry.key && before.name === entry.name) {
        Object.assign(before, { row, team: entry.team, words: entry.words });
        continue;
      }
      if (before) before.moved = true;
      this.entries.set(row.agent, entry);
      moved.set(row.agent, entry);
    }
    let left = false;
    for (const agent of gone) {
      const entry = this.entries.get(agent);
      if (!entry) continue;
      entry.moved = true;
      moved.delete(agent);
      this.entries.delete(agent);
      left = true;
    }
    if (moved.size || left) this.#merge([...moved.values()]);
  }

  sortBy(column, down) {
    this.column = column;
    this.down = down;
    for (const entry of this.entries.values()) entry.key = KEYS[column](entry);
    this.#sort();
  }

  name(teams) {
    this.teams = new Map(teams.map(({ id, name }) => [id, name]));
  }

  /** What the filters leave, in order. */
  list() {
    const { text, team, look, count } = this.filter;
    const parts = fold(text).split(/\s+/).filter(Boolean);
    if (!parts.length && !team && !look && !count) return this.sorted;
    return this.sorted.filter((entry) => {
      if (team && entry.row.team !== team) return false;
      if (look && !needsALook(entry.row)) return false;
      if (count && !counted(entry.row, count)) return false;
      return parts.every((part) => entry.words.includes(part));
    });
  }

  #sort() {
    this.sorted = [...this.entries.values()].sort(comparing(this.down));
  }

  #merge(fresh) {
    const compare = comparing(this.down);
    fresh.sort(compare);
    const merged = [];
    let next = 0;
    for (const entry of this.sorted) {
      if (entry.moved) continue;
      while (next < fresh.length && compare(fresh[next], entry) < 0) merged.push(fresh[next++]);
      merged.push(entry);
    }
    while (next < fresh.length) merged.push(fresh[next++]);
    this.sorted = merged;
  }
}

/** The rows that a window shows, and a few on each side of it: first and one past the last. */
export function windowed(top, height, rowHeight, total, spare = 6) {
  const first = Math.max(0, Math.floor(top / rowHeight) - spare);
  const last = Math.min(total, Math.ceil((top + height) / rowHeight) + spare);
  return { first: Math.min(first, total), last };
}
