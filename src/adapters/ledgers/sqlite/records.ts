/**
 * Reads what is remembered. Live incidents are read at every alert, and parsing a thousand of them again each time would
 * cost more than everything else, so parsed incidents are kept by revision: the row says whether the kept one still holds.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Act } from '../../../domain/act.ts';
import { Failure } from '../../../domain/failure.ts';
import type { Vote } from '../../../domain/feedback.ts';
import type { Learning } from '../../../domain/learning/contest.ts';
import type { Incident } from '../../../domain/incident.ts';
import type { Receipt, Report } from '../../../domain/report.ts';
import type { DeadLetter, InboxEntry, IncidentQuery } from '../../../ports.ts';

/** As many incidents as the pipeline looks at in one go. */
const maxKept = 1_200;

export interface Records {
  seen(keys: readonly string[]): Map<string, string | null>;
  incident(id: string): Incident | null;
  incidents(query: IncidentQuery): { incidents: Incident[]; next: string | null };
  lastIncidentNumber(): number;
  report(incidentId: string): Report | null;
  votes(incidentId?: string): Vote[];
  learning(): Learning | null;
  acts(sinceAt: number, limit: number): Act[];
  inbox(id: string): InboxEntry | null;
  inboxSince(kind: string, at: number, limit: number): InboxEntry[];
  receipts(incidentId: string): Receipt[];
  incidentAt(sink: string, channel: string, messageId: string): string | null;
  deadLetters(limit: number): DeadLetter[];
}

export function createRecords(db: DatabaseSync): Records {
  const seen = db.prepare('SELECT incident_id FROM seen WHERE key = ?');
  const lastNumber = db.prepare(
    `SELECT max(coalesce((SELECT max(number) FROM incidents), 0), coalesce((SELECT value FROM counters WHERE name = 'last-incident'), 0)) AS number`,
  );
  const report = db.prepare('SELECT doc FROM reports WHERE incident_id = ?');
  const allVotes = db.prepare('SELECT doc FROM votes ORDER BY at, row');
  const votesOf = db.prepare('SELECT doc FROM votes WHERE incident_id = ? ORDER BY at, row');
  const learning = db.prepare('SELECT doc FROM learning');
  const acts = db.prepare('SELECT doc FROM acts WHERE at >= ? ORDER BY at DESC, row DESC LIMIT ?');
  const inbox = db.prepare('SELECT doc FROM inbox WHERE id = ?');
  const inboxSince = db.prepare(`SELECT doc FROM inbox WHERE at >= ? AND doc ->> '$.kind' = ? ORDER BY at DESC LIMIT ?`);
  const receipts = db.prepare('SELECT doc FROM receipts WHERE incident_id = ? ORDER BY sink, channel');
  const place = db.prepare('SELECT incident_id FROM receipts WHERE sink = ? AND channel = ? AND message_id = ?');
  const dead = db.prepare('SELECT doc FROM dead ORDER BY at DESC, id LIMIT ?');
  return {
    ...incidentReader(db),
    seen(keys) {
      const found = new Map<string, string | null>();
      for (const key of keys) {
        const row = seen.get(key);
        if (row !== undefined) found.set(key, textOrNull(row['incident_id']));
      }
      return found;
    },
    lastIncidentNumber: () => Number(lastNumber.get()?.['number'] ?? 0),
    report: (incidentId) => document<Report>(report.get(incidentId)),
    votes: (incidentId) => documents<Vote>(incidentId === undefined ? allVotes.all() : votesOf.all(incidentId)),
    learning: () => document<Learning>(learning.get()),
    acts: (sinceAt, limit) => documents<Act>(acts.all(sinceAt, limit)).reverse(),
    inbox: (id) => document<InboxEntry>(inbox.get(id)),
    inboxSince: (kind, at, limit) => documents<InboxEntry>(inboxSince.all(at, kind, limit)).reverse(),
    receipts: (incidentId) => documents<Receipt>(receipts.all(incidentId)),
    incidentAt: (sink, channel, messageId) => textOrNull(place.get(sink, channel, messageId)?.['incident_id']),
    deadLetters: (limit) => documents<DeadLetter>(dead.all(limit)),
  };
}

function incidentReader(db: DatabaseSync): Pick<Records, 'incident' | 'incidents'> {
  const revisionOf = db.prepare('SELECT revision FROM incidents WHERE id = ?');
  const documentOf = db.prepare('SELECT doc FROM incidents WHERE id = ?');
  const lists = new Map<string, StatementSync>();
  const kept = new Map<string, Incident>();

  function read(id: string, revision: number): Incident | null {
    const known = kept.get(id);
    if (known?.revision === revision) return known;
    const incident = document<Incident>(documentOf.get(id));
    if (incident === null) return null;
    kept.delete(id);
    kept.set(id, incident);
    for (const oldest of kept.keys()) {
      if (kept.size <= maxKept) break;
      kept.delete(oldest);
    }
    return incident;
  }

  function listFor(where: string): StatementSync {
    const known = lists.get(where);
    if (known) return known;
    const made = db.prepare(`SELECT row, id, opened_at, revision FROM incidents WHERE ${where} ORDER BY opened_at DESC, row DESC LIMIT ?`);
    lists.set(where, made);
    return made;
  }

  return {
    incident(id) {
      const row = revisionOf.get(id);
      return row === undefined ? null : read(id, Number(row['revision']));
    },
    incidents(query) {
      const { where, values } = conditionsOf(query);
      const limit = Math.max(1, Math.floor(query.limit));
      const rows = listFor(where).all(...values, limit + 1);
      const page = rows.slice(0, limit);
      const last = rows.length > limit ? page.at(-1) : undefined;
      return {
        incidents: page.flatMap((row) => read(String(row['id']), Number(row['revision'])) ?? []),
        next: last === undefined ? null : `${last['opened_at']}-${last['row']}`,
      };
    },
  };
}

function conditionsOf({ state, live, service, after }: IncidentQuery): { where: string; values: (string | number)[] } {
  const parts = ['true'];
  const values: (string | number)[] = [];
  if (live === true) parts.push(`state <> 'resolved'`);
  if (state !== undefined) {
    parts.push('state = ?');
    values.push(state);
  }
  if (service !== undefined) {
    parts.push('service = ?');
    values.push(service);
  }
  if (after !== undefined) {
    const [, openedAt, row] = /^(\d{1,15})-(\d{1,15})$/.exec(after) ?? [];
    if (openedAt === undefined || row === undefined)
      throw new Failure('rejected', 'ledger', 'list incidents', { path: 'after', hint: 'it is not a place this list has given out' });
    parts.push('(opened_at, row) < (?, ?)');
    values.push(Number(openedAt), Number(row));
  }
  return { where: parts.join(' AND '), values };
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
