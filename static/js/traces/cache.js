// Answers that are kept for a while: the least recently used go first, and all together never exceed a number of bytes.

/** @template {{bytes: number}} T */
export class Cache {
  /** @param {number} limitBytes */
  constructor(limitBytes) {
    this.limitBytes = limitBytes;
    this.bytes = 0;
    /** @type {Map<string, T>} oldest first */
    this.items = new Map();
  }

  /** @param {string} id @param {T} item */
  put(id, item) {
    this.drop(id);
    if (item.bytes > this.limitBytes) return;
    this.items.set(id, item);
    this.bytes += item.bytes;
    for (const oldest of this.items.keys()) {
      if (this.bytes <= this.limitBytes) break;
      this.drop(oldest);
    }
  }

  /** @param {string} id @returns {T | undefined} */
  get(id) {
    const item = this.items.get(id);
    if (item) this.touch(id);
    return item;
  }

  /** Make it the most recently used. @param {string} id */
  touch(id) {
    const item = this.items.get(id);
    if (!item) return;
    this.items.delete(id);
    this.items.set(id, item);
  }

  /** @param {string} id */
  drop(id) {
    const item = this.items.get(id);
    if (!item) return;
    this.items.delete(id);
    this.bytes -= item.bytes;
  }

  /** Forget what matches. @param {(item: T) => boolean} isMeant */
  dropWhere(isMeant) {
    for (const [id, item] of [...this.items]) if (isMeant(item)) this.drop(id);
  }

  /** @param {(item: T) => boolean} isMeant @returns {T[]} */
  filter(isMeant) {
    return [...this.items.values()].filter(isMeant);
  }
}
