// One agent's row: made once, then given to whoever comes into its place.
import { el, mark, reshape, say } from "./dom.js";
import { TROUBLE, face, isKnown, markWord, predicate, wantedIs, wantedShort } from "./face.js";
import { delay, exact, lasting } from "./times.js";
import { WORDS } from "./words.js";

/** The columns in their order; the first is the row's name. */
export const COLUMNS = ["name", "team", "state", "since", "presence", "wanted", "hold", "writer", "latency", "why"];
/** What has a number in it stands on the right. */
export const NUMBERS = ["since", "latency"];

function cellsOf() {
  const cells = {};
  COLUMNS.forEach((column, at) => {
    const role = at === 0 ? "rowheader" : "gridcell";
    cells[column] = el("div", { role, class: `c c-${column}`, "aria-colindex": at + 1 });
  });
  return cells;
}

/** A row element, and how it is filled. */
export class RowView {
  constructor() {
    this.cells = cellsOf();
    this.shape = el("span", { class: "shape" });
    this.word = el("b", { class: "word" });
    this.reason = el("span", { class: "reason" });
    this.cells.state.append(this.shape, this.word, " ", this.reason);
    this.marks = el("span", { class: "marks" });
    this.sentence = el("span", { class: "sentence" });
    this.cells.why.append(this.marks, this.sentence);
    this.element = el("div", { role: "row", class: "row", tabindex: "-1" }, Object.values(this.cells));
    this.entry = null;
    this.row = null;
  }

  /** Shows an agent; what is the same as before is not touched. */
  show(entry, at, now, known) {
    if (this.at !== at) {
      this.at = at;
      mark(this.element, "aria-rowindex", at + 2);
      this.element.style.setProperty("--at", at);
    }
    this.entry = entry;
    if (this.row !== entry.row || this.known !== known || this.team !== entry.team) this.#fill(entry, known);
    this.tick(now);
  }

  /** Everything that grows by itself. */
  tick(now) {
    const { row, cells } = this;
    const since = row.state?.since;
    say(cells.since, since ? lasting(now - since) : "");
    say(cells.hold, row.hold ? lasting(now - row.hold.since) : "");
  }

  #fill(entry, known) {
    const { row, team } = entry;
    const { cells, element } = this;
    const { shape, word, reason } = face(row, known);
    Object.assign(this, { row, known, team });
    element.dataset.agent = row.agent;
    element.dataset.known = known && isKnown(row) ? "yes" : "no";
    say(cells.name, row.name);
    mark(cells.name, "title", `${row.name} (${row.agent})`);
    say(cells.team, team);
    mark(cells.team, "title", team);
    reshape(this.shape, shape);
    say(this.word, word);
    say(this.reason, reason);
    mark(cells.state, "title", [word, reason].filter(Boolean).join(", "));
    say(cells.presence, row.presence?.text ?? "");
    mark(cells.presence, "title", row.presence && `${row.presence.text}, ${exact(row.presence.since)}`);
    say(cells.wanted, wantedShort(row));
    mark(cells.wanted, "data-met", wantedIs(row) ? "yes" : null);
    mark(cells.wanted, "title", row.wanted?.text && `${row.wanted.text}, ${exact(row.wanted.since)}`);
    mark(cells.since, "title", row.state?.since && exact(row.state.since));
    mark(cells.hold, "title", row.hold && `${row.hold.text}, ${exact(row.hold.since)}`);
    say(cells.writer, WORDS.writers[row.writer] ?? row.writer);
    say(cells.latency, row.latency_ms == null ? "" : delay(row.latency_ms));
    this.#marks(row.marks);
    say(this.sentence, predicate(row));
  }

  #marks(marks) {
    const all = marks.join(" ");
    if (this.marks.dataset.all === all) return;
    this.marks.dataset.all = all;
    const chip = (name) => el("span", { class: "chip", data: { tone: TROUBLE.includes(name) ? "trouble" : "calm" }, text: markWord(name) });
    this.marks.replaceChildren(...marks.flatMap((name) => [chip(name), " "]));
  }
}
