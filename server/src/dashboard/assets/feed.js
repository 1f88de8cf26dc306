// The stream, in a worker: what comes is parsed beside the page, which gets rows in small portions.
import { Place, backoff, readId } from "./sequence.js";

/** Without a heartbeat for so long nothing counts as live; the server sends one each 2 s. */
const STALE_AFTER = 5000;
/** A connection that has been silent for so long is given up. */
const DEAD_AFTER = 15_000;
/** A connection that has lived so long was a good one: the next wait is short again. */
const GOOD_AFTER = 5000;
/** Rows that the page takes at a time; more would hold it up. */
const PORTION = 250;
const LOOK_EVERY = 250;

const place = new Place();
/** Rows of a new table that are still to come. */
let missing = 0;
let source = null;
let link = "connecting";
let heard = 0;
let opened = 0;
let attempt = 0;
let timer = 0;

const tell = (kind, more = {}) => postMessage({ kind, ...more });

function turn(next) {
  if (next === link) return;
  link = next;
  tell("link", { link, heard });
}

function hear(now) {
  heard = Date.now();
  if (now) tell("clock", { offset: now - heard, heard });
  if (place.epoch !== null && !missing) turn("live");
}

/** Rows on their way to the page: of a new table, or changes of the present one. */
function pass(rows, gone) {
  const begin = missing > 0;
  if (gone.length) tell("rows", { rows: [], gone, begin: false });
  for (let at = 0; at < rows.length; at += PORTION) {
    tell("rows", { rows: rows.slice(at, at + PORTION), gone: [], begin });
  }
  missing = Math.max(0, missing - rows.length);
  if (begin && !missing) tell("complete");
}

function snapshot(data) {
  place.snapshot(data);
  tell("begin", { health: data.health });
  missing = data.total ?? data.rows.length;
  if (missing) pass(data.rows, []);
  else tell("complete");
  hear(data.now);
}

function agents({ sequence, rows, gone = [] }, id) {
  const counts = place.change(id ? readId(id).epoch : place.epoch, sequence);
  if (counts === "take") pass(rows, gone);
  if (counts !== "lost") return hear();
  // Another run of the server: what is shown is not its table.
  place.epoch = null;
  cut();
}

/** The server says why it ends the stream. */
function end({ why }) {
  if (why === "replaced") {
    close();
    return turn("replaced");
  }
  cut();
}

function open() {
  source = new EventSource("/api/stream");
  const on = (name, act) =>
    source.addEventListener(name, (event) => act(JSON.parse(event.data), event.lastEventId));
  source.onopen = () => {
    opened = Date.now();
    missing = 0;
  };
  source.onerror = broken;
  on("snapshot", snapshot);
  on("agents", agents);
  on("end", end);
  on("health", (health) => {
    tell("health", { health });
    hear();
  });
  on("hb", ({ now }) => hear(now));
}

function close() {
  source?.close();
  source = null;
  clearTimeout(timer);
}

/** The browser tries once by itself: only it can tell the server where to go on. What comes after
    that is ours, because it would try for ever at the same pace. */
function broken() {
  if (source.readyState !== EventSource.CONNECTING || !opened) return cut();
  attempt = Date.now() - opened >= GOOD_AFTER ? 0 : attempt;
  opened = 0;
  turn("reconnecting");
}

async function cut() {
  const good = opened && Date.now() - opened >= GOOD_AFTER;
  attempt = good ? 0 : attempt + 1;
  opened = 0;
  close();
  turn("reconnecting");
  // The stream does not say why it is refused; this does.
  const answer = await fetch("/api/me").catch(() => null);
  if (answer?.status === 401) return turn("ended");
  // Somebody may have asked for an attempt meanwhile.
  if (source) return;
  clearTimeout(timer);
  timer = setTimeout(open, backoff(Math.max(0, attempt - 1), Math.random()));
}

setInterval(() => {
  if (!source || !heard) return;
  const silent = Date.now() - heard;
  if (link === "live" && silent >= STALE_AFTER) turn("stale");
  if (link === "stale" && silent >= DEAD_AFTER) cut();
}, LOOK_EVERY);

onmessage = ({ data }) => {
  if (data !== "again" || (link !== "reconnecting" && link !== "replaced")) return;
  turn("reconnecting");
  close();
  open();
};

open();
