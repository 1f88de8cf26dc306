// What is looked for: search, team, who needs a look; and what can be done to a whole team.
import { api } from "./api.js";
import { button, el, mark, say } from "./dom.js";
import { WORDS } from "./words.js";

const words = WORDS.filters;

export class Filters {
  /** `change(filter)` with what is looked for; `wall(yes)`. */
  constructor(teams, change, wall) {
    this.change = change;
    this.filter = { text: "", team: "", look: false, count: "" };
    this.search = el("input", { type: "search", id: "search", placeholder: words.search, "aria-label": words.search, "aria-keyshortcuts": "/", autocomplete: "off", spellcheck: "false" });
    this.search.addEventListener("input", () => this.#set({ text: this.search.value }));
    const option = ({ id, name }) => el("option", { value: id, text: name });
    this.team = el("select", { id: "team", "aria-label": words.team }, el("option", { value: "", text: words.everyTeam }), teams.map(option));
    this.team.addEventListener("change", () => this.#set({ team: this.team.value }));
    this.lookCount = el("span", { class: "badge" });
    this.look = el("button", { type: "button", class: "toggle", "aria-pressed": "false", on: { click: () => this.#set({ look: !this.filter.look }) } }, el("span", { text: words.look }), this.lookCount);
    this.wall = el("button", { type: "button", class: "toggle", title: words.wallHint, "aria-pressed": "false", text: words.wall, on: { click: wall } });
    this.shown = el("p", { class: "shown quiet" });
    this.clear = button(words.clear, () => this.reset(), { hidden: true, class: "plain" });
    this.pause = teamActs(() => teams.find(({ id }) => id === this.filter.team));
    this.element = el("div", { class: "filters", role: "search", "aria-label": words.label }, el("div", { class: "filters-left" }, this.search, teams.length > 1 && this.team, this.look, this.pause.element, this.clear), this.shown, this.wall);
  }

  /** Only whom a number of the health line counts; the same one again shows everybody. */
  pick(name) {
    this.#set({ count: name === "agents" || name === this.filter.count ? "" : name });
  }

  reset() {
    this.search.value = "";
    this.team.value = "";
    this.#set({ text: "", team: "", look: false, count: "" });
  }

  /** How many are shown, of how many, and how many need a look. */
  told(shown, all, look) {
    say(this.shown, all === 1 && shown === 1 ? words.shownOne : words.shown(shown, all));
    say(this.lookCount, String(look));
    this.look.dataset.tone = look ? "trouble" : "calm";
  }

  toggleLook() {
    this.look.click();
  }

  wallIs(yes) {
    mark(this.wall, "aria-pressed", String(yes));
  }

  #set(change) {
    Object.assign(this.filter, change);
    const { text, team, look, count } = this.filter;
    mark(this.look, "aria-pressed", String(look));
    this.clear.hidden = !(text || team || look || count);
    this.pause.turn(Boolean(team));
    this.change(this.filter);
  }
}

/** Pausing the chosen team: asked for in place, told in place, taken back in place. */
function teamActs(chosen) {
  const element = el("div", { class: "team-acts", role: "group", hidden: true });
  const told = (text, ...more) => element.replaceChildren(el("span", { role: "status", text }), ...more);
  const act = async (what, undo) => {
    try {
      const { sentence } = await what();
      told(sentence, undo && button(WORDS.pause.undo, undo), button(WORDS.keys.close, rest, { class: "plain" }));
    } catch (error) {
      told(error.message, button(WORDS.keys.close, rest, { class: "plain" }));
    }
    element.querySelector("button").focus();
  };
  const resume = (id) => act(() => api.resume(id));
  function ask() {
    const { id, name } = chosen();
    const choice = ([minutes, text]) => button(text, () => act(() => api.pause(id, minutes), () => resume(id)));
    element.replaceChildren(el("span", { text: WORDS.pause.ask(name) }), ...WORDS.pause.minutes.map(choice), button(WORDS.pause.cancel, rest, { class: "plain" }));
    element.querySelector("button").focus();
  }
  function rest() {
    const inside = element.contains(document.activeElement);
    element.replaceChildren(button(WORDS.pause.open, ask), button(WORDS.pause.resume, () => resume(chosen().id)));
    if (inside) element.firstElementChild.focus();
  }
  rest();
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    rest();
  });
  const turn = (yes) => {
    element.hidden = !yes;
    rest();
  };
  return { element, turn };
}
