/** Reads what is remembered; of incidents see `incident-reader.ts`. */
import type { Act } from '../../../domain/act.ts';
import type { Vote } from '../../../domain/feedback.ts';
import type { Learning } from '../../../domain/learning/contest.ts';
import type { Receipt, Report } from '../../../domain/report.ts';
import type { DeadLetter, InboxEntry, Ledger } from '../../../ports.ts';
import { keyPrefix, type RedisClient, redisFailure, runScript } from '../../redis-connection.ts';
import { messageKey, placeKey } from './encode-change.ts';
import { deadLettersScript, documentsScript, inboxSinceScript } from './read-scripts.ts';

type Readers = Omit<
  Ledger,
  | 'commit'
  | 'deciding'
  | 'incident'
  | 'incidents'
  | 'claimWork'
  | 'claimOutbox'
  | 'postpone'
  | 'prolong'
  | 'nextDueAt'
  | 'forgetBefore'
  | 'forgetIncident'
  | 'close'
>;

export interface RedisRecords {
  readonly readers: Readers;
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
  return {
    readers: {
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

/** What was stored is trusted: TracePulse wrote it from a typed value. */
function document<T>(doc: string | null): T | null {
  return doc === null ? null : (JSON.parse(doc) as T);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
