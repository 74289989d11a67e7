/**
 * How long calls between two services take, before and lately. The same calls may be told of twice: the caller's account holds the way
 * there and back, the callee's does not, so that what the one has more than the other lies between them.
 */
import { median } from '../baseline/clock.ts';
import { recentMs } from './edge-metrics.ts';
import type { Reading } from './metric-readings.ts';

/** So many measurements of an edge before, and since, tell what is usual and what lasts. */
const fewestBefore = 6;
const fewestSince = 3;
/** Less than twice as long comes with the hour. */
const clearly = 2;

export interface Times {
  readonly usual: number;
  readonly now: number;
}

export interface Edge extends Times {
  readonly client: string;
  readonly server: string;
}

export interface EdgeTimes {
  /** As the caller tells it, or else whoever does. */
  readonly edges: readonly Edge[];
  /** By service, how long it says itself that what it is asked for takes, whoever asks. */
  readonly told: ReadonlyMap<string, readonly Times[]>;
}

export const isSlower = ({ usual, now }: Times): boolean => now >= clearly * usual;
export const riseOf = ({ usual, now }: Times): number => now - usual;

export function edgeTimes(readings: readonly Reading[], alertAt: number): EdgeTimes {
  const timed = readings.filter(({ measured, client, server }) => measured === 'latency' && client !== server);
  const edges: Edge[] = [];
  const called = timed.filter(({ client }) => client !== '');
  for (const all of Map.groupBy(called, ({ client, server, base }) => `${client}\n${server}\n${base}`).values()) {
    const { client, server } = all[0]!;
    const byCaller = all.filter(({ service }) => service === client);
    const times = timesOf(byCaller, alertAt) ?? timesOf(all, alertAt);
    if (times !== null) edges.push({ client, server, ...times });
  }
  const told = new Map<string, Times[]>();
  const own = timed.filter(({ service, server }) => service === server);
  for (const list of Map.groupBy(own, ({ client, server, base }) => `${client}\n${server}\n${base}`).values()) {
    const times = timesOf(list, alertAt);
    if (times !== null) told.set(list[0]!.server, [...(told.get(list[0]!.server) ?? []), times]);
  }
  return { edges, told };
}

function timesOf(list: readonly Reading[], alertAt: number): Times | null {
  const since: number[] = [];
  const before: number[] = [];
  for (const { at, values } of list)
    for (const [i, time] of at.entries()) if (time <= alertAt) (time > alertAt - recentMs ? since : before).push(values[i]!);
  return before.length < fewestBefore || since.length < fewestSince ? null : { usual: median(before), now: median(since) };
}
