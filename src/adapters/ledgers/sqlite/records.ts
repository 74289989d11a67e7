/** Reads what is remembered; of incidents see `incidents.ts`. */
import type { DatabaseSync } from 'node:sqlite';
import type { Act } from '../../../domain/act.ts';
import type { Vote } from '../../../domain/feedback.ts';
import type { Learning } from '../../../domain/learning/contest.ts';
import type { Receipt, Report } from '../../../domain/report.ts';
import type { DeadLetter, InboxEntry } from '../../../ports.ts';

export interface Records {
  report(incidentId: string): Report | null;
  votes(incidentId?: string): Vote[];
  learning(): Learning | null;
  acts(sinceAt: number, limit: number): Act[];
  inbox(id: string): InboxEntry | null;
  inboxSince(kind: string, at: number, limit: number): InboxEntry[];
  receipts(incidentId: string): Receipt[];
  incidentAt(sink: string, channel: string, messageId: string): string | null;
  deadLetters(limit: number): DeadLetter[];
  /** Acts were added or removed, and that is durable. */
  actsMoved(): void;
}

export function createRecords(db: DatabaseSync, writers: 'this one' | 'another'): Records {
  const report = db.prepare('SELECT doc FROM reports WHERE incident_id = ?');
  const allVotes = db.prepare('SELECT doc FROM votes ORDER BY at, row');
  const votesOf = db.prepare('SELECT doc FROM votes WHERE incident_id = ? ORDER BY at, row');
  const learning = db.prepare('SELECT doc FROM learning');
  const inbox = db.prepare('SELECT doc FROM inbox WHERE id = ?');
  const inboxSince = db.prepare(`SELECT doc FROM inbox WHERE at >= ? AND doc ->> '$.kind' = ? ORDER BY at DESC LIMIT ?`);
  const receipts = db.prepare('SELECT doc FROM receipts WHERE incident_id = ? ORDER BY sink, channel');
  const place = db.prepare('SELECT incident_id FROM receipts WHERE sink = ? AND channel = ? AND message_id = ?');
  const dead = db.prepare('SELECT doc FROM dead ORDER BY at DESC, id LIMIT ?');
  return {
    ...actReader(db, writers),
    report: (incidentId) => document<Report>(report.get(incidentId)),
    votes: (incidentId) => documents<Vote>(incidentId === undefined ? allVotes.all() : votesOf.all(incidentId)),
    learning: () => document<Learning>(learning.get()),
    inbox: (id) => document<InboxEntry>(inbox.get(id)),
    inboxSince: (kind, at, limit) => documents<InboxEntry>(inboxSince.all(at, kind, limit)).reverse(),
    receipts: (incidentId) => documents<Receipt>(receipts.all(incidentId)),
    incidentAt: (sink, channel, messageId) => textOrNull(place.get(sink, channel, messageId)?.['incident_id']),
    deadLetters: (limit) => documents<DeadLetter>(dead.all(limit)),
  };
}

/** Asked for at every alert, to know which services are muted: what was read last is kept for as long as nothing was added. */
function actReader(db: DatabaseSync, writers: 'this one' | 'another'): Pick<Records, 'acts' | 'actsMoved'> {
  const select = db.prepare('SELECT doc FROM acts WHERE at >= ? ORDER BY at DESC, row DESC LIMIT ?');
  let kept: { readonly sinceAt: number; readonly limit: number; readonly acts: readonly Act[] } | null = null;
  return {
    acts(sinceAt, limit) {
      if (kept === null || writers === 'another' || sinceAt < kept.sinceAt || limit > kept.limit)
        kept = { sinceAt, limit, acts: documents<Act>(select.all(sinceAt, limit)).reverse() };
      const since = kept.acts.filter(({ at }) => at >= sinceAt);
      return since.slice(Math.max(0, since.length - limit));
    },
    actsMoved() {
      kept = null;
    },
  };
}

type Row = Readonly<Record<string, unknown>>;

/** What was stored is trusted: this process wrote it from a typed value. */
function document<T>(row: Row | undefined): T | null {
  return row === undefined ? null : (JSON.parse(String(row['doc'])) as T);
}

function documents<T>(rows: readonly Row[]): T[] {
  return rows.map((row) => JSON.parse(String(row['doc'])) as T);
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
