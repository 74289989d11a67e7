/**
 * Group commit. A commit costs one wait for the disk however much is in it, so what is asked for within one tick goes into
 * one transaction and is answered together:
 *
 *   tick      commit(a)  commit(b)  claim(c)
 *   immediate BEGIN · savepoint a · savepoint b · savepoint c · COMMIT (one fsync) · answer a, b, c
 *
 * Measured (docs/decisions/0001-one-ledger.md): many times the rate of one transaction each. Each part has a savepoint of
 * its own, unless it is the only one: one that breaks is undone and rejected alone. Where the whole transaction is lost (disk full), all are rejected.
 */
import type { DatabaseSync } from 'node:sqlite';
import { Failure } from '../../../domain/failure.ts';
import { translated } from './failures.ts';

/** A transaction holds the event loop; this many small changes are some ten milliseconds. */
const largestGroup = 256;

interface Part {
  /** Runs inside the transaction. Answers what to do once it is durable. */
  readonly write: () => () => void;
  readonly reject: (error: unknown) => void;
}

export interface Writer {
  /** Runs `write` in the next transaction and resolves with what it returned once that is durable; `durable` is told first. */
  write<T>(write: () => T, durable?: (value: T) => void): Promise<T>;
  /** Writes what waits, then refuses everything. */
  end(): void;
}

/** `undone`: told whenever something that was written is taken back. */
export function createWriter(db: DatabaseSync, undone: () => void): Writer {
  let waiting: Part[] = [];
  let isScheduled = false;
  let isEnded = false;
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const save = db.prepare('SAVEPOINT part');
  const release = db.prepare('RELEASE part');
  const undo = db.prepare('ROLLBACK TO part');

  function flush(): void {
    isScheduled = false;
    if (waiting.length === 0) return; // ended meanwhile
    const group = waiting.slice(0, largestGroup);
    waiting = waiting.slice(largestGroup);
    if (waiting.length > 0) schedule();
    let answers: (() => void)[];
    try {
      begin.run();
      answers = group.map(group.length === 1 ? alone : one);
      commit.run();
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      undone();
      const failure = translated(error, 'store a change');
      for (const part of group) part.reject(failure);
      return;
    }
    for (const answer of answers) answer();
  }

  /** What breaks takes the whole transaction with it. */
  const alone = (part: Part) => part.write();

  function one(part: Part): () => void {
    save.run();
    try {
      const answer = part.write();
      release.run();
      return answer;
    } catch (error) {
      if (!db.isTransaction) throw error; // SQLite has taken everything back
      undo.run();
      release.run();
      undone();
      return () => part.reject(translated(error, 'store a change'));
    }
  }

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(flush);
  }

  return {
    write: (write, durable) =>
      new Promise((resolve, reject) => {
        if (isEnded) return reject(new Failure('unavailable', 'ledger', 'store a change', { hint: 'the store is closed' }));
        waiting.push({
          write: () => {
            const value = write();
            return () => {
              durable?.(value);
              resolve(value);
            };
          },
          reject,
        });
        schedule();
      }),
    end() {
      isEnded = true;
      while (waiting.length > 0) flush();
    },
  };
}
