'use strict';
/**
 * Lines of the recent past, kept until somebody needs them or newer ones take their place: one ring for all correlation
 * ids, in which the lines of one id are a chain from the latest back.
 *
 *   seq      7        8        9        10
 *   id       txn-1    txn-2    txn-1    txn-1
 *   before   -        3        7        9          last: txn-1 → 10, txn-2 → 8
 *
 * Bounded twice, by lines and by characters; the oldest goes first. Adding costs no formatting and one map entry.
 */

class Ring {
  constructor(maxLines, maxChars) {
    this.maxLines = maxLines;
    this.maxChars = maxChars;
    this.slots = new Array(maxLines).fill(null);
    this.last = new Map();
    this.first = 0;
    this.next = 0;
    this.chars = 0;
  }

  /** `line` has `id` and `size`; `seq` and `before` are the ring's own. */
  add(line) {
    if (line.size > this.maxChars) return false;
    while (this.next - this.first >= this.maxLines || this.chars + line.size > this.maxChars) this.dropOldest();
    const seq = this.next++;
    line.before = this.last.get(line.id) ?? -1;
    this.last.set(line.id, seq);
    this.slots[seq % this.maxLines] = line;
    this.chars += line.size;
    return true;
  }

  dropOldest() {
    const seq = this.first++;
    const at = seq % this.maxLines;
    const line = this.slots[at];
    this.slots[at] = null;
    if (line === null) return;
    this.chars -= line.size;
    if (this.last.get(line.id) === seq) this.last.delete(line.id);
  }

  /** Takes the lines of one id out, oldest first, the latest `max` of them. */
  take(id, max) {
    const taken = [];
    let seq = this.last.get(id) ?? -1;
    this.last.delete(id);
    while (seq >= this.first) {
      const at = seq % this.maxLines;
      const line = this.slots[at];
      this.slots[at] = null;
      this.chars -= line.size;
      if (taken.length < max) taken.push(line);
      seq = line.before;
    }
    return taken.reverse();
  }

  get length() {
    let count = 0;
    for (const slot of this.slots) if (slot !== null) count++;
    return count;
  }
}

module.exports = { Ring };
