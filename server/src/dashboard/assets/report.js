// The report: what Webex took of the time signed in, and what would have rung in vain.
import { api } from "./api.js";
import { bar, legend } from "./charts.js";
import { button, el, mark, shape } from "./dom.js";
import { fold } from "./face.js";
import { date, dayOf, fromIsoDate, isoDate, minutes } from "./times.js";
import { WORDS } from "./words.js";

const words = WORDS.report;
const KINDS = ["call", "meeting", "dnd", "unavailable"];
const COLUMNS = Object.keys(words.columns);
const MINUTES = COLUMNS.filter((name) => name.endsWith("_min") || name.startsWith("would_"));
const NUMBER = new Intl.NumberFormat();
/** Bars in a chart; who comes after the longest of them is in the table. */
const BARS = 12;
const RANGES = {
  today: (now) => dayOf(now),
  yesterday: (now) => dayOf(now, -1),
  week: (now) => ({ from: dayOf(now, -6).from, to: dayOf(now).to }),
  month: (now) => ({ from: dayOf(now, -29).from, to: dayOf(now).to }),
};

const shown = (name, value) => (value == null ? WORDS.nothing : MINUTES.includes(name) ? minutes(value) : NUMBER.format(value));
const busy = (row) => KINDS.reduce((sum, kind) => sum + (row[`${kind}_min`] ?? 0), 0);

export class Report {
  constructor(me, now) {
    this.teams = me.teams;
    this.now = now;
    this.range = "week";
    this.team = "";
    this.column = "name";
    this.down = false;
    this.#build();
  }

  #build() {
    const range = ([value, text]) => el("option", { value, text });
    this.days = el("select", { id: "report-days" }, Object.entries(words.ranges).map(range));
    this.days.value = this.range;
    this.from = el("input", { type: "date", id: "report-from", "aria-label": words.from });
    this.to = el("input", { type: "date", id: "report-to", "aria-label": words.to });
    this.own = el("span", { class: "own", hidden: true }, this.from, "\u2013", this.to);
    this.teamBox = el("select", { id: "report-team" }, el("option", { value: "", text: WORDS.filters.everyTeam }), this.teams.map(({ id, name }) => el("option", { value: id, text: name })));
    this.csv = el("a", { class: "button", download: true, text: words.csv });
    this.title = el("h1", { text: words.title });
    this.span = el("p", { class: "quiet" });
    this.body = el("div", { class: "report-body" });
    for (const field of [this.days, this.from, this.to, this.teamBox]) field.addEventListener("change", () => this.read());
    this.element = el(
      "main",
      { class: "report" },
      el("header", {}, el("div", {}, this.title, this.span), el("div", { class: "report-choice" }, labelled(words.range, this.days), this.own, this.teams.length > 1 && labelled(WORDS.filters.team, this.teamBox), this.csv, button(words.print, () => print()))),
      this.body,
    );
  }

  #asked() {
    this.own.hidden = this.days.value !== "own";
    const now = this.now();
    if (this.days.value !== "own") return RANGES[this.days.value](now);
    if (!this.from.value) this.from.value = isoDate(dayOf(now, -6).from);
    if (!this.to.value) this.to.value = isoDate(now);
    return { from: fromIsoDate(this.from.value), to: dayOf(fromIsoDate(this.to.value)).to };
  }

  /** Asks for the days that are chosen. */
  async read() {
    const { from, to } = this.#asked();
    if (!(from < to)) return;
    const asked = { from, to, team: this.teamBox.value };
    this.asked = asked;
    this.csv.href = api.csv(asked);
    this.span.textContent = to - from > 90_000_000 ? `${date(from)} \u2013 ${date(to - 1)}` : date(from);
    mark(this.body, "aria-busy", "true");
    if (!this.body.firstChild) this.body.append(el("p", { class: "quiet loading", text: words.loading }));
    try {
      const told = await api.report(asked);
      if (this.asked === asked) this.#show(told);
    } catch (error) {
      if (this.asked === asked) this.#fail(error);
    }
    mark(this.body, "aria-busy", null);
  }

  #fail({ status, message }) {
    const text = status === 0 || status === 403 ? message : words.failed;
    this.body.replaceChildren(blank("trouble", text, "", button(WORDS.day.again, () => this.read())));
  }

  #show(told) {
    this.told = told;
    if (!told.rows.length) return this.body.replaceChildren(blank("not-ready", words.empty, words.emptyLead));
    const teams = told.teams.length > 1 ? told.teams : null;
    this.table = el("div", { class: "report-table", tabindex: "0", role: "region", "aria-label": words.byAgent });
    this.body.replaceChildren(
      el("div", { class: "report-charts" }, rang(told.total), share(teams ?? told.rows, teams ? words.byTeam : words.byAgent)),
      rehearsal(told.rows) ?? "",
      this.table,
    );
    this.#table();
  }

  #table() {
    const { rows, total } = this.told;
    const value = (row) => (this.column === "name" || this.column === "team" ? fold(this.#cell(row, this.column)) : (row[this.column] ?? -1));
    const way = this.down ? -1 : 1;
    const sorted = [...rows].sort((a, b) => (value(a) < value(b) ? -way : value(a) > value(b) ? way : 0));
    const cell = (row) => (name) => el(name === "name" ? "th" : "td", { scope: name === "name" && "row", class: name === "name" || name === "team" ? "" : "number", text: this.#cell(row, name) });
    const line = (row) => el("tr", {}, COLUMNS.map(cell(row)));
    const head = (name) => {
      const here = name === this.column;
      const sort = button(words.columns[name], () => this.#sort(name));
      sort.append(el("span", { class: "way", "aria-hidden": "true", text: here ? (this.down ? "\u25be" : "\u25b4") : "" }));
      return el("th", { scope: "col", class: name === "name" || name === "team" ? "" : "number", "aria-sort": here ? (this.down ? "descending" : "ascending") : "none" }, sort);
    };
    this.table.replaceChildren(el("table", {}, el("caption", { class: "hear", text: words.byAgent }), el("thead", {}, el("tr", {}, COLUMNS.map(head))), el("tbody", {}, sorted.map(line)), el("tfoot", {}, line({ ...total, name: words.total, team: null }))));
  }

  #cell(row, name) {
    if (name === "team") return row.team == null ? "" : (this.teams.find(({ id }) => id === row.team)?.name ?? row.team);
    return name === "name" ? row.name : shown(name, row[name]);
  }

  #sort(name) {
    this.down = this.column === name ? !this.down : MINUTES.includes(name);
    this.column = name;
    this.#table();
    this.table.querySelectorAll("thead button")[COLUMNS.indexOf(name)].focus();
  }
}

const labelled = (text, field) => el("label", {}, el("span", { class: "quiet", text }), field);
const blank = (form, title, lead, more) => el("div", { class: "empty" }, shape(form), el("h2", { text: title }), el("p", { class: "quiet", text: lead }), more);

/** What would have rung in vain, without and with Lockstep. */
function rang(total) {
  const { would_have_rung_before: before, would_have_rung_after: after } = total;
  const most = Math.max(before, after, 1);
  const less = before > after ? words.less(Math.round(((before - after) / before) * 100)) : words.same;
  const line = (text, value, tone) => el("div", { class: "bar-line" }, el("span", { text }), bar([{ value, tone, title: minutes(value) }], most), el("b", { class: "number", text: minutes(value) }));
  return el("section", { class: "card" }, el("h2", { text: words.rang }), el("p", { class: "quiet", text: words.rangLead }), el("p", { class: "figure", text: before < 1 ? words.hardly : less }), line(words.before, before, "trouble"), line(words.after, after, "ready"), el("dl", { class: "figures" }, figure(words.holds, total.holds), figure(words.released, total.released), figure(words.signedIn, minutes(total.signed_in_min))));
}

const figure = (text, value) => el("div", {}, el("dt", { class: "quiet", text }), el("dd", { class: "number", text: typeof value === "number" ? NUMBER.format(value) : value }));

/** How much of the time signed in Webex took, the most first. */
function share(rows, title) {
  const part = (row) => busy(row) / Math.max(1, row.signed_in_min);
  const most = [...rows].sort((a, b) => part(b) - part(a)).slice(0, BARS);
  const line = (row) => {
    const parts = KINDS.map((kind) => ({ tone: kind, value: row[`${kind}_min`] ?? 0, title: `${words.kinds[kind]}: ${minutes(row[`${kind}_min`])}` }));
    const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 0 }).format(part(row));
    return el("div", { class: "bar-line" }, el("span", { class: "cut", title: row.name, text: row.name }), bar(parts, row.signed_in_min), el("b", { class: "number", title: minutes(busy(row)), text: percent }));
  };
  return el("section", { class: "card" }, el("h2", { text: words.busy }), el("p", { class: "quiet", text: `${title}. ${words.busyLead}.` }), legend(KINDS.map((kind) => ({ tone: kind, text: words.kinds[kind] }))), most.map(line));
}

/** Whom a dry run would have spared calls, the most first; none where nothing was rehearsed. */
function rehearsal(rows) {
  const exposed = ({ would_have_rung_after: after }) => after;
  const all = rows.filter((row) => row.dry_run && exposed(row) > 0);
  if (!all.length) return null;
  const most = all.sort((a, b) => exposed(b) - exposed(a)).slice(0, BARS);
  const line = (row) => el("div", { class: "bar-line" }, el("span", { class: "cut", title: row.name, text: row.name }), bar([{ value: exposed(row), tone: "held", title: minutes(exposed(row)) }], exposed(most[0])), el("b", { class: "number", text: minutes(exposed(row)) }));
  const sum = all.reduce((time, row) => time + exposed(row), 0);
  return el("section", { class: "card rehearsal" }, el("h2", { text: words.rehearsal }), el("p", { class: "quiet", text: words.rehearsalLead }), el("dl", { class: "figures" }, figure(words.spared, minutes(sum))), most.map(line));
}
