// The line at the top: one sentence, and the numbers that a wall shows.
import { button, el, mark, reshape, say, shape } from "./dom.js";
import { clockSeconds, delay, exact, lasting } from "./times.js";
import { WORDS } from "./words.js";

const words = WORDS.health;
const COUNTS = ["agents", "held", "mismatch", "stale", "spared", "snoozed"];
/** Numbers that are trouble unless they are nought. */
const BAD = ["mismatch", "stale"];
const NUMBER = new Intl.NumberFormat();

export class HealthLine {
  /** `pick(name)` shows only whom a number counts; `again` tries to connect now. */
  constructor(pick, again) {
    this.shape = shape("unknown");
    this.sentence = el("p", { class: "health-sentence" });
    this.sources = { webex: source(words.webex), finesse: source(words.finesse), latency: source(words.latency) };
    this.counts = Object.fromEntries(COUNTS.map((name) => [name, count(name, pick)]));
    this.again = button(WORDS.link.again, again, { hidden: true, class: "again" });
    const head = el("div", { class: "health-head" }, this.shape, el("div", { class: "health-words" }, this.sentence, el("ul", { class: "sources" }, Object.values(this.sources).map(({ item }) => item))), this.again);
    const numbers = el("div", { class: "counts", role: "group", "aria-label": words.label }, Object.values(this.counts).map(({ item }) => item));
    this.element = el("section", { class: "health", "aria-label": words.label }, head, numbers);
    this.health = null;
    this.picked = "";
  }

  /** What the server says, and how the page hears it: `link` is one of the feed's words. */
  show(health, link, heard, now) {
    if (health) this.health = health;
    const live = link === "live";
    this.element.dataset.link = link;
    this.again.hidden = link !== "reconnecting" && link !== "replaced";
    if (!live) {
      reshape(this.shape, link === "connecting" ? "unknown" : "trouble");
      say(this.sentence, away(link, heard, now));
    } else if (this.health) {
      const { webex, finesse, counts } = this.health;
      const good = webex.ok && finesse.ok && !BAD.some((name) => counts[name]);
      reshape(this.shape, good ? "ready" : "trouble");
      say(this.sentence, this.health.sentence || words.well);
    }
    this.#sources(live);
    this.#counts(live);
  }

  pick(name) {
    this.picked = name;
    for (const [own, { item }] of Object.entries(this.counts)) mark(item, "aria-pressed", String(own === name));
  }

  #sources(live) {
    const { health, sources } = this;
    for (const name of ["webex", "finesse"]) {
      const told = live && health?.[name];
      reshape(sources[name].shape, told ? (told.ok ? "ready" : "trouble") : "unknown");
      say(sources[name].text, told ? told.text || (told.ok ? words.ok : words.trouble) : words.unknown);
      mark(sources[name].item, "title", told && told.since ? exact(told.since) : null);
    }
    const { p50, p99 } = health?.latency_ms ?? {};
    sources.latency.shape.hidden = true;
    say(sources.latency.text, live && p50 != null ? delay(p50) : words.none);
    mark(sources.latency.item, "title", p99 == null ? null : `${words.median(delay(p50))}, ${words.slow(delay(p99))}`);
  }

  #counts(live) {
    for (const [name, { item, number }] of Object.entries(this.counts)) {
      const value = this.health?.counts[name];
      say(number, value == null ? words.none : NUMBER.format(value));
      item.dataset.tone = live && value && BAD.includes(name) ? "trouble" : "calm";
      item.dataset.known = live ? "yes" : "no";
    }
  }
}

function away(link, heard, now) {
  if (link === "replaced") return WORDS.link.replaced;
  if (!heard) return WORDS.link.first;
  const tell = link === "stale" ? WORDS.link.silent : WORDS.link.away;
  return tell(clockSeconds(heard), lasting(now - heard));
}

function source(name) {
  const parts = { shape: shape("unknown"), text: el("span", { class: "source-text" }) };
  return { ...parts, item: el("li", {}, parts.shape, el("span", { class: "quiet", text: name }), parts.text) };
}

function count(name, pick) {
  const number = el("span", { class: "number", text: words.none });
  const label = words.counts[name];
  const item = el("button", { type: "button", class: `count count-${name}`, "aria-pressed": "false", title: words.only(label), on: { click: () => pick(name) } }, number, el("span", { class: "label", text: label }));
  return { item, number };
}
