// Times for people: how long ago, and exactly when, in the reader's locale.
import { WORDS } from "./words.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const HOURS = new Intl.DateTimeFormat(undefined, { hour: "numeric" });
const SECONDS = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const DATE = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

/** A length of time, in one or two units. */
export function lasting(ms) {
  const { units } = WORDS;
  const length = Math.max(0, ms);
  if (length < MINUTE) return units.s(Math.floor(length / SECOND));
  if (length < HOUR) return units.min(Math.floor(length / MINUTE));
  if (length < DAY) return units.h(Math.floor(length / HOUR), Math.floor((length % HOUR) / MINUTE));
  return units.d(Math.floor(length / DAY));
}

/** Milliseconds on the way: whole below a second, then seconds with one digit. */
export function delay(ms) {
  if (ms == null || !Number.isFinite(ms)) return WORDS.health.none;
  return ms < SECOND ? WORDS.units.ms(Math.round(ms)) : WORDS.units.s((ms / SECOND).toFixed(1));
}

/** Minutes of a report, never as days: `37 h 05` or `12 min`. */
export function minutes(count) {
  if (count == null) return WORDS.nothing;
  const whole = Math.round(count);
  if (count > 0 && count < 1) return WORDS.units.underMin;
  return whole < 60 ? WORDS.units.min(whole) : WORDS.units.h(Math.floor(whole / 60), whole % 60);
}

export const clock = (ms) => CLOCK.format(ms);
export const hour = (ms) => HOURS.format(ms);
export const clockSeconds = (ms) => SECONDS.format(ms);
export const exact = (ms) => EXACT.format(ms);
export const date = (ms) => DATE.format(ms);

/** The day that holds a moment, from midnight to midnight of the reader's clock. */
export function dayOf(ms, step = 0) {
  const at = new Date(ms);
  const midnight = (days) => new Date(at.getFullYear(), at.getMonth(), at.getDate() + days).getTime();
  return { from: midnight(step), to: midnight(step + 1) };
}

/** `2026-11-21`, for a date field. */
export function isoDate(ms) {
  const at = new Date(ms);
  const two = (n) => String(n).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** Midnight at the beginning of a date field's day; NaN for none. */
export function fromIsoDate(text) {
  const [year, month, day] = text.split("-").map(Number);
  return day ? new Date(year, month - 1, day).getTime() : NaN;
}
