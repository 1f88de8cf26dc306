// The table: only the rows that can be seen are in the page, whatever their number; the keyboard and
// a screen reader have all of them.
import { el, mark, say } from "./dom.js";
import { windowed } from "./order.js";
import { COLUMNS, NUMBERS, RowView } from "./row.js";
import { WORDS } from "./words.js";

/** Heights of a row in px: at a desk, and on a wall. The style has the same. */
const DESK = 36;
const WALL = 56;
/** Rows that are printed: more would hold the page up for many seconds, and nobody reads them. */
const MOST_PRINTED = 1000;

export class Grid {
  /** `acts`: `choose(agent)`, `point(row | null)`, `sort(column)`. */
  constructor(acts) {
    this.acts = acts;
    this.list = [];
    this.views = new Map();
    this.spare = [];
    this.active = null;
    this.selected = null;
    this.known = true;
    this.height = DESK;
    this.#build();
  }

  #build() {
    this.heads = Object.fromEntries(COLUMNS.map((column, at) => [column, this.#head(column, at)]));
    const head = el("div", { role: "row", class: "row head", "aria-rowindex": 1 }, Object.values(this.heads));
    this.body = el("div", { role: "rowgroup", class: "rows" });
    this.element = el(
      "div",
      { role: "grid", class: "grid", "aria-label": WORDS.grid, "aria-colcount": COLUMNS.length, "aria-rowcount": 1 },
      el("div", { role: "rowgroup", class: "heads" }, head),
      this.body,
    );
    this.element.addEventListener("scroll", () => this.draw(), { passive: true });
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.body.addEventListener("click", ({ target }) => this.#click(target));
    this.body.addEventListener("focusin", ({ target }) => this.#focused(target));
    this.body.addEventListener("focusout", () => this.#pointed());
    this.body.addEventListener("pointerover", ({ target }) => this.#pointed(target));
    this.body.addEventListener("pointerleave", () => this.#pointed());
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  #head(column, at) {
    const [short, long] = WORDS.columns[column];
    const sort = el("button", { type: "button", title: long, on: { click: () => this.acts.sort(column) } }, el("span", { text: short }), el("span", { class: "way", "aria-hidden": "true" }));
    const number = NUMBERS.includes(column) ? " number" : "";
    return el("div", { role: "columnheader", class: `c c-${column}${number}`, "aria-colindex": at + 1 }, sort);
  }

  /** Which column orders the rows. */
  sorted(column, down) {
    for (const [name, head] of Object.entries(this.heads)) {
      const here = name === column;
      mark(head, "aria-sort", here ? (down ? "descending" : "ascending") : "none");
      say(head.querySelector(".way"), here ? (down ? "\u25be" : "\u25b4") : "");
    }
  }

  /** Larger rows, to be read from afar. */
  wall(yes) {
    const top = this.element.scrollTop / this.height;
    this.height = yes ? WALL : DESK;
    this.element.dataset.wall = yes ? "yes" : "no";
    this.element.scrollTop = top * this.height;
    this.draw();
  }

  /** The rows to be shown, and whether what they tell is known to be so. */
  show(list, known, now) {
    Object.assign(this, { list, known, now });
    mark(this.element, "aria-rowcount", list.length + 1);
    mark(this.element, "data-known", known ? "yes" : "no");
    this.body.style.height = `${list.length * this.height}px`;
    this.draw();
  }

  select(agent) {
    this.selected = agent;
    // Whoever was opened by an address is where the keyboard goes on.
    if (agent && this.#place(agent) >= 0) this.active = agent;
    for (const view of this.views.values()) this.#state(view);
  }

  tick(now) {
    this.now = now;
    for (const view of this.views.values()) view.tick(now);
  }

  /** Puts the rows of the window into the page. The row with the focus stays, wherever it is. */
  draw() {
    const { list } = this;
    if (!this.element.isConnected) return;
    const { first, last } = this.#window();
    const places = new Map();
    for (let at = first; at < last; at += 1) places.set(list[at].row.agent, at);
    const focused = this.body.contains(document.activeElement) ? document.activeElement : null;
    const kept = this.#place(this.active);
    if (this.active && kept < 0) this.#lost(focused, places, last);
    if (kept >= 0) {
      places.set(this.active, kept);
      this.activeAt = kept;
    }
    for (const [agent, view] of this.views) {
      if (places.has(agent)) continue;
      this.views.delete(agent);
      this.spare.push(view);
    }
    const order = [...places].sort(([, a], [, b]) => a - b);
    const shown = order.map(([agent, at]) => this.#view(agent, at));
    for (const view of this.spare.splice(0)) view.element.remove();
    this.#arrange(shown.map(({ element }) => element));
  }

  #window() {
    const { element, height, list } = this;
    if (this.printing) return { first: 0, last: Math.min(list.length, MOST_PRINTED) };
    return windowed(element.scrollTop, element.clientHeight - height, height, list.length);
  }

  /** On paper there is no scrolling: everybody who is listed is in the page. */
  print(yes) {
    this.printing = yes;
    this.draw();
  }

  #view(agent, at) {
    const view = this.views.get(agent) ?? this.spare.pop() ?? new RowView();
    this.views.set(agent, view);
    view.show(this.list[at], at, this.now, this.known);
    this.#state(view, at);
    return view;
  }

  #state(view) {
    const { agent } = view.row;
    mark(view.element, "aria-selected", agent === this.selected ? "true" : "false");
    const active = this.active ?? this.list[0]?.row.agent;
    view.element.tabIndex = agent === active ? 0 : -1;
    mark(view.element, "aria-describedby", agent === this.active ? "why" : null);
  }

  /** In the page's order too, for who reads it in order; the element with the focus is not moved. */
  #arrange(elements) {
    let next = this.body.firstElementChild;
    for (const element of elements) {
      if (element === next) {
        next = next.nextElementSibling;
      } else if (element === document.activeElement) {
        while (next !== element) {
          const after = next.nextElementSibling;
          this.body.append(next);
          next = after;
        }
        next = element.nextElementSibling;
      } else {
        this.body.insertBefore(element, next);
      }
    }
  }

  #place(agent) {
    return agent === null ? -1 : this.list.findIndex(({ row }) => row.agent === agent);
  }

  /** Whoever had the focus is not in the list any more: their neighbour has it. */
  #lost(focused, places, last) {
    const at = Math.min(this.activeAt ?? 0, this.list.length - 1);
    this.active = at >= 0 ? this.list[at].row.agent : null;
    if (this.active && at < last) places.set(this.active, at);
    if (focused && this.active) queueMicrotask(() => this.#go(at));
  }

  #focused(target) {
    const row = target.closest(".row");
    this.active = row.dataset.agent;
    for (const view of this.views.values()) {
      if (view.element === row) this.activeAt = view.at;
      this.#state(view);
    }
    this.#pointed();
  }

  /** The row under the pointer, else the one with the focus. */
  #pointed(target) {
    const row = target?.closest(".row") ?? document.activeElement?.closest?.(".rows .row");
    this.acts.point(row ? row.dataset.agent : null);
  }

  #click(target) {
    const row = target.closest(".row");
    if (!row || String(getSelection())) return;
    row.focus({ preventScroll: true });
    this.acts.choose(row.dataset.agent);
  }

  #key(event) {
    const { key, target } = event;
    if (!target.closest(".rows")) return;
    const at = Math.max(0, this.#place(this.active));
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.height) - 2);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: Infinity }[key];
    if (to !== undefined) {
      event.preventDefault();
      this.#go(Math.min(Math.max(to, 0), this.list.length - 1));
    } else if (key === "Enter" || key === " ") {
      event.preventDefault();
      this.acts.choose(this.active);
    }
  }

  /** Gives the focus to the row at a place, and brings it into sight. */
  #go(at) {
    const entry = this.list[at];
    if (!entry) return;
    this.active = entry.row.agent;
    this.activeAt = at;
    const top = at * this.height;
    const room = this.element.clientHeight - 2 * this.height;
    const { scrollTop } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top > scrollTop + room) this.element.scrollTop = top - room;
    this.draw();
    this.views.get(this.active)?.element.focus({ preventScroll: true });
  }

  /** Into the rows, as by Tab. */
  enter() {
    if (this.list.length) this.#go(Math.max(0, this.#place(this.active)));
  }

  /** Brings an agent into sight without taking the focus. */
  reveal(agent) {
    const at = this.#place(agent);
    if (at < 0) return;
    const top = at * this.height;
    const room = this.element.clientHeight - 2 * this.height;
    const { scrollTop } = this.element;
    if (top < scrollTop || top > scrollTop + room) this.element.scrollTop = Math.max(0, top - room / 2);
  }
}
