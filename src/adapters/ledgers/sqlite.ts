/**
 * The ledger on SQLite: one file, one writing process, group commit (see `sqlite/group-commit.ts`), nothing to install.
 * Reads answer what is committed; writes answer once they are durable.
 */
import { Failure } from '../../domain/failure.ts';
import type { Ledger } from '../../ports.ts';
import { createChangeWriter, encode } from './sqlite/apply-change.ts';
import { guarded } from './sqlite/failures.ts';
import { createWriter } from './sqlite/group-commit.ts';
import { createIncidents, type IncidentReader } from './sqlite/incidents.ts';
import { createLeases, type Leases } from './sqlite/leases.ts';
import { type OpenFile, openForReading, openForWriting } from './sqlite/open-file.ts';
import { createPruning } from './sqlite/pruning.ts';
import { createRecords, type Records } from './sqlite/records.ts';
import { createRetention } from './sqlite/retention.ts';
import { createSeenKeys, type SeenKeys } from './sqlite/seen.ts';
import { createWaitingCards } from './sqlite/waiting-cards.ts';

export interface SqliteLedgerOptions {
  /** `:memory:` keeps nothing: for replays and tests. */
  readonly file: string;
  readonly now: () => number;
  /** How long deliveries and platform messages are remembered. Senders repeat for hours, not for weeks. */
  readonly rememberMs?: number;
}

/** Clocks are nudged all the time; only what somebody would notice is a jump. */
const clockSlackMs = 2_000;

const usualRememberMs = 30 * 24 * 3_600_000;

/** Opens the store, creating it or bringing it to the present schema. Throws Failure where that cannot be. */
export function createSqliteLedger(options: SqliteLedgerOptions): Ledger {
  const opened = openForWriting(options.file);
  const { db } = opened;
  const incidents = createIncidents(db, 'this one');
  const records = createRecords(db, 'this one');
  const { now, rememberMs = usualRememberMs } = options;
  const seen = createSeenKeys(db, { writers: 'this one', now, rememberMs });
  const cards = createWaitingCards();
  const leases = createLeases(db, cards);
  // There is one writer, and it is this one: what an earlier process held when it died need not wait for its leases to end.
  const changes = openedWith(opened, () => {
    leases.releaseAll(now());
    return createChangeWriter(db, { incidents, seen, cards, now });
  });
  const writer = createWriter(db, () => undone());
  const retention = createRetention(db);
  const pruning = createPruning(db, now, rememberMs);
  // Pages as they were stand in the log until it is emptied; a reader that is in the way leaves them to the next time.
  const scrub = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)');
  let lastNow = now();
  /** What waits for a time that has moved away waits no longer than before. */
  const followClock = async (): Promise<void> => {
    const [before, at] = [lastNow, now()];
    lastNow = at;
    if (before - at > clockSlackMs) await writer.write(() => leases.shift(at - before));
  };
  const undone = () => {
    incidents.undone();
    cards.clear();
  };
  /** What else is written in the same transaction must find that it is gone. */
  const forgetting =
    <T>(forget: () => T) =>
    () => {
      undone();
      return forget();
    };
  const forgotten = () => {
    incidents.forget();
    records.actsMoved();
  };
  return {
    ...readers({ incidents, records, seen, leases }),
    async commit(change) {
      const encoded = encode(change, incidents);
      const write = () => {
        pruning.makeRoom(encoded.change.seen?.length ?? 0);
        return changes.apply(encoded);
      };
      const placed = await writer.write(write, (durable) => {
        for (const one of durable ?? []) incidents.hold(one);
        if (encoded.acts.length > 0) records.actsMoved();
      });
      return placed === null ? 'conflict' : 'committed';
    },
    // Looked at first: an idle poll must not cost a wait for the disk.
    async claimWork(now, leaseMs, limit) {
      await followClock();
      if (!reading(() => leases.hasReadyWork(now))) return [];
      return writer.write(() => leases.claimWork(now, leaseMs, limit));
    },
    async claimOutbox(sink, now, leaseMs, limit, only) {
      await followClock();
      if (!reading(() => leases.hasReadyOutbox(sink, now, only))) return [];
      return writer.write(() => leases.claimOutbox(sink, now, leaseMs, limit, only));
    },
    postpone: (entry, dueAt, claim = 'tried') => writer.write(() => leases.postpone(entry, dueAt, claim)),
    prolong: (work, untilAt) => writer.write(() => leases.prolong(work, untilAt)),
    forgetBefore: (at) =>
      writer.write(
        forgetting(() => retention.forgetBefore(at)),
        forgotten,
      ),
    async forgetIncident(id, marks) {
      await writer.write(
        forgetting(() => retention.forgetIncident(id, marks)),
        forgotten,
      );
      guarded('leave nothing of an incident in the log of the store', () => scrub.all());
    },
    async close() {
      writer.end();
      opened.close();
    },
  };
}

/** What is written at once; where that cannot be, the store is closed again. */
function openedWith<T>(opened: OpenFile, begin: () => T): T {
  try {
    return guarded('open the store', begin);
  } catch (error) {
    opened.close();
    throw error;
  }
}

/**
 * The same store for looking only, also while another process writes to it: for `incidents`, `map` and `export` on the
 * command line. Whatever would change it throws Failure `rejected`.
 */
export function openSqliteLedgerReadOnly(file: string): Ledger {
  const opened = openForReading(file);
  const refuse = async (): Promise<never> => {
    throw new Failure('rejected', 'ledger', 'store a change', { hint: 'the store was opened for reading only' });
  };
  return {
    ...readers({
      incidents: createIncidents(opened.db, 'another'),
      records: createRecords(opened.db, 'another'),
      seen: createSeenKeys(opened.db, { writers: 'another', now: Date.now, rememberMs: usualRememberMs }),
      leases: createLeases(opened.db, createWaitingCards()),
    }),
    commit: refuse,
    claimWork: refuse,
    claimOutbox: refuse,
    postpone: refuse,
    prolong: refuse,
    forgetBefore: refuse,
    forgetIncident: refuse,
    close: async () => opened.close(),
  };
}

type Readers = Omit<Ledger, 'commit' | 'claimWork' | 'claimOutbox' | 'postpone' | 'prolong' | 'forgetBefore' | 'forgetIncident' | 'close'>;

interface Parts {
  readonly incidents: IncidentReader;
  readonly records: Records;
  readonly seen: SeenKeys;
  readonly leases: Leases;
}

function readers({ incidents, records, seen, leases }: Parts): Readers {
  return {
    seen: async (keys) => reading(() => seen.among(keys)),
    incident: async (id) => reading(() => incidents.incident(id)),
    incidents: async (query) => reading(() => incidents.incidents(query)),
    lastIncidentNumber: async () => reading(() => incidents.lastNumber()),
    report: async (incidentId) => reading(() => records.report(incidentId)),
    votes: async (incidentId) => reading(() => records.votes(incidentId)),
    learning: async () => reading(() => records.learning()),
    acts: async (sinceAt, limit) => reading(() => records.acts(sinceAt, limit)),
    inbox: async (id) => reading(() => records.inbox(id)),
    inboxSince: async (kind, at, limit) => reading(() => records.inboxSince(kind, at, limit)),
    receipts: async (incidentId) => reading(() => records.receipts(incidentId)),
    incidentAt: async (sink, channel, messageId) => reading(() => records.incidentAt(sink, channel, messageId)),
    nextDueAt: async () => reading(() => leases.nextDueAt()),
    deadLetters: async (limit) => reading(() => records.deadLetters(limit)),
  };
}

function reading<T>(read: () => T): T {
  return guarded('read the store', read);
}
