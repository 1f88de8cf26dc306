// The remote control: shows what the demo tells of everybody, and passes on what is pressed.
"use strict";

const at = (id) => document.getElementById(id);
const shapes = at("shapes").content;
let board = null;
let chosen = 0;
let shown = null;

function put(element, text) {
  // Only what changes is written, so that a screen reader hears a change once.
  if (element.textContent !== text) { element.textContent = text; }
}

function draw(element, shape) {
  if (element.dataset.shape === shape) { return; }
  element.dataset.shape = shape;
  element.className = "shape " + shape;
  const picture = shapes.querySelector('[data-of="' + shape + '"]');
  element.replaceChildren(...(picture ? [picture.firstElementChild.cloneNode(true)] : []));
}

function agent() { return board && board.agents[chosen]; }

/** The desktop of the agent who is chosen; it is loaded anew only for another one. */
function openDesktop() {
  const who = agent();
  if (!who || shown === who.login_id) { return; }
  shown = who.login_id;
  const frame = at("desktop");
  frame.title = who.name + "’s Finesse desktop, simulated";
  frame.src = board.desktop + "?" + who.login_id + "#id=" + encodeURIComponent(who.login_id) +
    "&extension=" + encodeURIComponent(who.extension) + "&password=" + board.password;
}

function row(index) {
  const list = at("agents");
  if (list.children[index]) { return list.children[index]; }
  const line = document.createElement("li");
  line.id = "agent-" + index;
  line.setAttribute("role", "option");
  for (const name of ["shape", "name", "words", "presence"]) {
    const part = document.createElement("span");
    part.className = name;
    line.append(part);
  }
  // A reason is enough for the eye: its shape says Not Ready. It is not for the ear.
  const [heard, seen] = [document.createElement("span"), document.createElement("span")];
  heard.className = "heard";
  line.querySelector(".words").append(heard, seen);
  line.addEventListener("click", () => choose(index));
  list.append(line);
  return line;
}

function showAgents() {
  board.agents.forEach((one, index) => {
    const line = row(index);
    const [shape, name, words, presence] = line.children;
    draw(shape, one.shape);
    put(name, one.name);
    put(words.firstChild, one.reason ? one.state + ": " : "");
    put(words.lastChild, one.reason || one.state);
    put(presence, one.presence);
    line.title = one.why;
    line.setAttribute("aria-selected", String(index === chosen));
  });
  at("agents").setAttribute("aria-activedescendant", "agent-" + chosen);
}

function showChosen() {
  const one = agent();
  if (!one) { return; }
  document.querySelectorAll("h2 .name").forEach((name) => put(name, one.name));
  for (const key of document.querySelectorAll('[data-act="webex"] button')) {
    key.setAttribute("aria-pressed", String(key.dataset.value === one.status));
  }
  for (const key of document.querySelectorAll('[data-act="trouble"] button[aria-pressed]')) {
    key.setAttribute("aria-pressed", String(board.faults.includes(key.dataset.value)));
  }
}

function show() {
  const { scene } = board;
  put(at("title"), [scene.clock, scene.title].filter(Boolean).join(" "));
  put(at("text"), scene.text);
  showHealth(board.feed.shape, board.feed.words);
  showAgents();
  showChosen();
  openDesktop();
}

function showHealth(shape, words) {
  const health = at("health");
  if (!health.firstElementChild) { health.append(document.createElement("span"), document.createElement("span")); }
  draw(health.firstElementChild, shape);
  put(health.lastElementChild, words);
}

function choose(index) {
  if (!board) { return; }
  const count = board.agents.length;
  chosen = (index + count) % count;
  show();
  at("agent-" + chosen).scrollIntoView({ block: "nearest" });
}

async function press(act, value) {
  put(at("remark"), "");
  try {
    const answer = await fetch("/act", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ who: chosen, act, value }),
    });
    const words = await answer.text();
    put(at("remark"), answer.ok ? words : "That cannot be: " + words);
  } catch {
    put(at("remark"), ENDED);
  }
}

const ENDED = "The demo has ended. Start it again: cargo xtask demo";

document.addEventListener("click", (event) => {
  const key = event.target.closest("button");
  if (key) { press(key.parentElement.dataset.act, key.dataset.value); }
});

at("agents").addEventListener("keydown", (event) => {
  const to = { ArrowDown: chosen + 1, ArrowUp: chosen - 1, Home: 0, End: -1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    choose(to);
  }
});

const events = new EventSource("/events");
events.onmessage = (event) => {
  board = JSON.parse(event.data);
  show();
};
events.onerror = () => {
  showHealth("trouble", "The demo has ended");
  put(at("remark"), ENDED);
};
