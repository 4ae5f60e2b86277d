// Asks the program for one thing at a time: always the most urgent of what is wanted now, never what was wanted before.

const AGAIN_MS = 120;

/** What the program said about a request that it could not answer. */
export class Refused extends Error {
  /** @param {string} sentence @param {string} hint @param {number} status */
  constructor(sentence, hint, status) {
    super(sentence);
    this.hint = hint;
    this.status = status;
  }
}

/** The sentence of an answer that is an error. @param {Response} answer */
export async function refusal(answer) {
  const said = await answer.json().catch(() => ({}));
  const field = said.fields && Object.values(said.fields)[0];
  return new Refused(field ?? said.error ?? "The program did not answer as expected.", said.hint ?? "", answer.status);
}

/** @param {string} url @param {RequestInit} [options] */
export async function ask(url, options = {}) {
  const answer = await fetch(url, { ...options, headers: { Accept: "application/json", ...options.headers } });
  if (!answer.ok) throw await refusal(answer);
  return answer;
}

/**
 * @template {{id: string}} W
 * @template R
 */
export class Requests {
  /**
   * @param {object} parts
   * @param {() => W[]} parts.wants what is wanted now, the most urgent first
   * @param {(want: W, signal: AbortSignal) => Promise<R>} parts.get
   * @param {(want: W, result: R) => void} parts.arrived
   * @param {(want: W, error: Error) => void} parts.failed
   * @param {(want: W, wants: W[]) => boolean} parts.isWorthIt whether to wait for a request that is under way
   * @param {() => void} [parts.changed] after a request began or ended
   */
  constructor(parts) {
    this.parts = parts;
    /** @type {{want: W, abort: AbortController, since: number} | null} */
    this.under = null;
    /** @type {Set<string>} asked for in vain; not asked for again before `forgive` */
    this.refused = new Set();
    this.counts = { sent: 0, aborted: 0, arrived: 0 };
    this.timer = 0;
    this.ended = false;
  }

  /** Look again at what is wanted. */
  poke() {
    if (this.ended) return;
    const wants = this.parts.wants().filter((each) => !this.refused.has(each.id));
    if (this.under) {
      if (this.parts.isWorthIt(this.under.want, wants)) return;
      this.counts.aborted += 1;
      this.under.abort.abort();
      this.under = null;
    }
    if (wants.length) this.send(wants[0]);
    this.parts.changed?.();
  }

  /** @param {W} want */
  async send(want) {
    const under = { want, abort: new AbortController(), since: performance.now() };
    this.under = under;
    this.counts.sent += 1;
    const isCurrent = () => this.under === under && !this.ended;
    try {
      const result = await this.parts.get(want, under.abort.signal);
      if (!isCurrent()) return;
      this.under = null;
      this.counts.arrived += 1;
      this.parts.arrived(want, result);
    } catch (error) {
      if (!isCurrent()) return;
      this.under = null;
      if (error.status === 409) return this.later();
      this.refused.add(want.id);
      this.parts.failed(want, error instanceof TypeError && !error.status ? unreachable(error) : error);
    }
    this.poke();
  }

  /** Another window asked for the same: let it have its answer first. */
  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.poke(), AGAIN_MS);
  }

  /** Give up what is under way, until something else is wanted. */
  cancel() {
    if (!this.under) return;
    this.refused.add(this.under.want.id);
    this.under.abort.abort();
    this.under = null;
    this.poke();
  }

  /** Ask again for what failed. */
  forgive() {
    this.refused.clear();
    this.poke();
  }

  destroy() {
    this.ended = true;
    clearTimeout(this.timer);
    this.under?.abort.abort();
    this.under = null;
  }
}

/** @param {Error} error */
function unreachable(error) {
  return /fetch|network/i.test(error.message) ? new Refused("The program does not answer.", "It may have been closed.", 0) : error;
}
