// How somebody likes the page: the only thing that is kept in the browser. No name, no state.

const KEY = "lockstep.view";
const PLAIN = { column: "name", down: false, wall: false, keys: true };

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY)) ?? {};
    const right = Object.entries(PLAIN).filter(([name, value]) => typeof kept[name] === typeof value);
    return { ...PLAIN, ...Object.fromEntries(right.map(([name]) => [name, kept[name]])) };
  } catch {
    return { ...PLAIN };
  }
}

export const preferences = read();

/** Changes what is liked, and keeps it where the browser lets us. */
export function prefer(change) {
  Object.assign(preferences, change);
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // Without storage the page forgets it, and works.
  }
}
