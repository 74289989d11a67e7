/**
 * Hands out work and outbox entries for a while. `ready_at` moves to the end of the lease; what is not finished by then is
 * simply ready again. All functions but `hasReady…` and `nextDueAt` are to be called within a transaction.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Outgoing, Work } from '../../../ports.ts';
import { type OutboxClaim, priorities } from '../../../ports/delivery.ts';
import type { WaitingCards } from './waiting-cards.ts';

export interface Leases {
  hasReadyWork(now: number): boolean;
  hasReadyOutbox(sink: string, now: number, only?: OutboxClaim): boolean;
  claimWork(now: number, leaseMs: number, limit: number): Work[];
  claimOutbox(sink: string, now: number, leaseMs: number, limit: number, only?: OutboxClaim): Outgoing[];
  postpone(entry: Work | Outgoing, dueAt: number, claim: 'tried' | 'untried'): void;
  prolong(work: Work, untilAt: number): void;
  nextDueAt(): number | null;
  /** Everything that anybody held is free: to be called when whoever held it is known to be dead. */
  releaseAll(now: number): void;
  /** Moves all that waits by so much, for a clock that was put back; alarms that end at a time of their sender's stay. */
  shift(byMs: number): void;
}

/** `cards`: where it is known that some wait; of a reader's nothing is. */
export function createLeases(db: DatabaseSync, cards: WaitingCards): Leases {
  const readyWork = db.prepare('SELECT * FROM work WHERE ready_at <= ? ORDER BY ready_at, id LIMIT ?');
  const ready = 'sink = ? AND ready_at <= ? AND priority BETWEEN ? AND ? AND channel NOT IN (SELECT value FROM json_each(?))';
  const readyOutbox = db.prepare(`SELECT * FROM outbox WHERE ${ready} ORDER BY priority, due_at, length(id), id LIMIT ?`);
  const anyWork = db.prepare('SELECT 1 FROM work WHERE ready_at <= ? LIMIT 1');
  const anyOutbox = db.prepare(`SELECT 1 FROM outbox WHERE ${ready} LIMIT 1`);
  const leaseWork = db.prepare('UPDATE work SET ready_at = ?, attempts = attempts + 1 WHERE id = ?');
  const leaseOutbox = db.prepare('UPDATE outbox SET ready_at = ?, attempts = attempts + 1 WHERE id = ?');
  // The attempt count says whether the claim is still the caller's own.
  const postponeWork = db.prepare(
    'UPDATE work SET due_at = ?1, ready_at = ?1, attempts = attempts - ?5 WHERE id = ?2 AND due_at = ?3 AND attempts = ?4',
  );
  const prolongWork = db.prepare('UPDATE work SET ready_at = ?1 WHERE id = ?2 AND due_at = ?3 AND attempts = ?4');
  const postponeOutbox = db.prepare(
    'UPDATE outbox SET due_at = ?1, ready_at = ?1, attempts = attempts - ?4 WHERE id = ?2 AND attempts = ?3',
  );
  const next = db.prepare(
    'SELECT min((SELECT min(ready_at) FROM work), (SELECT min(ready_at) FROM outbox)) AS both, ' +
      'coalesce((SELECT min(ready_at) FROM work), (SELECT min(ready_at) FROM outbox)) AS either',
  );
  const shiftWork = db.prepare(`UPDATE work SET due_at = due_at + ?1, ready_at = ready_at + ?1 WHERE kind <> 'expire'`);
  const shiftOutbox = db.prepare('UPDATE outbox SET due_at = due_at + ?1, ready_at = ready_at + ?1');
  const releaseWork = db.prepare('UPDATE work SET ready_at = due_at WHERE ready_at > due_at');
  const releaseOutbox = db.prepare('UPDATE outbox SET ready_at = due_at WHERE ready_at > due_at');
  // A message of the platform is due only after its listener had time; there is none any more.
  const dueInbox = db.prepare(`UPDATE work SET ready_at = ?1, due_at = ?1 WHERE kind = 'inbox' AND attempts = 0 AND due_at > ?1`);
  return {
    hasReadyWork: (now) => anyWork.get(now) !== undefined,
    hasReadyOutbox: (sink, now, only) => anyOutbox.get(sink, now, ...limits(only)) !== undefined,
    claimWork(now, leaseMs, limit) {
      const rows = readyWork.all(now, limit);
      for (const row of rows) leaseWork.run(now + leaseMs, String(row['id']));
      return rows.map(workIn);
    },
    claimOutbox(sink, now, leaseMs, limit, only) {
      const rows = readyOutbox.all(sink, now, ...limits(only), limit);
      for (const row of rows) {
        const id = String(row['id']);
        cards.drop(id);
        leaseOutbox.run(now + leaseMs, id);
      }
      return rows.map(outgoingIn);
    },
    postpone(entry, dueAt, claim) {
      cards.drop(entry.id);
      const uncounted = claim === 'untried' ? 1 : 0;
      if ('sink' in entry) postponeOutbox.run(dueAt, entry.id, entry.attempts, uncounted);
      else postponeWork.run(dueAt, entry.id, entry.dueAt, entry.attempts, uncounted);
    },
    shift(byMs) {
      cards.clear();
      shiftWork.run(byMs);
      shiftOutbox.run(byMs);
    },
    releaseAll(now) {
      cards.clear();
      releaseWork.run();
      releaseOutbox.run();
      dueInbox.run(now);
    },
    prolong: ({ id, dueAt, attempts }, untilAt) => void prolongWork.run(untilAt, id, dueAt, attempts),
    nextDueAt() {
      const row = next.get();
      const at = row?.['both'] ?? row?.['either']; // SQL's min of two is null when one is
      return typeof at === 'number' ? at : null;
    },
  };
}

function limits(only?: OutboxClaim): [least: number, most: number, busy: string] {
  const [least, most] = only === undefined ? [0, 3] : priorities[only.line];
  return [least, most, JSON.stringify(only?.busy ?? [])];
}

type Row = Readonly<Record<string, unknown>>;

/** Rows are as they were before the claim, so its own attempt is added here. */
function workIn(row: Row): Work {
  return {
    id: String(row['id']),
    kind: String(row['kind']) as Work['kind'],
    subject: String(row['subject']),
    dueAt: Number(row['due_at']),
    attempts: Number(row['attempts']) + 1,
  };
}

function outgoingIn(row: Row): Outgoing {
  return {
    id: String(row['id']),
    sink: String(row['sink']),
    channel: String(row['channel']),
    incidentId: row['incident_id'] === null ? null : String(row['incident_id']),
    content: JSON.parse(String(row['content'])) as Outgoing['content'],
    priority: Number(row['priority']) as Outgoing['priority'],
    dueAt: Number(row['due_at']),
    attempts: Number(row['attempts']) + 1,
    revision: Number(row['revision']),
  };
}
