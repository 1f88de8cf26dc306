// What a supervisor can do for an agent: asked for in place, told in place, taken back in place.
import { api } from "./api.js";
import { button, el, mark } from "./dom.js";
import { clock } from "./times.js";
import { WORDS } from "./words.js";

const words = WORDS.acts;
const HALF_HOUR = 30;

export class Acts {
  constructor() {
    this.element = el("div", { class: "acts", role: "group", "aria-label": words.label });
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.face === "rest") return;
      event.stopPropagation();
      this.#rest(true);
    });
    this.row = null;
  }

  /** Whom it is about. What somebody is being asked stays asked. */
  show(row) {
    const other = row.agent !== this.row?.agent;
    const key = `${row.hold != null} ${row.snoozed_until} ${row.marks.includes("snoozed")}`;
    const same = key === this.key;
    Object.assign(this, { row, key });
    if (other || (this.face === "rest" && !same)) this.#rest(false);
  }

  #put(face, children, focus) {
    this.face = face;
    mark(this.element, "data-face", face);
    const inside = focus || this.element.contains(document.activeElement);
    this.element.replaceChildren(...children.filter(Boolean));
    if (inside) this.element.querySelector("button")?.focus();
  }

  #rest(focus) {
    const { row } = this;
    const snoozed = row.snoozed_until != null || row.marks.includes("snoozed");
    const until = row.snoozed_until != null && el("span", { class: "acts-told", text: words.snoozedUntil(clock(row.snoozed_until)) });
    const snooze = snoozed ? button(words.unsnooze, () => this.#do(() => api.unsnooze(row.agent))) : button(words.snooze, () => this.#snooze());
    this.#put("rest", [until, snooze, row.hold && button(words.release, () => this.#release())], focus);
  }

  #snooze() {
    const { agent, name } = this.row;
    const undo = () => this.#do(() => api.unsnooze(agent));
    const choice = (text, how) => button(text, () => this.#do(() => api.snooze(agent, how), undo));
    this.#put("ask", [
      el("span", { class: "acts-told", text: words.snoozeAsk(name) }),
      choice(words.half, { minutes: HALF_HOUR }),
      choice(words.change, { until: "change" }),
      choice(words.signIn, { until: "sign_in" }),
      this.#back(words.cancel),
    ], true);
  }

  #release() {
    const { agent, name } = this.row;
    this.#put("ask", [
      el("span", { class: "acts-told", text: words.releaseAsk(name) }),
      button(words.releaseYes, () => this.#do(() => api.release(agent)), { class: "main" }),
      this.#back(words.keep),
    ], true);
  }

  #back(text) {
    return button(text, () => this.#rest(true), { class: "plain" });
  }

  async #do(what, undo) {
    const { agent } = this.row;
    this.#put("busy", [el("span", { class: "acts-told", role: "status", text: words.busy })]);
    let text;
    let done = false;
    try {
      ({ sentence: text } = await what());
      done = true;
    } catch (error) {
      text = error.message || words.failed;
    }
    // Meanwhile somebody else may have been chosen.
    if (this.row.agent !== agent) return;
    const told = el("span", { class: "acts-told", role: done ? "status" : "alert", data: { tone: done ? "calm" : "trouble" }, text });
    this.#put("told", [told, done && undo && button(words.undo, undo), this.#back(WORDS.day.close)], true);
  }
}
