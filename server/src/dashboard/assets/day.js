// The agent's day, beside the table: bands, then every decision with its sentence.
import { Acts } from "./acts.js";
import { api } from "./api.js";
import { bands } from "./bands.js";
import { button, el, reshape, say, shape } from "./dom.js";
import { face } from "./face.js";
import { clock, date, dayOf, delay, exact, lasting } from "./times.js";
import { WORDS } from "./words.js";

const words = WORDS.day;
/** What changes is read again, but not more often than this, in ms. */
const READ_EVERY = 1500;

export class Day {
  /** `close()`, `now()`, and `row(agent)`: what the table has of them. */
  constructor({ close, now, row }) {
    Object.assign(this, { close, now, row });
    this.agent = null;
    this.step = 0;
    this.acts = new Acts();
    this.#build();
  }

  #build() {
    this.shape = shape("unknown");
    this.name = el("h2", { class: "day-name", tabindex: "-1" });
    this.state = el("span", { class: "day-state" });
    this.since = el("span", { class: "quiet" });
    this.sentence = el("p", { class: "day-sentence" });
    this.next = el("p", { class: "quiet day-next" });
    this.facts = el("dl", { class: "facts" });
    this.title = el("h3", { class: "day-date" });
    const turn = (by, text, sign) => button(sign, () => this.#turn(by), { "aria-label": text, title: text, class: "step" });
    this.after = turn(1, words.after, "\u203a");
    this.body = el("div", { class: "day-body" });
    this.element = el(
      "aside",
      { class: "day", hidden: true, "aria-label": words.label },
      el("header", {}, this.shape, this.name, button("\u00d7", this.close, { class: "close", "aria-label": words.close, title: words.close })),
      el("p", { class: "day-now" }, this.state, " ", this.since),
      this.sentence,
      this.next,
      this.facts,
      this.acts.element,
      el("div", { class: "day-turn" }, turn(-1, words.before, "\u2039"), this.title, this.after),
      this.body,
    );
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
    });
  }

  open(agent) {
    Object.assign(this, { agent, step: 0, shown: null });
    this.element.hidden = false;
    this.element.scrollTop = 0;
    this.#blank("");
    this.body.replaceChildren(el("p", { class: "quiet loading", text: words.loading }));
    this.heard(true);
    // A row is told a moment before its decision is written down: what was read then may lack it.
    this.heard();
    this.name.focus({ preventScroll: true });
  }

  shut() {
    this.agent = null;
    this.element.hidden = true;
    clearTimeout(this.timer);
    this.timer = 0;
  }

  /** Something of this agent has changed, or is to be read for the first time. */
  heard(at_once = false) {
    if (!this.agent) return;
    this.#now();
    if (at_once) return this.#read();
    if (this.step === 0) this.timer ||= setTimeout(() => this.#read(), READ_EVERY);
  }

  tick() {
    const entry = this.agent && this.row(this.agent);
    if (entry?.row.state?.since) say(this.since, words.since(clock(entry.row.state.since), lasting(this.now() - entry.row.state.since)));
  }

  #now() {
    const entry = this.row(this.agent);
    this.acts.element.hidden = !entry;
    if (!entry) return;
    const { row, team } = entry;
    const { shape: form, word, reason } = face(row);
    reshape(this.shape, form);
    say(this.name, row.name);
    say(this.state, [word, reason].filter(Boolean).join(" \u00b7 "));
    this.since.title = row.state?.since ? exact(row.state.since) : "";
    say(this.sentence, row.sentence);
    say(this.next, row.next ?? "");
    this.#facts(row, team);
    this.acts.show(row);
    this.tick();
  }

  /** Nothing of whoever was shown before. */
  #blank(name) {
    reshape(this.shape, "unknown");
    say(this.name, name);
    for (const part of [this.state, this.since, this.sentence, this.next, this.facts]) say(part, "");
    this.told = null;
  }

  /** What a narrow table leaves out. */
  #facts(row, team) {
    const told = {
      team,
      presence: row.presence?.text,
      wanted: row.wanted?.text,
      hold: row.hold && words.since(clock(row.hold.since), row.hold.text),
      writer: WORDS.writers[row.writer],
      latency: row.latency_ms != null && delay(row.latency_ms),
    };
    const all = JSON.stringify(told);
    if (this.told === all) return;
    this.told = all;
    const known = Object.entries(told).filter(([, text]) => text);
    this.facts.replaceChildren(...known.map(([name, text]) => el("div", {}, el("dt", { text: words.facts[name] }), el("dd", { text }))));
  }

  #turn(by) {
    this.step = Math.min(0, this.step + by);
    this.shown = null;
    this.body.replaceChildren(el("p", { class: "quiet loading", text: words.loading }));
    this.#read();
  }

  async #read() {
    clearTimeout(this.timer);
    this.timer = 0;
    const { agent, step } = this;
    const { from, to } = dayOf(this.now(), step);
    say(this.title, step ? date(from) : words.today);
    this.after.disabled = step === 0;
    try {
      const day = await api.day(agent, from, to);
      if (agent === this.agent && step === this.step) this.#show(day);
    } catch (error) {
      if (agent === this.agent && step === this.step) this.#fail(error);
    }
  }

  #fail({ status, message }) {
    this.shown = null;
    if (status === 404) {
      this.#blank(WORDS.empty.gone);
      return this.body.replaceChildren(el("p", { class: "quiet", text: WORDS.empty.goneLead }));
    }
    const again = button(words.again, () => this.#read());
    this.body.replaceChildren(el("p", { class: "day-trouble", role: "alert" }, shape("trouble"), el("span", { text: status === 0 ? message : words.failed })), again);
  }

  #show(day) {
    if (!this.row(this.agent)) say(this.name, day.name);
    // What is the same is left as it is: somebody may be reading it.
    const pieces = [...day.presence, ...day.state].map(({ from, text, held }) => [from, text, held]);
    const shown = JSON.stringify([day.entries, day.acted, pieces]);
    if (this.shown === shown) return;
    this.shown = shown;
    const inside = this.body.contains(document.activeElement);
    const drawn = day.presence.length + day.state.length + day.acted.length ? bands(day, this.now()) : null;
    const list = el("ol", { class: "decisions" }, day.entries.map(decision));
    this.more = day.more && button(words.more, () => this.#more(day, list), { class: "plain" });
    list.addEventListener("pointerover", ({ target }) => drawn?.point(Number(target.closest("li")?.dataset.at) || null));
    list.addEventListener("pointerleave", () => drawn?.point(null));
    this.body.replaceChildren(
      drawn ? drawn.element : el("p", { class: "quiet", text: words.noBands }),
      el("h3", { text: words.decisions }),
      day.entries.length ? list : el("p", { class: "quiet", text: words.none }),
      this.more || "",
    );
    if (inside) this.name.focus({ preventScroll: true });
  }

  async #more(day, list) {
    const { agent, more } = this;
    more.disabled = true;
    try {
      const next = await api.day(agent, day.from, day.more);
      if (more !== this.more) return;
      list.append(...next.entries.map(decision));
      day.more = next.more;
      if (!next.more) more.remove();
    } catch (error) {
      say(more, error.message);
    }
    more.disabled = false;
  }
}

function decision(entry) {
  const { at, sentence, side, asked, latency_ms: latency, dry_run: dry } = entry;
  const small = [words.sides[side] ?? side, dry && words.rehearsed, asked && words.answers[asked], latency != null && words.took(delay(latency))];
  return el(
    "li",
    { data: { at, side } },
    el("time", { datetime: new Date(at).toISOString(), title: exact(at), text: clock(at) }),
    el("div", {}, el("p", { text: sentence }), el("p", { class: "quiet small", text: small.filter(Boolean).join(" \u00b7 ") })),
  );
}
