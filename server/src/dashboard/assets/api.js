// What is asked of the server. Every act carries the session's proof; an answer that is not good
// becomes a `Trouble` with a sentence for a person.
import { WORDS } from "./words.js";

/** What went wrong: `status` is 0 where the server was not reached. */
export class Trouble extends Error {
  constructor(status, text, wait = 0) {
    super(text);
    this.status = status;
    this.wait = wait;
  }
}

let proof = "";
let ended = () => {};

/** What is done once the server knows the session no more. */
export const whenEnded = (act) => (ended = act);
/** The proof of the session that was begun, for every act. */
export const prove = (me) => (proof = me.proof);

const FALLBACK = { 403: WORDS.trouble.refused };

async function ask(path, options, quiet) {
  let answer;
  try {
    answer = await fetch(path, { cache: "no-store", credentials: "same-origin", redirect: "error", ...options });
  } catch {
    throw new Trouble(0, WORDS.trouble.offline);
  }
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  const said = await answer.json().catch(() => ({}));
  if (answer.status === 401 && !quiet) ended();
  const text = typeof said.error === "string" ? said.error : (FALLBACK[answer.status] ?? WORDS.trouble.failed);
  throw new Trouble(answer.status, text, Number(answer.headers.get("retry-after")) || 0);
}

const body = (value) => ({
  method: "POST",
  headers: { "content-type": "application/json", "x-lockstep-proof": proof },
  body: JSON.stringify(value ?? {}),
});

const id = encodeURIComponent;
const query = (values) => new URLSearchParams(Object.entries(values).filter(([, value]) => value !== "" && value != null));

export const api = {
  me: () => ask("/api/me", {}, true),
  signIn: (user, password) => ask("/api/sign-in", body({ user, password }), true),
  signOut: () => ask("/api/sign-out", body(), true),
  reload: () => ask("/api/reload", body()),
  day: (agent, from, to) => ask(`/api/agents/${id(agent)}/day?${query({ from, to })}`),
  snooze: (agent, how) => ask(`/api/agents/${id(agent)}/snooze`, body(how)),
  unsnooze: (agent) => ask(`/api/agents/${id(agent)}/unsnooze`, body()),
  release: (agent) => ask(`/api/agents/${id(agent)}/release`, body()),
  pause: (team, minutes) => ask(`/api/teams/${id(team)}/pause`, body({ minutes })),
  resume: (team) => ask(`/api/teams/${id(team)}/resume`, body()),
  report: (range) => ask(`/api/report?${query(range)}`),
  csv: (range) => `/api/report.csv?${query(range)}`,
};
