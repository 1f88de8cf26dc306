// Keys: one key each, never while somebody types, and off for who prefers it (WCAG 2.1.4).
import { button, el } from "./dom.js";
import { prefer, preferences } from "./preferences.js";
import { WORDS } from "./words.js";

const words = WORDS.keys;
const TYPED_IN = "input, select, textarea, [contenteditable]";

/** Listens for single keys; `acts` are by key, in lower case. Ended by the signal. */
export function listen(acts, signal) {
  const act = (event) => {
    const { key, ctrlKey, metaKey, altKey, target } = event;
    if (ctrlKey || metaKey || altKey || document.querySelector("dialog[open]")) return;
    const one = acts[key.length === 1 ? key.toLowerCase() : key];
    if (!one || (key.length === 1 && (!preferences.keys || target.matches?.(TYPED_IN)))) return;
    if (one(event) !== false) event.preventDefault();
  };
  document.addEventListener("keydown", act, { signal });
}

/** The list of them, as a dialog. */
export function showKeys() {
  const on = el("input", { type: "checkbox", id: "single-keys" });
  on.checked = preferences.keys;
  on.addEventListener("change", () => prefer({ keys: on.checked }));
  const rows = words.list.flatMap(([key, what]) => [
    el("dt", {}, key.split(/(?<=\S), /).map((one) => el("kbd", { text: one }))),
    el("dd", { text: what }),
  ]);
  const dialog = el(
    "dialog",
    { class: "keys", "aria-labelledby": "keys-title" },
    el("h2", { id: "keys-title", text: words.title }),
    el("dl", {}, rows),
    el("p", { class: "choice" }, on, el("label", { for: on.id, text: words.single })),
    el("p", { class: "quiet", text: words.singleLead }),
    button(words.close, () => dialog.close(), { class: "main" }),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
