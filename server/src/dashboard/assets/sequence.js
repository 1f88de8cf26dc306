// What of the server's stream counts: pure. A number orders what one run of the server tells; another
// run begins anew, so that nothing is frozen by a number from before.

/** Where a client is in the stream. */
export class Place {
  constructor() {
    this.epoch = null;
    this.sequence = -1;
  }

  /** A whole table always counts, and begins the comparison anew. */
  snapshot({ epoch, sequence }) {
    this.epoch = String(epoch);
    this.sequence = sequence;
  }

  /** `take` it, `skip` what is older than what is known, or `lost`: a new table is needed. What comes
      in several portions has one number. */
  change(epoch, sequence) {
    if (this.epoch === null || epoch !== this.epoch) return "lost";
    if (sequence < this.sequence) return "skip";
    this.sequence = sequence;
    return "take";
  }
}

/** `<epoch>-<sequence>`, as the server writes it; the epoch may contain hyphens itself. */
export function readId(id) {
  const at = id.lastIndexOf("-");
  return { epoch: id.slice(0, at), sequence: Number(id.slice(at + 1)) };
}

const FIRST = 1000;
const MOST = 30_000;

/** How long to wait before the next attempt, in ms: doubled each time, at most half a minute, and
    between half of it and all, so that a hundred pages do not come back at the same moment. */
export function backoff(attempt, random) {
  const whole = Math.min(MOST, FIRST * 2 ** Math.min(attempt, 10));
  return Math.floor(whole / 2 + (whole / 2) * random);
}
