/**
 * Reads what is remembered. Live incidents are read at every alert: parsed ones are kept by revision, so that only what has
 * changed crosses the wire and is parsed again.
 */
import type { Act } from '../../../domain/act.ts';
import { Failure } from '../../../domain/failure.ts';
import type { Vote } from '../../../domain/feedback.ts';
import type { Incident } from '../../../domain/incident.ts';
import type { Learning } from '../../../domain/learning/contest.ts';
import type { Receipt, Report } from '../../../domain/report.ts';
import type { DeadLetter, InboxEntry, IncidentQuery, Ledger } from '../../../ports.ts';
import { keyPrefix, type RedisClient, redisFailure, runScript } from '../../redis-connection.ts';
import { messageKey, placeKey } from './encode-change.ts';
import { deadLettersScript, documentsScript, inboxSinceScript, incidentScript, incidentsScript } from './read-scripts.ts';

/** As many incidents as the pipeline looks at in one go. */
const maxKept = 1_200;

type Readers = Omit<
  Ledger,
  'commit' | 'claimWork' | 'claimOutbox' | 'postpone' | 'prolong' | 'nextDueAt' | 'forgetBefore' | 'forgetIncident' | 'close'
>;

export interface RedisRecords {
  readonly readers: Readers;
  /** What this process has just stored it need not read back. */
  keep(incidents: readonly Incident[]): void;
  /** The dead letters among these that there are, with the time each is to be due. */
  buried(wanted: readonly { readonly id: string; readonly dueAt: number }[]): Promise<(DeadLetter & { readonly dueAt: number })[]>;
}

const key = (name: string) => keyPrefix + name;

export function createRedisRecords(client: RedisClient): RedisRecords {
  const reading = async <T>(read: () => Promise<T>): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      throw redisFailure(error, 'ledger', 'read the store');
    }
  };
  const listed = async <T>(script: string, args: readonly (string | number)[]) =>
    reading(async () => ((await runScript(client, script, args)) as string[]).map((doc) => JSON.parse(doc) as T));
  const { keep, ...incidents } = incidentReader(client, reading);
  return {
    keep,
    readers: {
      ...incidents,
      seen: (keys) =>
        reading(async () => {
          if (keys.length === 0) return new Map();
          const found = await client.mget(keys.map((name) => key(`seen:${name}`)));
          return new Map(keys.flatMap((name, i) => (found[i] == null ? [] : [[name, found[i] || null] as const])));
        }),
      lastIncidentNumber: () => reading(async () => Number((await client.get(key('last-number'))) ?? 0)),
      report: (incidentId) => reading(async () => document<Report>(await client.hget(key(`report:${incidentId}`), 'doc'))),
      votes: (incidentId) =>
        listed<Vote>(documentsScript, [incidentId === undefined ? 'votes' : `votes:${incidentId}`, 'vote-docs', '-inf', -1]),
      learning: () => reading(async () => document<Learning>(await client.get(key('learning')))),
      acts: (sinceAt, limit) => listed<Act>(documentsScript, ['acts', 'act-docs', sinceAt, limit]),
      inbox: (id) => reading(async () => document<InboxEntry>(await client.hget(key(`inbox:${id}`), 'doc'))),
      inboxSince: (kind, at, limit) => listed<InboxEntry>(inboxSinceScript, [kind, at, limit]),
      receipts: (incidentId) =>
        reading(async () => {
          const found = Object.values(await client.hgetall(key(`receipts:${incidentId}`))).map((doc) => JSON.parse(doc) as Receipt);
          return found.sort((a, b) => compare(a.sink, b.sink) || compare(a.channel, b.channel));
        }),
      incidentAt: (sink, channel, messageId) => reading(() => client.hget(key('places'), messageKey(placeKey(sink, channel), messageId))),
      deadLetters: (limit) => listed<DeadLetter>(deadLettersScript, [limit]),
    },
    buried: (wanted) =>
      reading(async () => {
        const docs = await client.hmget(key('dead-letters'), ...wanted.map(({ id }) => id));
        return wanted.flatMap(({ dueAt }, i) => {
          const letter = document<DeadLetter>(docs[i] ?? null);
          return letter === null ? [] : [{ ...letter, dueAt }];
        });
      }),
  };
}

type IncidentReader = Pick<Ledger, 'incident' | 'incidents'> & Pick<RedisRecords, 'keep'>;

function incidentReader(client: RedisClient, reading: <T>(read: () => Promise<T>) => Promise<T>): IncidentReader {
  const kept = new Map<string, Incident>();
  function keep(incident: Incident): Incident {
    kept.delete(incident.id);
    kept.set(incident.id, incident);
    for (const oldest of kept.keys()) {
      if (kept.size <= maxKept) break;
      kept.delete(oldest);
    }
    return incident;
  }
  async function missing(rows: readonly string[][]): Promise<Map<string, Incident>> {
    const wanted = rows.flatMap(([id = '', revision]) => (String(kept.get(id)?.revision) === revision ? [] : [id]));
    const docs = await Promise.all(wanted.map((id) => client.hget(key(`incident:${id}`), 'doc')));
    return new Map(docs.flatMap((doc, i) => (doc === null ? [] : [[wanted[i] ?? '', keep(JSON.parse(doc) as Incident)] as const])));
  }
  return {
    keep(incidents) {
      // Another's later one may have been read while our answer was on its way.
      for (const incident of incidents) if ((kept.get(incident.id)?.revision ?? 0) < incident.revision) keep(incident);
    },
    incident: (id) =>
      reading(async () => {
        const known = kept.get(id);
        const [revision, doc] = (await runScript(client, incidentScript, [id, known?.revision ?? ''])) as string[];
        if (revision === undefined) return null;
        return doc ? keep(JSON.parse(doc) as Incident) : (known ?? null);
      }),
    incidents: (query) =>
      reading(async () => {
        const limit = Math.max(1, Math.floor(query.limit));
        const { openedAt, row } = placeIn(query.after);
        const [first = 'incidents', ...others] = setsFor(query);
        const rows = (await runScript(client, incidentsScript, [first, limit + 1, openedAt, row, ...others])) as string[][];
        const page = rows.slice(0, limit);
        const read = await missing(page);
        const last = rows.length > limit ? page.at(-1) : undefined;
        return {
          incidents: page.flatMap(([id = '']) => read.get(id) ?? kept.get(id) ?? []),
          next: last === undefined ? null : `${last[2]}-${Number(last[3])}`,
        };
      }),
  };
}

/** The sets an incident has to be in, the one that should have the fewest first. */
function setsFor({ state, live, service }: IncidentQuery): string[] {
  return [
    ...(service === undefined ? [] : [`incidents:service:${service}`]),
    ...(live === true ? ['incidents:live'] : []),
    ...(state === undefined ? [] : [`incidents:state:${state}`]),
  ];
}

/** Rows are numbers of thirteen digits where they are compared as text. */
function placeIn(after: string | undefined): { openedAt: string; row: string } {
  if (after === undefined) return { openedAt: '+inf', row: '' };
  const [, openedAt, row] = /^(\d{1,15})-(\d{1,13})$/.exec(after) ?? [];
  if (openedAt === undefined || row === undefined)
    throw new Failure('rejected', 'ledger', 'list incidents', { path: 'after', hint: 'it is not a place this list has given out' });
  return { openedAt, row: row.padStart(13, '0') };
}

/** What was stored is trusted: TracePulse wrote it from a typed value. */
function document<T>(doc: string | null): T | null {
  return doc === null ? null : (JSON.parse(doc) as T);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
