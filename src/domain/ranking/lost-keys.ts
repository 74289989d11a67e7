/**
 * Caches that lost what they held. Nothing fails and nothing is slow there: but whoever looks something up finds nothing, gets it the long
 * way and writes it back. So clients write after far more of their look-ups than they did. Where several do from the same moment on, and
 * fewer do as ever, the keys are gone; one alone asks for what it never wrote, by names that it has changed.
 *
 *   catalog ─ GET, 1 in 10 followed by SET ──┐
 *   home    ─ GET, 1 in 12 followed by SET ──┴─ cache       now 9 in 10 of both: the cache
 */
import { readsKeys, writesKeys } from '../baseline/cache-text.ts';
import { peerKind, spanKind } from '../telemetry.ts';
import { likelihoodRatio } from './likelihood.ts';
import { buckets, onsetAt, type Scene } from './scene.ts';
import { silentName } from './stores.ts';
import { finding, type Suspicions } from './suspicion.ts';

/** Fewer look-ups than this, before and since, show no habit. */
const fewest = 8;
/** It writes after at least this share of its look-ups, and so many times as often as before. */
const mostly = 0.3;
const farMore = 3;
/** Less clearly than this it is chance (a log-likelihood ratio). */
const convincing = 4;
/** However much more often. */
const most = 2.5;
/** As many look-ups since are half believed. */
const half = 5;

/** What one service does with one cache: lately by bucket, and in normal times. */
interface Client {
  readonly service: string;
  readonly reads: number[];
  readonly writes: number[];
  readonly past: { reads: number; writes: number };
  /** Traces of its writes, with their buckets. */
  readonly traces: { readonly trace: number; readonly bucket: number }[];
}

interface Habit {
  readonly onset: number;
  readonly before: number;
  readonly since: number;
  readonly clear: number;
  readonly strength: number;
}

export function judgeLostKeys(scene: Scene, suspicions: Suspicions): void {
  for (const [peer, clients] of cachesIn(scene)) {
    const name = silentName(scene, peer, true);
    const known = [...clients.values()].map((client) => ({ client, habit: changed(client) }));
    const troubled = known.filter((one): one is { client: Client; habit: Habit } => one.habit !== null);
    const well = known.filter(({ client, habit }) => habit === null && sum(client.reads) >= fewest);
    const isGone = troubled.length > 1 && troubled.length > well.length;
    if (name === null || (!isGone && troubled.length !== 1)) continue;
    const { client, habit } = troubled.reduce((one, other) => (other.habit.strength > one.habit.strength ? other : one));
    const blamed = isGone ? name : client.service;
    if (isGone) for (const { client: of } of troubled) if (of.service !== blamed) scene.known.addEdge(of.service, blamed);
    const who = isGone ? troubled.map(({ client: of }) => of.service).join(', ') : client.service;
    const text = `${who} write${isGone ? '' : 's'} to ${name} after ${percent(habit.since)} of look-ups there, before after ${percent(habit.before)}: what ${isGone ? 'they look' : 'it looks'} up is not there.`;
    const traces = troubled.flatMap(({ client: of }) => of.traces.filter(({ bucket }) => bucket >= habit.onset).map(({ trace }) => trace));
    const part = { kind: 'error', source: 'span', subject: `lost keys ${name}`, text, at: onsetAt(scene, habit.onset) } as const;
    // Of a cache that nobody else uses it is not known whether it lost its keys.
    const ambiguous = !isGone && well.length === 0;
    const { strength, onset } = habit;
    suspicions.add(blamed, 'asking', strength, [finding({ ...part, strength, onset, ambiguous, traces: [...new Set(traces)] })]);
  }
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const sum = (list: readonly number[], from = 0, to = buckets): number => list.slice(from, to).reduce((total, n) => total + n, 0);

/** Clients of each cache, by the peer that spans name. */
function cachesIn({ recent, normal, lexicon }: Scene): Map<string, Map<string, Client>> {
  const { spans, strings } = recent.window;
  const found = new Map<string, Map<string, Client>>();
  for (const [series, { rows, times }] of recent.delays) {
    const [kind, service = '', operation = ''] = lexicon.parts(series);
    const row = rows[0];
    if (kind !== 'D' || row === undefined || spans.kind[row] !== spanKind.client || spans.peerKind[row] !== peerKind.database) continue;
    const isRead = readsKeys.test(operation);
    if (!isRead && !writesKeys.test(operation)) continue;
    // Spans of several caches under one name tell none of them.
    if (rows.some((other) => spans.peer[other] !== spans.peer[row])) continue;
    const peer = strings.text(spans.peer[row]!);
    const clients = found.get(peer) ?? new Map<string, Client>();
    found.set(peer, clients);
    const counts = (): number[] => new Array<number>(buckets).fill(0);
    const client = clients.get(service) ?? { service, reads: counts(), writes: counts(), past: { reads: 0, writes: 0 }, traces: [] };
    clients.set(service, client);
    client.past[isRead ? 'reads' : 'writes'] += normal.delays.get(series)?.total ?? 0;
    for (const [i, bucket] of times.entries()) {
      client[isRead ? 'reads' : 'writes'][bucket]!++;
      if (!isRead) client.traces.push({ trace: spans.trace[rows[i]!]!, bucket });
    }
  }
  return found;
}

/** Since when most clearly more of a client's look-ups are followed by writing; null where they are as ever. */
function changed({ reads, writes, past }: Client): Habit | null {
  let best: Habit | null = null;
  for (let onset = 0; onset < buckets; onset++) {
    const [n, m] = [sum(reads, onset), past.reads + sum(reads, 0, onset)];
    if (n < fewest || m < fewest) continue;
    const [hits, hitsBefore] = [Math.min(n, sum(writes, onset)), Math.min(m, past.writes + sum(writes, 0, onset))];
    const [since, before] = [hits / n, hitsBefore / m];
    if (since < mostly || since < farMore * before) continue;
    const clear = likelihoodRatio(hitsBefore, m, hits, n);
    const strength = (Math.min(most, Math.log(since / Math.max(before, 1 / m))) * n) / (n + half);
    if (clear >= Math.max(convincing, best?.clear ?? 0)) best = { onset, before, since, clear, strength };
  }
  return best;
}
