// The live view: what the feed tells goes into the table; what is seen of it is drawn once a frame.
import { Day } from "./day.js";
import { announce, button, el, mark, say, shape } from "./dom.js";
import { needsALook, predicate } from "./face.js";
import { Filters } from "./filters.js";
import { Grid } from "./grid.js";
import { HealthLine } from "./health.js";
import { Order } from "./order.js";
import { prefer, preferences } from "./preferences.js";
import { WORDS } from "./words.js";

const SECOND = 1000;

export class Board {
  /** `go(agent | null)` opens somebody's day; `ended` is called once the session is over. */
  constructor(me, go, ended) {
    this.go = go;
    this.ended = ended;
    this.order = new Order();
    this.order.name(me.teams);
    this.order.sortBy(preferences.column, preferences.down);
    this.link = "connecting";
    this.heard = 0;
    this.offset = 0;
    this.coming = null;
    this.whole = false;
    this.selected = null;
    this.#build(me);
    this.#listen();
    this.ticking = setInterval(() => this.#tick(), SECOND);
    this.#draw();
  }

  now() {
    return Date.now() + this.offset;
  }

  #build(me) {
    this.health = new HealthLine((name) => this.filters.pick(name), () => this.feed.postMessage("again"));
    this.filters = new Filters(me.teams, (filter) => this.#filter(filter), () => this.wall(!preferences.wall));
    this.grid = new Grid({ choose: (agent) => this.go(agent), point: (agent) => this.#point(agent), sort: (column) => this.sort(column) });
    this.empty = el("div", { class: "empty", hidden: true });
    this.why = el("div", { class: "why", id: "why" });
    this.day = new Day({ close: () => this.go(null), now: () => this.now(), row: (agent) => this.order.entries.get(agent) });
    const table = el("div", { class: "table" }, this.grid.element, this.empty, this.why);
    this.dry = el("p", { class: "notice", hidden: !me.dry_run }, shape("not-ready"), el("span", { text: WORDS.dryRun }));
    this.element = el("main", { class: "board" }, el("h1", { class: "hear", text: WORDS.views.live }), this.health.element, this.dry, this.filters.element, el("div", { class: "split" }, table, this.day.element));
    this.grid.sorted(preferences.column, preferences.down);
    this.filters.wallIs(preferences.wall);
    this.grid.wall(preferences.wall);
    this.#point(null);
  }

  #listen() {
    this.feed = new Worker(new URL("./feed.js", import.meta.url), { type: "module" });
    this.feed.onmessage = ({ data }) => {
      this.#hear(data);
      this.#draw();
    };
  }

  #hear(told) {
    switch (told.kind) {
      case "link":
        this.#turn(told);
        break;
      case "clock":
        this.offset = told.offset;
        this.heard = told.heard;
        break;
      case "health":
        this.news = told.health;
        break;
      case "begin":
        this.coming = this.order.anew();
        this.news = told.health;
        break;
      case "rows":
        if (told.begin) this.coming.apply(told.rows);
        else this.#changes(told);
        break;
      case "complete":
        // The filters may have changed while it came.
        this.order = Object.assign(this.coming, { filter: this.order.filter });
        this.coming = null;
        this.revealing = !this.whole;
        this.whole = true;
        if (this.selected) this.day.heard();
        break;
    }
  }

  #changes({ rows, gone }) {
    this.order.apply(rows, gone);
    if (this.selected && (gone.includes(this.selected) || rows.some(({ agent }) => agent === this.selected))) this.day.heard();
  }

  #turn({ link, heard }) {
    const before = this.link;
    this.link = link;
    this.heard = heard || this.heard;
    if (link === "ended") return this.ended();
    if (link === "live" && before !== "connecting") announce(WORDS.link.back);
    if (link === "reconnecting" || link === "stale") announce(WORDS.link[link]);
  }

  #filter(filter) {
    this.order.filter = filter;
    this.health.pick(filter.count);
    this.grid.element.scrollTop = 0;
    this.#draw();
    this.saying = true;
  }

  sort(column) {
    const down = this.order.column === column && !this.order.down;
    prefer({ column, down });
    this.order.sortBy(column, down);
    this.coming?.sortBy(column, down);
    this.grid.sorted(column, down);
    this.#draw();
  }

  wall(yes) {
    prefer({ wall: yes });
    this.filters.wallIs(yes);
    this.grid.wall(yes);
    this.#draw();
  }

  /** Opens somebody's day, or none. */
  select(agent) {
    if (agent === this.selected) return;
    const before = this.selected;
    this.selected = agent;
    this.grid.select(agent);
    if (agent) {
      this.day.open(agent);
      requestAnimationFrame(() => this.#reveal());
    } else {
      this.day.shut();
      if (before) this.grid.enter();
    }
  }

  #draw() {
    if (this.drawing) return;
    this.drawing = requestAnimationFrame(() => {
      this.drawing = 0;
      this.#paint();
    });
  }

  #paint() {
    const known = this.link === "live";
    const list = this.order.list();
    const all = this.order.entries.size;
    // Before the rows: what is hidden has no height to be filled.
    this.#nothing(list.length, all);
    this.grid.show(list, known, this.now());
    if (this.revealing && this.selected) this.#reveal();
    this.revealing = false;
    this.#health();
    if (this.news?.dry_run != null) this.dry.hidden = !this.news.dry_run;
    this.news = null;
    let look = 0;
    for (const { row } of this.order.sorted) if (needsALook(row)) look += 1;
    this.filters.told(list.length, all, look);
    if (this.saying) announce(WORDS.filters.shown(list.length, all));
    this.saying = false;
    this.#point(this.pointed);
    mark(this.element, "data-link", this.link);
  }

  /** Whoever was opened by an address is not among the first rows. */
  #reveal() {
    this.grid.select(this.selected);
    this.grid.reveal(this.selected);
  }

  #health() {
    this.health.show(this.news, this.link, this.heard, Date.now());
  }

  /** The faces of an empty table, each with what can be done. */
  #nothing(shown, all) {
    this.grid.element.hidden = !shown;
    this.why.hidden = !shown;
    this.empty.hidden = shown > 0;
    const words = WORDS.empty;
    const face = !this.whole ? "loading" : !all ? "nobody" : this.#onlyLook() ? "calm" : "noMatch";
    if (shown || this.empty.dataset.face === face) return;
    this.empty.dataset.face = face;
    const drawing = { loading: "unknown", calm: "ready", nobody: "not-ready", noMatch: "not-ready" }[face];
    const back = (face === "noMatch" || face === "calm") && button(WORDS.filters.clear, () => this.filters.reset());
    this.empty.replaceChildren(shape(drawing), el("h2", { text: words[face] }), el("p", { class: "quiet", text: words[`${face}Lead`] ?? "" }), back || "");
  }

  /** Whether nothing else is looked for: then an empty table is good news. */
  #onlyLook() {
    const { text, team, look, count } = this.order.filter;
    return look && !text.trim() && !team && !count;
  }

  /** The sentence of whom somebody looks at. */
  #point(agent) {
    this.pointed = agent;
    const row = agent && this.order.entries.get(agent)?.row;
    if (!this.why.firstChild) this.why.append(el("b"), el("span"), el("span", { class: "quiet" }));
    const [name, sentence, next] = this.why.children;
    say(name, row ? row.name : "");
    say(sentence, row ? predicate(row) : WORDS.row.hint);
    say(next, row?.next ?? "");
    mark(this.why, "data-hint", row ? null : "yes");
  }

  #tick() {
    this.grid.tick(this.now());
    this.day.tick();
    if (this.link !== "live") this.#health();
  }

  /** Ends everything that runs by itself. */
  end() {
    clearInterval(this.ticking);
    cancelAnimationFrame(this.drawing);
    this.feed.terminate();
    this.day.shut();
  }
}
