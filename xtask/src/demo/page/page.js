// The remote control: shows what the demo tells of everybody, and passes on what is pressed.
"use strict";

const at = (id) => document.getElementById(id);
let board = null;
let chosen = 0;
let shown = null;

function put(element, text) {
  // Only what changes is written, so that a screen reader hears a change once.
  if (element.textContent !== text) { element.textContent = text; }
}

function agent() { return board && board.agents[chosen]; }

/** The desktop of the agent who is chosen; it is loaded anew only for another one. */
function openDesktop() {
  const who = agent();
  if (!who || shown === who.login_id) { return; }
  shown = who.login_id;
  at("desktop").src = board.desktop + "?" + who.login_id + "#id=" + encodeURIComponent(who.login_id) +
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
  line.firstChild.setAttribute("aria-hidden", "true");
  line.addEventListener("click", () => choose(index));
  list.append(line);
  return line;
}

function showAgents() {
  board.agents.forEach((one, index) => {
    const line = row(index);
    const [shape, name, words, presence] = line.children;
    put(shape, one.shape);
    shape.className = one.tone;
    put(name, one.name);
    put(words, one.words);
    put(presence, one.presence);
    line.setAttribute("aria-selected", String(index === chosen));
  });
  at("agents").setAttribute("aria-activedescendant", "agent-" + chosen);
}

function showChosen() {
  const one = agent();
  if (!one) { return; }
  put(at("shape"), one.shape);
  at("shape").className = one.tone;
  put(at("state"), one.words);
  put(at("why"), one.why);
  for (const key of document.querySelectorAll('[data-act="webex"] button')) {
    key.setAttribute("aria-pressed", String(key.dataset.value === one.status));
  }
}

function show() {
  const { scene } = board;
  at("scene").firstChild.textContent = [scene.clock, scene.title].filter(Boolean).join(" ");
  if (at("scene").childNodes.length < 2) { at("scene").append(""); }
  put(at("scene").lastChild, scene.text);
  put(at("health"), board.feed);
  showAgents();
  showChosen();
  openDesktop();
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
    if (!answer.ok) { put(at("remark"), "That cannot be: " + (await answer.text())); }
  } catch {
    put(at("remark"), "The demo has ended. Start it again: cargo xtask demo");
  }
}

document.addEventListener("click", (event) => {
  const key = event.target.closest("button");
  if (key) { press(key.parentElement.dataset.act, key.dataset.value); }
});

at("agents").addEventListener("keydown", (event) => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by) {
    event.preventDefault();
    choose(chosen + by);
  }
});

const events = new EventSource("/events");
events.onmessage = (event) => {
  board = JSON.parse(event.data);
  show();
};
events.onerror = () => put(at("health"), "The demo has ended, or is being reached again …");
