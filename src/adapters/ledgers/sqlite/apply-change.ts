/**
 * Writes one LedgerChange inside a transaction. Everything it stands on is looked at before anything is written: this is
 * the only writer, so what was looked at still holds, and a refused change leaves nothing to undo.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Act } from '../../../domain/act.ts';
import type { Vote } from '../../../domain/feedback.ts';
import type { Incident } from '../../../domain/incident.ts';
import type { Receipt, Report } from '../../../domain/report.ts';
import type { DeadLetter, InboxEntry, LedgerChange, Outgoing, Work } from '../../../ports.ts';
import type { IncidentStore, Placed } from './incidents.ts';
import type { SeenKeys } from './seen.ts';
import type { WaitingCards } from './waiting-cards.ts';

export interface ChangeWriter {
  /** To be called within a transaction. Answers the incidents as they now stand; null is a conflict. */
  apply(change: EncodedChange): readonly Placed[] | null;
}

/** A change with its documents as JSON, and copies of its incidents, made when it is handed in: the caller may alter its objects afterwards. */
export interface EncodedChange {
  readonly change: LedgerChange;
  /** Whose documents are made when they are written: of most only the tally is. */
  readonly incidents: readonly Incident[];
  readonly reports: readonly Encoded<Report>[];
  readonly votes: readonly Encoded<Vote>[];
  readonly learning: string;
  readonly acts: readonly Encoded<Act>[];
  readonly inbox: readonly Encoded<InboxEntry>[];
  readonly receipts: readonly Encoded<Receipt>[];
  readonly outbox: readonly Encoded<NewEntry>[];
  readonly buried: readonly Encoded<DeadLetter>[];
}

type Encoded<T> = readonly [record: T, doc: string];
type NewEntry = NonNullable<LedgerChange['outbox']>[number];

export function encode(change: LedgerChange, { copyOf }: IncidentStore): EncodedChange {
  return {
    change,
    incidents: (change.incidents ?? []).map((incident) => copyOf(incident)),
    reports: encoded(change.reports),
    votes: encoded(change.votes),
    learning: JSON.stringify(change.learning ?? null),
    acts: encoded(change.acts),
    inbox: encoded(change.inbox),
    receipts: encoded(change.receipts),
    outbox: (change.outbox ?? []).map((entry) => [entry, JSON.stringify(entry.content)]),
    buried: encoded(change.buried),
  };
}

function encoded<T>(records: readonly T[] | undefined): Encoded<T>[] {
  return (records ?? []).map((record) => [record, JSON.stringify(record)]);
}

export interface WriterParts {
  readonly incidents: IncidentStore;
  readonly seen: SeenKeys;
  readonly cards: WaitingCards;
  readonly now: () => number;
}

export function createChangeWriter(db: DatabaseSync, { incidents, seen, cards, now }: WriterParts): ChangeWriter {
  const records = recordWriter(db, incidents, seen);
  const tasks = taskWriter(db, { seen, cards, now });
  return {
    apply(encoded) {
      if (!records.stands(encoded.change)) return null;
      const placed = records.write(encoded);
      tasks.write(encoded);
      return placed;
    },
  };
}

/** What is remembered: deliveries, incidents, reports, votes, acts, inbox, receipts. */
function recordWriter(db: DatabaseSync, store: IncidentStore, seen: SeenKeys) {
  // Work may run twice: a ranking that comes in after a later one does not take its place.
  const putReport = db.prepare(
    `INSERT INTO reports VALUES (?, ?, ?)
     ON CONFLICT (incident_id) DO UPDATE SET round = excluded.round, doc = excluded.doc WHERE excluded.round >= reports.round`,
  );
  const putVote = db.prepare('INSERT OR IGNORE INTO votes (id, incident_id, at, doc) VALUES (?, ?, ?, ?)');
  const putLearning = db.prepare('INSERT OR REPLACE INTO learning VALUES (1, ?)');
  const putAct = db.prepare('INSERT OR IGNORE INTO acts (id, at, doc) VALUES (?, ?, ?)');
  const putInbox = db.prepare('INSERT OR IGNORE INTO inbox VALUES (?, ?, ?)');
  const dropReceipt = db.prepare('DELETE FROM receipts WHERE incident_id = ? AND sink = ? AND channel = ? AND message_id = ?');
  const putReceipt = db.prepare('INSERT OR REPLACE INTO receipts VALUES (?, ?, ?, ?, ?)');
  return {
    stands({ seen: keys = [], about, incidents }: LedgerChange): boolean {
      return seen.areNew(keys) && (about ?? []).every(store.isThere) && (incidents ?? []).every(store.isNext);
    },
    write({ change, incidents, reports, votes, learning, acts, inbox, receipts }: EncodedChange): Placed[] {
      seen.put(change.seen ?? []);
      const placed = incidents.map((incident) => store.put(incident));
      for (const [{ incidentId, round }, doc] of reports) putReport.run(incidentId, round, doc);
      for (const [{ id, incidentId, at }, doc] of votes) putVote.run(id, incidentId, at, doc);
      if (change.learning !== undefined) putLearning.run(learning);
      for (const [{ id, at }, doc] of acts) putAct.run(id, at, doc);
      for (const [{ id, at }, doc] of inbox) putInbox.run(id, at, doc);
      for (const gone of change.receiptsGone ?? []) dropReceipt.run(gone.incidentId, gone.sink, gone.channel, gone.messageId);
      for (const [{ incidentId, sink, channel, messageId }, doc] of receipts) putReceipt.run(incidentId, sink, channel, messageId, doc);
      return placed;
    },
  };
}

/** What is to be done: work and outbox. What is done goes first, so that one change may finish an entry and ask for it anew. */
function taskWriter(db: DatabaseSync, parts: OutboxParts) {
  const work = workWriter(db);
  const outbox = outboxWriter(db, parts);
  const dead = graveyard(db);
  const revive = (entry: Work | Outgoing, dueAt: number) => {
    if ('sink' in entry) outbox.put({ ...entry, dueAt }, JSON.stringify(entry.content));
    else work.put({ ...entry, dueAt, attempts: 0 });
  };
  return {
    write({ change, outbox: entries, buried }: EncodedChange): void {
      for (const done of change.workDone ?? []) {
        work.done(done);
        dead.drop(done.id);
      }
      for (const entry of change.work ?? []) work.put(entry);
      for (const done of change.outboxDone ?? []) {
        outbox.done(done);
        dead.drop(done.id);
      }
      for (const [entry, content] of entries) outbox.put(entry, content);
      for (const [letter, doc] of buried) {
        if ('sink' in letter.entry) outbox.giveUp(letter.entry);
        else work.done(letter.entry);
        dead.put(letter, doc);
      }
      for (const { id, dueAt } of change.revived ?? []) {
        const letter = dead.take(id);
        if (letter !== null) revive(letter.entry, dueAt);
      }
    },
  };
}

/** What failed too often, out of everybody's way. */
function graveyard(db: DatabaseSync) {
  const put = db.prepare('INSERT OR REPLACE INTO dead VALUES (?, ?, ?)');
  const drop = db.prepare('DELETE FROM dead WHERE id = ?');
  const take = db.prepare('DELETE FROM dead WHERE id = ? RETURNING doc');
  return {
    put: ({ id, at }: DeadLetter, doc: string) => void put.run(id, at, doc),
    drop: (id: string) => void drop.run(id),
    take(id: string): DeadLetter | null {
      const row = take.get(id);
      return row === undefined ? null : (JSON.parse(String(row['doc'])) as DeadLetter);
    },
  };
}

function workWriter(db: DatabaseSync) {
  const put = db.prepare(
    `INSERT INTO work VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, subject = excluded.subject, due_at = excluded.due_at,
     ready_at = excluded.due_at, attempts = excluded.attempts`,
  );
  // Put again, an entry has no attempts: then it is another request, though it may be due at the same millisecond.
  const done = db.prepare('DELETE FROM work WHERE id = ?1 AND due_at <= ?2 AND attempts >= ?3');
  return {
    put: ({ id, kind, subject, dueAt, attempts }: Work) => put.run(id, kind, subject, dueAt, dueAt, attempts),
    done: ({ id, dueAt, attempts }: Work) => done.run(id, dueAt, attempts),
  };
}

/** Cards of months; numbers last for thousands of years of starts every minute. */
const revisionBlock = 1_000_000;

type OutboxParts = Pick<WriterParts, 'seen' | 'cards' | 'now'>;

function outboxWriter(db: DatabaseSync, { seen, cards, now }: OutboxParts) {
  // Not the entry's own count: an id that is finished and put anew must not repeat a revision somebody may still hold.
  // Each process sets a block of them aside and counts in memory, so that a card costs no page for its revision; what goes on
  // beyond the block is written down each time.
  const setAside = db.prepare(`UPDATE counters SET value = value + ${revisionBlock} WHERE name = 'outbox-revision' RETURNING value`);
  const writeDown = db.prepare(`UPDATE counters SET value = ? WHERE name = 'outbox-revision'`);
  const lastOfBlock = Number(setAside.get()?.['value']);
  let revision = lastOfBlock - revisionBlock;
  // A lease outlives being put again, else two would post the same message at once; done, postponed or overdue ends it.
  // Attempts stay, so that the next one knows that an earlier post may exist. An entry not sent yet keeps its better place.
  // One that says the same, is due already and in nobody's hands is left as it is: in a storm every round asks for the same cards.
  const putEntry = db.prepare(
    `INSERT INTO outbox VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, 0, ?8)
     ON CONFLICT (id) DO UPDATE SET sink = ?2, channel = ?3, incident_id = ?4, content = ?5, priority = min(priority, ?6), due_at = ?7,
     ready_at = CASE WHEN ready_at > due_at THEN max(ready_at, ?7) ELSE ?7 END, revision = ?8
     WHERE NOT (ready_at = due_at AND ready_at <= ?7 AND ?7 <= ?9 AND attempts = 0 AND priority <= ?6
       AND sink = ?2 AND channel = ?3 AND incident_id IS ?4 AND content = ?5)
     RETURNING ready_at = due_at AND attempts = 0 AS waits, priority`,
  );
  const done = db.prepare('DELETE FROM outbox WHERE id = ? AND revision = ?');
  // A card is edited again and again; anything else is said once, and its id is remembered as long as a delivery is.
  const saidOf = (id: string, incidentId: string | null) => [{ key: `said:${id}`, at: now(), incidentId }];
  const handBack = db.prepare('UPDATE outbox SET attempts = 0, ready_at = due_at WHERE id = ? AND revision > ? AND attempts = ?');
  // A card that stands: what was asked for meanwhile is an edit of it, and must not go before cards that do not stand yet.
  const makeEdit = db.prepare('UPDATE outbox SET priority = 2 WHERE id = ? AND priority < 2');
  return {
    put(entry: NewEntry, content: string): void {
      const { id, sink, channel, incidentId, priority, dueAt } = entry;
      const isCard = entry.content.kind === 'card';
      const at = now();
      if (isCard && cards.stands(entry, content, at)) return;
      if (!isCard && !seen.areNew(saidOf(id, incidentId))) return;
      revision++;
      if (revision > lastOfBlock) writeDown.run(revision);
      const put = putEntry.get(id, sink, channel, incidentId, content, priority, dueAt, revision, at);
      if (!isCard) return;
      // No answer: it was left as it is, and waits no longer and no further behind than asked for.
      if (put === undefined) cards.add(entry, content);
      else if (put['waits'] === 1) cards.add({ ...entry, priority: Number(put['priority']) as Outgoing['priority'] }, content);
      else cards.drop(id);
    },
    done({ id, revision, attempts, content, incidentId }: Outgoing): void {
      cards.drop(id);
      if (done.run(id, revision).changes === 0) {
        handBack.run(id, revision, attempts);
        if (content.kind === 'card') makeEdit.run(id);
      } else if (content.kind !== 'card' && seen.areNew(saidOf(id, incidentId))) seen.put(saidOf(id, incidentId));
    },
    /** Not said: it may be asked for again. */
    giveUp({ id, revision, attempts }: Outgoing): void {
      cards.drop(id);
      if (done.run(id, revision).changes === 0) handBack.run(id, revision, attempts);
    },
  };
}
