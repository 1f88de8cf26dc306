// The page: signed out it is the form, signed in it is a view. The address says which (`/`,
// `/agent/1001`, `/report`), so that going back goes back.
import { api, prove, whenEnded } from "./api.js";
import { Board } from "./board.js";
import { button, drawShapes, el, shape } from "./dom.js";
import { frame } from "./frame.js";
import { listen, showKeys } from "./keys.js";
import { preferences } from "./preferences.js";
import { Report } from "./report.js";
import { signIn } from "./sign_in.js";
import { WORDS } from "./words.js";

const page = document.getElementById("page");
/** What runs while somebody is signed in. */
let session = null;

/** The address as a view. */
function route() {
  const [, view = "", rest = ""] = location.pathname.split("/");
  if (view === "report") return { view: "report", agent: null };
  return { view: "live", agent: view === "agent" && rest ? decodeURIComponent(rest) : null };
}

function visit(path) {
  if (path !== location.pathname) history.pushState(null, "", path);
  show();
}

const go = (agent) => visit(agent ? `/agent/${encodeURIComponent(agent)}` : "/");

function leave(note) {
  if (session) {
    session.board.end();
    session.over.abort();
    session = null;
  }
  document.title = `${WORDS.signIn.title} \u00b7 ${WORDS.product}`;
  const form = signIn(note, enter);
  page.replaceChildren(form.element);
  form.begin();
}

async function signOut() {
  try {
    await api.signOut();
    leave(WORDS.signIn.out);
  } catch (error) {
    // Whoever is told that they are out has to be out.
    if (error.status === 401) leave(WORDS.signIn.out);
    else fail(error, signOut);
  }
}

function show() {
  if (!session) return;
  const { view, agent } = route();
  const { board, report } = session;
  session.head.show(view);
  const shown = view === "report" ? report : board;
  document.title = `${WORDS.views[view]} \u00b7 ${WORDS.product}`;
  if (page.lastElementChild !== shown.element) {
    page.replaceChildren(session.head.element, shown.element);
    if (view === "report") report.read();
    else board.grid.draw();
  }
  if (view === "live") board.select(agent);
}

function enter(me) {
  prove(me);
  const over = new AbortController();
  const board = new Board(me, go, () => leave(WORDS.signIn.ended));
  const head = frame(me, signOut, visit);
  session = { over, board, head, report: new Report(me, () => board.now()) };
  page.replaceChildren(head.element, board.element);
  addEventListener("popstate", show, { signal: over.signal });
  addEventListener("beforeprint", () => board.grid.print(true), { signal: over.signal });
  addEventListener("afterprint", () => board.grid.print(false), { signal: over.signal });
  listen(keys(board), over.signal);
  show();
}

/** Single keys; those of the table work only where it is shown. */
function keys(board) {
  const live = (act) => (event) => (route().view === "live" ? act(event) : false);
  return {
    "/": live(() => board.filters.search.focus()),
    t: live(() => board.filters.team.focus()),
    l: live(() => board.filters.toggleLook()),
    w: live(() => board.wall(!preferences.wall)),
    n: () => go(null),
    r: () => visit("/report"),
    "?": showKeys,
    ArrowDown: live(() => (document.activeElement === document.body ? board.grid.enter() : false)),
    Escape: live(({ target }) => (board.selected && target !== board.filters.search ? go(null) : board.filters.reset())),
  };
}

function fail(error, again) {
  const lead = el("p", { class: "quiet", text: error.message });
  page.replaceChildren(el("main", { class: "empty whole" }, shape("trouble"), el("h1", { text: WORDS.trouble.failed }), lead, button(WORDS.day.again, again, { class: "main" })));
}

async function begin() {
  page.replaceChildren(el("main", { class: "empty whole" }, shape("unknown"), el("h1", { text: WORDS.link.connecting })));
  try {
    enter(await api.me());
  } catch (error) {
    if (error.status === 401) leave("");
    else fail(error, begin);
  }
}

whenEnded(() => session && leave(WORDS.signIn.ended));
await drawShapes();
begin();
