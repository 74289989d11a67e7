/**
 * Who calls whom, from log lines alone. Lines of several services that share an id belong to one request; who called whom
 * in it shows in their order, as in a call stack:
 *
 *   10:00:00.010 shop  order received   id=7f
 *   10:00:00.025 cart  loading          id=7f   cart begins within shop
 *   10:00:00.031 store select           id=7f   store begins within cart
 *   10:00:00.060 cart  loaded           id=7f   cart goes on: it was cart that called store
 *   10:00:00.090 shop  order accepted   id=7f   and shop that called cart
 *
 * Whoever goes on after another's lines was its caller. Where nobody goes on, the last one that began may have been the
 * caller, or done already; that only counts for a service that no other is seen to call. One request may deceive, so an edge
 * needs several.
 */

/** An id is looked at when nothing was written under it for so long, and at most twice: shippers deliver in batches. */
const restMs = 30_000;
const maxIds = 10_000;
const maxLinesOfId = 100;
const maxPairs = 20_000;
/** Requests it takes, and the share of those in which the callee was next that must say it clearly. */
const enough = 3;
const enoughShare = 0.2;

interface Request {
  readonly services: string[];
  readonly times: number[];
}

interface Votes {
  /** The caller went on afterwards. */
  clear: number;
  /** It may also have been done. */
  open: number;
}

export interface LoggedEdge {
  readonly caller: string;
  readonly callee: string;
  /** Requests that have shown it. */
  readonly requests: number;
}

export class LogEdges {
  #young = new Map<string, Request>();
  #old = new Map<string, Request>();
  #turnedAt = Number.NEGATIVE_INFINITY;
  /** By callee, by caller. */
  readonly #votes = new Map<string, Map<string, Votes>>();
  #pairs = 0;

  /** A line of a service under a request's id, where it has one, written `at`. */
  line(id: string | null, service: string, at: number): void {
    if (id === null) return;
    let request = this.#young.get(id);
    if (request === undefined) {
      request = this.#old.get(id) ?? { services: [], times: [] };
      this.#old.delete(id);
      this.#young.set(id, request);
    }
    if (request.services.length >= maxLinesOfId) return;
    request.services.push(service);
    request.times.push(at);
  }

  /** Edges shown by requests that are at rest by `now`, with all that earlier ones have shown of the same callees. */
  settle(now: number): LoggedEdge[] {
    if (now - this.#turnedAt < restMs && this.#young.size < maxIds) return [];
    const rested = [...this.#old.values()];
    this.#old = this.#young;
    this.#young = new Map();
    this.#turnedAt = now;
    const callees = new Set<string>();
    for (const request of rested) this.#follow(request, callees);
    return [...callees].flatMap((callee) => this.#callersOf(callee));
  }

  /** Walks a request's lines with the stack of services that have begun. */
  #follow({ services, times }: Request, callees: Set<string>): void {
    const order = times.map((_, i) => i).sort((a, b) => times[a]! - times[b]!);
    const stack: { service: string; lines: number; guess: Votes | null }[] = [];
    let previous = Number.NaN;
    for (const i of order) {
      const service = services[i]!;
      const depth = stack.findLastIndex((frame) => frame.service === service);
      if (depth >= 0) {
        stack[depth]!.lines++;
        const child = stack[depth + 1];
        if (child?.guess) {
          child.guess.open--;
          const votes = this.#pair(service, child.service);
          if (votes !== null) votes.clear++;
        }
        stack.length = depth + 1;
      } else {
        // Lines of one moment have no order. Who wrote twice, at its begin and its end, is mostly done.
        const caller = times[i] === previous ? undefined : (stack.findLast((frame, j) => j === 0 || frame.lines === 1) ?? stack[0]);
        const guess = caller === undefined ? null : this.#pair(caller.service, service);
        if (guess !== null) {
          guess.open++;
          callees.add(service);
        }
        stack.push({ service, lines: 1, guess });
      }
      previous = times[i]!;
    }
  }

  #pair(caller: string, callee: string): Votes | null {
    const callers = this.#votes.get(callee) ?? new Map<string, Votes>();
    this.#votes.set(callee, callers);
    let votes = callers.get(caller);
    if (votes === undefined) {
      if (this.#pairs >= maxPairs) return null;
      this.#pairs++;
      votes = { clear: 0, open: 0 };
      callers.set(caller, votes);
    }
    return votes;
  }

  #callersOf(callee: string): LoggedEdge[] {
    const callers = [...this.#votes.get(callee)!].map(([name, { clear, open }]) => ({ name, clear, all: clear + open }));
    const total = callers.reduce((sum, { all }) => sum + all, 0);
    const isClear = ({ clear, all }: (typeof callers)[number]): boolean => clear >= enough && clear >= enoughShare * all;
    const hasClear = callers.some(isClear);
    const isMost = ({ all }: (typeof callers)[number]): boolean => all >= 2 * enough && all > (hasClear ? 0.6 : 0.5) * total;
    return callers.filter((one) => isClear(one) || isMost(one)).map(({ name, all }) => ({ caller: name, callee, requests: all }));
  }
}
