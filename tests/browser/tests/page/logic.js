// What the pure modules promise; gives a line for each promise that is not kept.
const base = document.querySelector("script[type=module]").src;
const load = (name) => import(new URL(`${name}.js`, base));
const [{ Order, windowed }, { Place, backoff, readId }, times, faces, { axis, share }] = await Promise.all(
  ["order", "sequence", "times", "face", "bands"].map(load),
);
const wrong = [];
const same = (what, is, should) => {
  if (JSON.stringify(is) !== JSON.stringify(should)) wrong.push(`${what}: ${JSON.stringify(is)}, not ${JSON.stringify(should)}`);
};

// Numbers of one sequence for all runs, so that a failure can be seen again.
let seed = 11;
const draw = (below) => {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
  return seed % below;
};
const STATES = ["READY", "NOT_READY", "TALKING", "WORK", "LOGOUT"];
const row = (number) => ({
  agent: String(number), name: `${["Zoë", "Élodie", "alice", "Bob", "Øyvind"][draw(5)]} ${number % 7}`, team: `t${number % 3}`,
  state: draw(9) ? { name: STATES[draw(5)], label: STATES[draw(5)], reason: draw(2) ? "Lunch" : null, since: draw(2) ? draw(50) : null, pending: null } : null,
  presence: draw(3) ? { text: "Active", since: 1 } : null, wanted: draw(3) ? { text: draw(2) ? "Ready" : null, since: 1 } : null,
  hold: draw(4) ? null : { text: "Webex Meeting", since: draw(50) }, writer: "server",
  marks: [[], ["stale"], ["spared"], ["mismatch", "snoozed"]][draw(4)], code: null, sentence: "", next: null, latency_ms: draw(3) ? draw(900) : null,
});

// Whatever comes in whichever order, the table is the one that a new page would have.
for (const column of ["name", "team", "state", "since", "presence", "wanted", "hold", "writer", "latency", "why"]) {
  for (const down of [false, true]) {
    const order = new Order();
    order.name([{ id: "t0", name: "Sales" }, { id: "t1", name: "Billing" }, { id: "t2", name: "Support" }]);
    order.apply(Array.from({ length: 60 }, (_, at) => row(at)));
    order.sortBy(column, down);
    for (let turn = 0; turn < 40; turn += 1) {
      order.apply(Array.from({ length: draw(12) }, () => row(draw(70))), draw(5) ? [] : [String(draw(70))]);
    }
    const fresh = order.anew();
    const rows = [...order.entries.values()].map((entry) => entry.row);
    for (let at = 0; at < rows.length; at += 7) fresh.apply(rows.slice(at, at + 7));
    same(`order by ${column}${down ? ", down" : ""}`, order.list().map(({ row: { agent } }) => agent), fresh.list().map(({ row: { agent } }) => agent));
    same(`${column} holds everybody once`, new Set(order.list()).size, order.entries.size);
  }
}

// What is looked for.
const order = new Order();
order.name([{ id: "t0", name: "Sales" }, { id: "t1", name: "Billing" }]);
const plain = { state: null, presence: null, wanted: null, hold: null, writer: "server", marks: [], code: null, sentence: "", next: null, latency_ms: null };
order.apply([
  { ...plain, agent: "1", name: "Élodie Yılmaz", team: "t0", marks: ["mismatch"] },
  { ...plain, agent: "2", name: "Bob", team: "t1", state: { name: "NOT_READY", label: "Not Ready", reason: "Lunch", since: 1 } },
  { ...plain, agent: "0003", name: "Ann", team: "t1", hold: { text: "Webex Meeting", since: 1 } },
]);
const found = (filter) => {
  order.filter = { text: "", team: "", look: false, count: "", ...filter };
  return order.list().map(({ row: { agent } }) => agent).sort();
};
same("everybody", found({}), ["0003", "1", "2"]);
same("without accents", found({ text: "elod" }), ["1"]);
same("two words in any order", found({ text: "lunch BOB" }), ["2"]);
same("by team's name", found({ text: "billing" }), ["0003", "2"]);
same("by number", found({ text: "0003" }), ["0003"]);
same("nobody", found({ text: "zzz" }), []);
same("by team", found({ team: "t1" }), ["0003", "2"]);
same("who needs a look", found({ look: true }), ["1"]);
same("who is held", found({ count: "held" }), ["0003"]);
same("together", found({ team: "t0", count: "held" }), []);

// The window.
same("the top", windowed(0, 360, 36, 10_000), { first: 0, last: 16 });
same("the middle", windowed(3600, 360, 36, 10_000), { first: 94, last: 116 });
same("past the end", windowed(36_000, 360, 36, 20), { first: 20, last: 20 });
same("nobody at all", windowed(0, 360, 36, 0), { first: 0, last: 0 });

// Sequence and epoch.
const place = new Place();
same("nothing before a table", place.change("1", 5), "lost");
place.snapshot({ epoch: 1, sequence: 5 });
same("older", place.change("1", 4), "skip");
same("another portion", place.change("1", 5), "take");
same("newer", place.change("1", 9), "take");
same("late", place.change("1", 8), "skip");
same("another run", place.change("2", 1), "lost");
place.snapshot({ epoch: 2, sequence: 1 });
same("a new run begins low", place.change("2", 2), "take");
same("an id", readId("17-42"), { epoch: "17", sequence: 42 });

// Waiting: doubled, bounded, never at once, never all together.
for (const [attempt, whole] of [[0, 1000], [1, 2000], [2, 4000], [4, 16_000], [5, 30_000], [50, 30_000]]) {
  same(`least wait ${attempt}`, backoff(attempt, 0), whole / 2);
  const most = backoff(attempt, 0.999_999);
  if (most < whole - 2 || most > whole) wrong.push(`most wait ${attempt}: ${most}`);
}

// Times.
same("seconds", times.lasting(59_999), "59 s");
same("minutes", times.lasting(60_000), "1 min");
same("hours", times.lasting(3_900_000), "1 h 05");
same("days", times.lasting(2 * times.DAY), "2 days");
same("a clock that is off", times.lasting(-5), "0 s");
same("on the way", [times.delay(212.4), times.delay(1500), times.delay(null)], ["212 ms", "1.5 s", "–"]);
same("minutes of a report", [times.minutes(0), times.minutes(0.4), times.minutes(61.2), times.minutes(2100)], ["0 min", "< 1 min", "1 h 01", "35 h"]);
same("a day is its own", times.fromIsoDate(times.isoDate(Date.UTC(2026, 5, 1, 12))), times.dayOf(Date.UTC(2026, 5, 1, 12)).from);

// Faces.
const shape = (more, known) => faces.face({ ...plain, ...more }, known).shape;
const state = (name) => ({ state: { name, label: name, reason: null, since: 1, pending: null } });
same("held", shape({ ...state("NOT_READY"), hold: { text: "Webex Call", since: 1 } }), "held");
same("a hold shows only in Not Ready", shape({ ...state("TALKING"), hold: { text: "Webex Call", since: 1 } }), "call");
same("chosen", shape(state("NOT_READY")), "not-ready");
same("wrap-up", shape(state("WORK_READY")), "wrap-up");
same("new to this page", shape(state("SOMETHING")), "unknown");
same("stale", shape({ ...state("READY"), marks: ["stale"] }), "unknown");
same("not seen", shape({ ...state("READY"), marks: ["unseen"] }), "unknown");
same("not heard", shape(state("READY"), false), "unknown");
same("without a state", shape({}), "unknown");
const wants = (text, reason) => ({ ...plain, wanted: { text, since: 1 }, state: { name: "NOT_READY", label: "Not Ready", reason, since: 1, pending: null } });
same("wanted and so", faces.wantedShort(wants("Not Ready – Webex Call", "Webex Call")), "Met");
same("held by a supervisor's account", faces.wantedShort({ ...wants("Not Ready – Webex Call", "Supervisor Initiated"), hold: { text: "Webex Call", since: 1 } }), "Met");
same("wanted and not so", faces.wantedShort(wants("Not Ready – Webex Call", "Lunch")), "Webex Call");
same("wanted otherwise", faces.wantedShort(wants("Ready", "Lunch")), "Ready");
same("nothing wanted", [faces.wantedShort(plain), faces.wantedShort(wants(null, null))], ["", ""]);
same("the name once", faces.predicate({ name: "Ann", sentence: "Ann is free." }), "is free.");
same("another's name", faces.predicate({ name: "Ann", sentence: "Anna is free." }), "Anna is free.");
same("a mark that this page does not know", faces.markWord("brand_new"), "brand new");

// The axis of a day.
const hour = 3_600_000;
const day = { from: 0, to: 24 * hour, presence: [{ from: 8.5 * hour, to: 9 * hour, text: "Active" }], state: [{ from: 9 * hour, to: null, text: "Ready" }], acted: [] };
same("whole hours around what happened", axis(day, 15.2 * hour), { from: 8 * hour, to: 16 * hour });
same("never less than four", axis(day, 9.1 * hour), { from: 6 * hour, to: 10 * hour });
same("where hours begin otherwise", axis({ ...day, from: hour / 2, presence: [{ from: 8.6 * hour, to: 9 * hour, text: "Active" }] }, 15.2 * hour), { from: 8.5 * hour, to: 15.5 * hour });
same("nothing at all", axis({ ...day, presence: [], state: [] }, 10 * hour).from, 0);
same("a place on it", [share(-1, { from: 0, to: 10 }), share(5, { from: 0, to: 10 }), share(11, { from: 0, to: 10 })], [0, 0.5, 1]);
return wrong;
