// Loads the gadget's module by absolute URLs, because the page's origin is Finesse's and not ours.
// Where the module cannot run at all, this says so in the panel's stead.
const NAMES = /* names */ {} /* names */;

const WORDS = {
  title: "Not connected",
  link: "Not loaded",
  calm: "This does not affect your calls.",
  files: "Webex presence cannot be loaded.",
  files_remedy: (address) =>
    `For your administrator: open ${address} in this browser. If it warns of the certificate, the ` +
    `browser has to trust the authority that issued it; if it opens, http.finesse_origins has to ` +
    `name ${location.origin}.`,
  wasm: "This browser does not run Webex presence.",
  wasm_remedy: (error) =>
    `For your administrator: WebAssembly is switched off, or a Content-Security-Policy lacks ` +
    `'wasm-unsafe-eval'. The browser says: ${error}`,
  finesse: "Finesse\u2019s own library did not load.",
  finesse_remedy: () =>
    "For your administrator: the page could not load /desktop/assets/js/finesse.min.js; reload the desktop.",
};

const base = new URL(".", import.meta.url);
// Files that were put elsewhere are told where the server is.
const server =
  new URL(import.meta.url).searchParams.get("server") ?? new URL("..", base).href.replace(/\/$/, "");
const at = (name) => new URL(NAMES[name], base).href;
const root = document.getElementById("lockstep");

const style = () => {
  const theme = new URLSearchParams((parameters().url || "").split("?")[1]).get("theme");
  if (theme) document.documentElement.dataset.theme = theme;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = at("style");
  link.crossOrigin = "anonymous";
  document.head.append(link);
};

const parameters = () => {
  try {
    return window.gadgets.util.getUrlParameters();
  } catch {
    return {};
  }
};

// The same parts as the panel's own, so that one style fits both.
const blocked = (what, detail) => {
  root.innerHTML =
    '<section class="ls" data-face="blocked" data-shape="trouble" aria-label="Webex presence">' +
    '<p class="ls-now"><span class="ls-shape"><svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">' +
    '<path d="M10 3 18 17H2Z" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round"/>' +
    '<path d="M10 8v4" stroke="currentColor" stroke-width="2" stroke-linecap="round"/><circle cx="10" cy="14.6" r="1.1" fill="currentColor"/>' +
    '</svg></span><strong class="ls-state"></strong></p><p class="ls-why" role="status"></p>' +
    '<div class="ls-foot"><span class="ls-link"></span><span class="ls-acts"><button type="button" class="ls-more" ' +
    'aria-controls="ls-list"></button></span></div><div id="ls-list" class="ls-list"><p class="ls-detail"></p></div></section>';
  const part = (name) => root.querySelector(`.ls-${name}`);
  const say = (name, text) => (part(name).textContent = text);
  const fit = () =>
    window.gadgets?.window?.adjustHeight?.(Math.max(120, !part("list").hidden && root.firstChild.scrollHeight));
  const turn = (open) => {
    part("list").hidden = !open;
    part("more").ariaExpanded = open;
    say("more", open ? "Less" : "More");
    fit();
  };
  say("state", WORDS.title);
  say("link", WORDS.link);
  say("why", `${WORDS[what]} ${WORDS.calm}`);
  say("detail", WORDS[`${what}_remedy`](detail));
  part("more").onclick = () => turn(part("list").hidden);
  root.onkeydown = ({ key }) => key === "Escape" && turn(false);
  window.onresize = fit;
  turn(false);
};

const begin = async () => {
  style();
  if (!window.finesse || !window.gadgets) return blocked("finesse");
  const fetched = fetch(at("wasm"), { credentials: "omit" }).catch(() => ({ ok: false }));
  let client, module;
  try {
    [client, module] = await Promise.all([import(at("client")), import(at("module"))]);
  } catch {
    return blocked("files", at("module"));
  }
  const answer = await fetched;
  if (!answer.ok) return blocked("files", at("wasm"));
  try {
    if (typeof WebAssembly !== "object") throw new Error("no WebAssembly");
    // It is compiled while it comes; where something on the way has lost the MIME type, the module
    // takes the answer's bytes instead.
    await module.default({ module_or_path: answer });
  } catch (error) {
    // The browser's word for an answer that breaks off; what it does not run has errors of its own.
    if (error instanceof TypeError) return blocked("files", at("wasm"));
    return blocked("wasm", error.message);
  }
  module.start({ server, root, io: client.io, finesse: window.finesse, gadgets: window.gadgets });
};

begin();
