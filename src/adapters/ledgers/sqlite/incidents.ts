/**
 * Incidents as the file holds them: a document without its alerts, and each alert in a row of its own, by its place. A storm
 * puts one alarm after the other into an incident of a hundred, so a change writes the alerts that are not those of the state
 * it was made from, and the rest stays where it lies:
 *
 *   incidents  row 7  INC-7  revision 41  { title, … }     alerts  7 × 2^20 → {…}   7 × 2^20 + 1 → {…}
 *   one joins                revision 42  { title, … }                                                  7 × 2^20 + 2 → {…}
 *
 * Incidents are read at every alert, so parsed ones are kept. Where nobody else writes to the file, what was kept of a commit
 * holds until the next, lists of them until one is opened or changes its state; a reader beside a writer looks at the
 * revision first.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Failure } from '../../../domain/failure.ts';
import type { Incident } from '../../../domain/incident.ts';
import type { IncidentQuery } from '../../../ports.ts';

/** As many incidents as the pipeline looks at in one go. */
const maxKept = 1_200;
/** Lists that are asked for again and again: live ones, the latest, the muted. */
const maxLists = 16;
/** An alert's row number is its incident's times this, and its place. */
export const alertsEach = 2 ** 20;

export interface Placed {
  readonly incident: Incident;
  readonly row: number;
}

export interface IncidentReader {
  incident(id: string): Incident | null;
  incidents(query: IncidentQuery): { incidents: Incident[]; next: string | null };
  /** Highest number used in an id. */
  lastNumber(): number;
}

export interface IncidentStore extends IncidentReader {
  isThere(id: string): boolean;
  /** Is this the revision after the one that is stored? */
  isNext(incident: Incident): boolean;
  /** To be called within a transaction, with the document as `headOf` makes it; and once that is durable, `hold` what it answers. */
  put(incident: Incident, head: string): Placed;
  hold(placed: Placed): void;
  /** Incidents were removed: nothing that is kept can be relied on. */
  forget(): void;
}

/** What is stored of an incident besides its alerts. */
export function headOf({ alerts: _, ...head }: Incident): string {
  return JSON.stringify(head);
}

/** So that what the caller makes of its lists later is not ours; what is in them is never altered. */
export function copyOf(incident: Incident): Incident {
  return { ...incident, alerts: [...incident.alerts], correlationIds: [...incident.correlationIds] };
}

export function createIncidents(db: DatabaseSync, writers: 'this one' | 'another'): IncidentStore {
  const kept = createKept();
  const reader = incidentReader(db, writers, kept);
  const revisionOf = db.prepare('SELECT revision FROM incidents WHERE id = ?');
  const put = incidentWriter(db);
  return {
    ...reader,
    isThere: (id) => revisionOf.get(id) !== undefined,
    isNext: ({ id, revision }) => Number(revisionOf.get(id)?.['revision'] ?? 0) === revision - 1,
    put(incident, head) {
      const before = kept.get(incident.id);
      return put(incident, head, before?.incident.revision === incident.revision - 1 ? before : null);
    },
    hold(placed) {
      const before = kept.get(placed.incident.id)?.incident;
      if (before === undefined || !isListedAlike(before, placed.incident)) reader.forgetLists();
      kept.put(placed);
    },
    forget() {
      kept.clear();
      reader.forgetLists();
    },
  };
}

/** Nothing that lists are made by is another. */
function isListedAlike(a: Incident, b: Incident): boolean {
  return a.state === b.state && a.service === b.service && a.openedAt === b.openedAt;
}

interface Kept {
  get(id: string): Placed | undefined;
  put(placed: Placed): void;
  clear(): void;
}

function createKept(): Kept {
  const kept = new Map<string, Placed>();
  return {
    get: (id) => kept.get(id),
    put(placed) {
      kept.delete(placed.incident.id);
      kept.set(placed.incident.id, placed);
      for (const oldest of kept.keys()) {
        if (kept.size <= maxKept) break;
        kept.delete(oldest);
      }
    },
    clear: () => kept.clear(),
  };
}

/** `before`: the state this one was made of, where it is at hand; else everything is written anew. */
function incidentWriter(db: DatabaseSync) {
  const insert = db.prepare('INSERT INTO incidents (id, number, state, service, opened_at, revision, doc) VALUES (?, ?, ?, ?, ?, ?, ?)');
  const rowOf = db.prepare('SELECT row FROM incidents WHERE id = ?');
  const update = db.prepare('UPDATE incidents SET state = ?, service = ?, opened_at = ?, revision = ?, doc = ? WHERE row = ?');
  // What has an index is left alone where it can be: SQLite would write those pages too.
  const updateHead = db.prepare('UPDATE incidents SET revision = ?, doc = ? WHERE row = ?');
  const putAlert = db.prepare('INSERT OR REPLACE INTO alerts VALUES (?, ?)');
  const dropAlerts = db.prepare('DELETE FROM alerts WHERE row >= ? AND row < ?');

  function putHead(incident: Incident, head: string, before: Placed | null): number {
    const { id, state, service, openedAt, revision } = incident;
    if (before !== null && isListedAlike(before.incident, incident)) {
      updateHead.run(revision, head, before.row);
      return before.row;
    }
    const row = before?.row ?? rowOf.get(id)?.['row'];
    if (row === undefined) return Number(insert.run(id, numberIn(id), state, service, openedAt, revision, head).lastInsertRowid);
    update.run(state, service, openedAt, revision, head, Number(row));
    return Number(row);
  }

  return (incident: Incident, head: string, before: Placed | null): Placed => {
    const { alerts, revision } = incident;
    if (alerts.length > alertsEach) throw new Error(`${incident.id} has more alerts than have places`);
    const row = putHead(incident, head, before);
    const stored = before?.incident.alerts ?? [];
    const first = row * alertsEach;
    if (before === null && revision > 1) dropAlerts.run(first, first + alertsEach);
    else if (alerts.length < stored.length) dropAlerts.run(first + alerts.length, first + alertsEach);
    alerts.forEach((alert, place) => {
      if (alert !== stored[place]) putAlert.run(first + place, JSON.stringify(alert));
    });
    return { incident, row };
  };
}

function incidentReader(db: DatabaseSync, writers: 'this one' | 'another', kept: Kept) {
  // In one statement: beside a writer, document and alerts must be those of the same moment.
  const whole = db.prepare(
    `SELECT row, doc, (SELECT '[' || group_concat(doc, ',' ORDER BY row) || ']' FROM alerts
      WHERE row >= incidents.row * ${alertsEach} AND row < (incidents.row + 1) * ${alertsEach}) AS alerts FROM incidents WHERE id = ?`,
  );
  const revisionOf = db.prepare('SELECT revision FROM incidents WHERE id = ?');
  const lastNumber = db.prepare(
    `SELECT max(coalesce((SELECT max(number) FROM incidents), 0), coalesce((SELECT value FROM counters WHERE name = 'last-incident'), 0)) AS number`,
  );
  const statements = new Map<string, StatementSync>();
  const lists = new Map<string, Listed>();
  let last: number | null = null;

  /** What was stored is trusted: this program wrote it from a typed value. */
  function read(id: string): Incident | null {
    const found = whole.get(id);
    if (found === undefined) return null;
    const alerts = JSON.parse(String(found['alerts'] ?? '[]')) as Incident['alerts'];
    const incident: Incident = { ...(JSON.parse(String(found['doc'])) as Omit<Incident, 'alerts'>), alerts };
    kept.put({ incident, row: Number(found['row']) });
    return incident;
  }

  function incident(id: string): Incident | null {
    const known = kept.get(id)?.incident;
    if (known === undefined) return read(id);
    if (writers === 'this one') return known;
    const found = revisionOf.get(id);
    return found === undefined ? null : Number(found['revision']) === known.revision ? known : read(id);
  }

  function list(query: IncidentQuery): Listed {
    const { where, values } = conditionsOf(query);
    const limit = Math.max(1, Math.floor(query.limit));
    const name = JSON.stringify([where, values, limit]);
    const known = lists.get(name);
    if (known !== undefined && writers === 'this one') return known;
    const statement = statements.get(where) ?? db.prepare(listing(where));
    statements.set(where, statement);
    const listed = listedIn(statement.all(...values, limit + 1), limit);
    if (lists.size >= maxLists) lists.clear();
    lists.set(name, listed);
    return listed;
  }

  return {
    incident,
    incidents(query: IncidentQuery) {
      const { ids, next } = list(query);
      return { incidents: ids.flatMap((id) => incident(id) ?? []), next };
    },
    lastNumber() {
      if (last === null || writers === 'another') last = Number(lastNumber.get()?.['number'] ?? 0);
      return last;
    },
    forgetLists() {
      lists.clear();
      last = null;
    },
  };
}

interface Listed {
  readonly ids: readonly string[];
  readonly next: string | null;
}

function listing(where: string): string {
  return `SELECT row, id, opened_at FROM incidents WHERE ${where} ORDER BY opened_at DESC, row DESC LIMIT ?`;
}

function listedIn(rows: readonly Readonly<Record<string, unknown>>[], limit: number): Listed {
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return { ids: page.map((row) => String(row['id'])), next: last === undefined ? null : `${last['opened_at']}-${last['row']}` };
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

function numberIn(id: string): number | null {
  const digits = /^INC-(\d{1,15})$/.exec(id)?.[1];
  return digits === undefined ? null : Number(digits);
}
