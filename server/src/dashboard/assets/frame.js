// The frame around the views: which there are, who is signed in, and the way out.
import { api } from "./api.js";
import { announce, button, el, mark, shape } from "./dom.js";
import { showKeys } from "./keys.js";
import { WORDS } from "./words.js";

/** The header; `show(name)` marks the view that is open. `visit(path)` goes there without loading. */
export function frame(me, leave, visit) {
  const follow = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    visit(event.currentTarget.pathname);
  };
  const link = (name) => el("a", { href: name === "live" ? "/" : `/${name}`, text: WORDS.views[name], on: { click: follow } });
  const links = { live: link("live"), report: link("report") };
  const acts = el("div", { class: "frame-acts" });
  const told = el("span", { class: "quiet", role: "status" });

  async function reload() {
    try {
      ({ sentence: told.textContent } = await api.reload());
    } catch (error) {
      told.textContent = error.message;
    }
    rest();
  }
  function ask() {
    const yes = button(WORDS.reload.yes, reload, { class: "main" });
    acts.replaceChildren(el("span", { text: WORDS.reload.ask }), yes, button(WORDS.reload.no, rest, { class: "plain" }));
    announce(WORDS.reload.ask);
    yes.focus();
  }
  function rest() {
    const inside = acts.contains(document.activeElement);
    const admin = me.role === "administrator" && button(WORDS.leave.reload, ask, { class: "plain" });
    acts.replaceChildren(...[told, admin, button(WORDS.leave.keys, showKeys, { class: "plain keys-button" }), el("span", { class: "who", title: me.user, text: me.name }), button(WORDS.leave.out, leave)].filter(Boolean));
    if (inside) acts.querySelector("button").focus();
  }
  rest();

  const element = el("header", { class: "frame" }, el("a", { class: "product", href: "/", "aria-label": WORDS.product, on: { click: follow } }, shape("held"), el("span", { text: WORDS.product })), el("nav", { "aria-label": WORDS.views.label }, Object.values(links)), acts);
  const show = (name) => {
    for (const [own, element] of Object.entries(links)) mark(element, "aria-current", own === name ? "page" : null);
  };
  return { element, show };
}
