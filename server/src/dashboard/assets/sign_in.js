// The way in: the same credentials as for Finesse.
import { Trouble, api } from "./api.js";
import { announce, el, say, shape } from "./dom.js";
import { WORDS } from "./words.js";

const words = WORDS.signIn;
const SECOND = 1000;

function sentence(trouble) {
  if (!(trouble instanceof Trouble)) return words.failed;
  if (trouble.status === 0) return words.unreachable;
  if (trouble.status === 429) return words.tooMany(trouble.wait || 60);
  if (trouble.status >= 500) return words.failed;
  return trouble.message;
}

/** The form; `enter` is called with who has come in. `note` says why somebody is here. */
export function signIn(note, enter) {
  const field = (name, text, more) => {
    const input = el("input", { id: `sign-in-${name}`, name, required: true, "aria-describedby": "sign-in-trouble", ...more });
    return [el("label", { for: input.id, text }), input];
  };
  const [userLabel, user] = field("user", words.user, { autocomplete: "username", autocapitalize: "none", spellcheck: "false" });
  const [passwordLabel, password] = field("password", words.password, { type: "password", autocomplete: "current-password" });
  const go = el("button", { type: "submit", class: "main", text: words.go });
  const trouble = el("p", { id: "sign-in-trouble", class: "form-trouble", role: "alert" });
  const fail = (text) => trouble.replaceChildren(...(text ? [shape("trouble"), el("span", { text })] : []));
  const form = el(
    "form",
    { class: "sign-in", novalidate: true },
    el("div", { class: "sign-in-mark" }, shape("held"), el("span", { text: WORDS.product })),
    el("h1", { text: words.title }),
    el("p", { class: "quiet", text: words.lead }),
    note && el("p", { class: "sign-in-note", text: note }),
    userLabel, user, passwordLabel, password, trouble, go,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (go.disabled) return;
    const name = user.value.trim();
    if (!name || !password.value) {
      fail(words.empty);
      return (name ? password : user).focus();
    }
    fail("");
    busy(true);
    try {
      enter(await api.signIn(name, password.value));
    } catch (error) {
      fail(sentence(error));
      busy(false);
      if (error.status === 429) wait(error.wait || 60);
      password.select();
      password.focus();
    }
  });

  function busy(yes) {
    go.disabled = yes;
    say(go, yes ? words.busy : words.go);
  }

  /** The server says how long; until then the button does nothing, and tells why. */
  function wait(seconds) {
    go.disabled = true;
    const until = Date.now() + seconds * SECOND;
    const tick = setInterval(() => {
      const left = Math.ceil((until - Date.now()) / SECOND);
      if (left > 0 && form.isConnected) return say(trouble.lastChild, words.tooMany(left));
      clearInterval(tick);
      busy(false);
      fail("");
    }, SECOND);
  }

  if (note) announce(note);
  return { element: el("main", { class: "door" }, form), begin: () => user.focus() };
}
