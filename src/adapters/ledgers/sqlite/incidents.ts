/**
 * Incidents as the file holds them: a document without its alerts, each alert in a row of its own, by its place, and what changes
 * with every alert in a row of a few numbers. A storm puts one alarm after the other into an incident of a hundred, so a change
 * writes what is not as in the state it was made from, and the rest stays where it lies:
 *
 *   incidents  row 7  INC-7  { title, … }   alerts  7 × 2^20 → {…}   7 × 2^20 + 1 → {…}      tallies  7  revision 41, 2 alerts, …
 *   one joins                                                            7 × 2^20 + 2 → {…}               7  revision 42, 3 alerts, …
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
  /** So that what the caller makes of its lists later is not ours; what is in them is never altered. */
  copyOf(incident: Incident): Incident;
  isThere(id: string): boolean;
  /** Is this the revision after the one that is stored? */
  isNext(incident: Incident): boolean;
  /** To be called within a transaction; and once that is durable, `hold` what it answers. */
  put(incident: Incident): Placed;
  hold(placed: Placed): void;
  /** A transaction was taken back, or incidents are removed in the one under way: how they stand is in the file alone. */
  undone(): void;
  /** Incidents were removed: nothing that is kept can be relied on. */
  forget(): void;
}

/** What is stored of an incident besides its alerts and its tally. */
function headOf({ alerts: _, revision: _r, alertCount: _c, lastAlertAt: _l, updatedAt: _u, ...head }: Incident) {
  return head;
}

/** Of two states of one incident; all that is in them is never altered, and what was not touched is the same. */
function isHeadAlike(a: Incident, b: Incident): boolean {
  const [some, others]: Readonly<Record<string, unknown>>[] = [headOf(a), headOf(b)];
  const names = Object.keys(some ?? {});
  return names.length === Object.keys(others ?? {}).length && names.every((name) => isAlike(some?.[name], others?.[name]));
}

function isAlike(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.length === b.length && a.every((each, place) => each === b[place]);
}

/** `before`: as it was handed out last. Lists that were handed out with it are ours already. */
function copyOf(incident: Incident, before: Incident | undefined): Incident {
  const { alerts, correlationIds } = incident;
  const own = <T>(list: readonly T[], known: readonly T[] | undefined): readonly T[] => (list === known ? list : [...list]);
  return { ...incident, alerts: own(alerts, before?.alerts), correlationIds: own(correlationIds, before?.correlationIds) };
}

export function createIncidents(db: DatabaseSync, writers: 'this one' | 'another'): IncidentStore {
  const kept = createKept();
  const reader = incidentReader(db, writers, kept);
  const revisionOf = db.prepare(selectRevision);
  const put = incidentWriter(db);
  // As they stand in the transaction under way, which what is kept does not tell.
  const revisions = new Map<string, number>();
  const standingRevision = (id: string) => revisions.get(id) ?? Number(revisionOf.get(id)?.['revision'] ?? 0);
  return {
    ...reader,
    copyOf: (incident) => copyOf(incident, kept.get(incident.id)?.incident),
    isThere: (id) => revisionOf.get(id) !== undefined,
    isNext: ({ id, revision }) => standingRevision(id) === revision - 1,
    put(incident) {
      const { id, revision } = incident;
      const before = kept.get(id);
      if (revisions.size >= maxKept) revisions.clear();
      revisions.set(id, revision);
      return put(incident, before?.incident.revision === revision - 1 ? before : null);
    },
    undone: () => revisions.clear(),
    hold(placed) {
      const before = kept.get(placed.incident.id)?.incident;
      if (before === undefined || !isListedAlike(before, placed.incident)) reader.forgetLists();
      kept.put(placed);
    },
    forget() {
      revisions.clear();
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

const selectRevision = 'SELECT revision FROM incidents JOIN tallies USING (row) WHERE id = ?';

/** `before`: the state this one was made of, where it is at hand; else everything is written anew. */
function incidentWriter(db: DatabaseSync) {
  const insert = db.prepare('INSERT INTO incidents (id, number, state, service, opened_at, doc) VALUES (?, ?, ?, ?, ?, ?)');
  const rowOf = db.prepare('SELECT row FROM incidents WHERE id = ?');
  const update = db.prepare('UPDATE incidents SET state = ?, service = ?, opened_at = ?, doc = ? WHERE row = ?');
  // What has an index is left alone where it can be: SQLite would write those pages too.
  const updateHead = db.prepare('UPDATE incidents SET doc = ? WHERE row = ?');
  const putTally = db.prepare('INSERT OR REPLACE INTO tallies VALUES (?, ?, ?, ?, ?)');
  const putAlert = db.prepare('INSERT OR REPLACE INTO alerts VALUES (?, ?)');
  const dropAlerts = db.prepare('DELETE FROM alerts WHERE row >= ? AND row < ?');

  function putHead(incident: Incident, before: Placed | null): number {
    if (before !== null && isHeadAlike(before.incident, incident)) return before.row;
    const { id, state, service, openedAt } = incident;
    const head = JSON.stringify(headOf(incident));
    if (before !== null && isListedAlike(before.incident, incident)) {
      updateHead.run(head, before.row);
      return before.row;
    }
    const row = before?.row ?? rowOf.get(id)?.['row'];
    if (row === undefined) return Number(insert.run(id, numberIn(id), state, service, openedAt, head).lastInsertRowid);
    update.run(state, service, openedAt, head, Number(row));
    return Number(row);
  }

  return (incident: Incident, before: Placed | null): Placed => {
    const { alerts, revision, alertCount, lastAlertAt, updatedAt } = incident;
    if (alerts.length > alertsEach) throw new Error(`${incident.id} has more alerts than have places`);
    const row = putHead(incident, before);
    putTally.run(row, revision, alertCount, lastAlertAt, updatedAt);
    const stored = before?.incident.alerts ?? [];
    const first = row * alertsEach;
    if (before === null && revision > 1) dropAlerts.run(first, first + alertsEach);
    else if (alerts.length < stored.length) dropAlerts.run(first + alerts.length, first + alertsEach);
    for (const [place, alert] of (alerts === stored ? [] : alerts).entries())
      if (alert !== stored[place]) putAlert.run(first + place, JSON.stringify(alert));
    return { incident, row };
  };
}

function incidentReader(db: DatabaseSync, writers: 'this one' | 'another', kept: Kept) {
  // In one statement: beside a writer, document and alerts must be those of the same moment.
  const whole = db.prepare(
    `SELECT row, doc, revision, alert_count, last_alert_at, updated_at, (SELECT '[' || group_concat(doc, ',' ORDER BY row) || ']' FROM alerts
      WHERE alerts.row >= incidents.row * ${alertsEach} AND alerts.row < (incidents.row + 1) * ${alertsEach}) AS alerts FROM incidents JOIN tallies USING (row) WHERE id = ?`,
  );
  const revisionOf = db.prepare(selectRevision);
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
    const incident: Incident = {
      ...(JSON.parse(String(found['doc'])) as ReturnType<typeof headOf>),
      alerts: JSON.parse(String(found['alerts'] ?? '[]')) as Incident['alerts'],
      revision: Number(found['revision']),
      alertCount: Number(found['alert_count']),
      lastAlertAt: Number(found['last_alert_at']),
      updatedAt: Number(found['updated_at']),
    };
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
