/**
 * Stores, caches and hosts elsewhere that send no spans: what they do is seen by their clients alone. Calls to one that fail
 * or slow for several clients speak against it, unless as many find it well. One client alone may be wrong itself (its
 * queries, its pool, its account). There it is the store only where spans call it a database, the client was not released
 * lately, and either its calls fail and say of nothing else than being refused or cut off, or they are slower and nothing else of the client
 * departs: who says that it waited in vain may have waited for its own pool. Where the store tells of itself, by the words it has for it
 * (`unfit-stores.ts`) or by far more work than it ever had while nobody asks it more, that is enough. A store that no list and no telemetry names is a part of the one service that has it.
 *
 *   orders ── slow ──┐                       orders ── slow ──┐
 *   billing ─ slow ──┴─ db:ledger, at fault   billing ─ quick ─┴─ db:ledger, and orders is at fault
 */
import { callerFault, callerFaultCodes, isHungUp, unreachedIn } from '../baseline/failure-text.ts';
import { peerKind, spanKind, spanStatus } from '../telemetry.ts';
import type { Departure } from './departures.ts';
import { isCutOff } from './cut-off.ts';
import { isTaken } from './dangling.ts';
import { isElsewhere, isStorePort } from './known.ts';
import { likelihoodRatio } from './likelihood.ts';
import { wasReleased } from './releases.ts';
import { buckets, type Scene } from './scene.ts';
import type { Shift } from './shifts.ts';
import { unfitBrokers, unfitStores } from './unfit-stores.ts';

/** What a client's calls to a store show. */
interface Client {
  readonly service: number;
  /** Lately, by bucket: calls, and those that failed by no fault of what was asked. */
  readonly calls: number[];
  readonly failed: number[];
  /** Failures that say what went wrong, and nobody refused or hung up. */
  otherwise: number;
  /** Failures that quote the store's word for what is wrong with it. */
  unfit: number;
  /** Calls timed in normal times. */
  past: number;
  shift: Shift | null;
}

interface Store {
  readonly name: string;
  readonly isDatabase: boolean;
  /** A list or telemetry of its own tells of it. */
  readonly isListed: boolean;
  readonly clients: Map<number, Client>;
}

/** A store at fault, and the clients that suffer it, by number in the window's strings. */
export interface StoreAtFault {
  readonly name: string;
  readonly clients: ReadonlySet<number>;
  /** A client that makes most of its calls asks it far more than it did: it may only be busy for that. */
  readonly isDriven?: boolean;
}

/** By the peer that spans name, by number in the window's strings. */
export type StoresAtFault = ReadonlyMap<number, StoreAtFault>;

/** Fewer calls than this find nobody well. */
const fewest = 3;
/** Failures less likely by chance than this are none (a log-likelihood ratio; see `excuses.ts`). */
const convincing = 2.5;
/** From the first strength on calls are slower, from the second on surely. */
const slower = 0.5;
const surelySlower = 1.2;
/** What departs less than this share of it is not as much. */
const asMuch = 0.5;

/** What else was found of the recent minutes. */
interface Found {
  readonly own: ReadonlyMap<string, readonly Shift[]>;
  readonly departures: readonly Departure[];
  /** Services at work for far more than they ever were (see `resources.ts`). */
  readonly strained: ReadonlySet<string>;
}

export function storesAtFault(scene: Scene, { own, departures, strained }: Found): StoresAtFault {
  // Spans give the queue's name alone: it is its broker's matter where that says so itself.
  const found = new Map<number, StoreAtFault>(unfitBrokers(scene));
  const stores = silentPeers(scene);
  noteShifts(scene, stores, own);
  for (const [peer, { name, isDatabase, isListed, clients: all }] of stores) {
    if (found.has(peer)) continue;
    // Who reaches others no better tells nothing of a store.
    const clients = [...all.values()].filter(({ service }) => !isCutOff(scene, service, peer));
    const since = clients.map((client) => failingSince(scene, client) ?? (isSlower(client, slower) ? client.shift!.onset : null));
    const troubled = clients.filter((_, i) => since[i] !== null);
    const first = Math.min(...since.map((onset) => onset ?? buckets));
    // The bucket in which it began holds calls from before as well.
    const well = clients.filter(({ calls }, i) => since[i] === null && sumOf(calls, Math.min(first + 1, buckets - 1)) >= fewest);
    const [only] = troubled;
    const isToil = isDatabase && strained.has(name) && troubled.some((client) => isMadeToWait(scene, client));
    const isAtFault =
      troubled.length > 1
        ? troubled.length > well.length
        : only !== undefined && well.length === 0 && isDatabase && isOnlyTrouble(scene, only, own, departures);
    if (!isToil && !troubled.some(saysUnfit) && !isAtFault) continue;
    const services = troubled.map(({ service }) => scene.recent.window.strings.text(service));
    // What nobody lists and one service has to itself is a part of that service.
    const isOwn = troubled.length === 1 && !isListed;
    const blamed = isOwn ? services[0]! : name;
    for (const service of services) if (service !== blamed) scene.known.addEdge(service, blamed);
    const isDriven = !isOwn && clients.some((client) => isDriving(scene, client, clients, first));
    found.set(peer, { name: blamed, clients: new Set(troubled.map(({ service }) => service)), isDriven });
  }
  return found;
}

/** Whether what a client is told, as a rule, is that the store cannot do its work. */
const saysUnfit = ({ unfit, failed }: Client): boolean => unfit >= fewest && unfit >= asMuch * sumOf(failed, 0);

/** From so many times as many calls for each span of its own on, a client asks more than it did. */
const more = 2;

/** Whether a store takes a client surely longer, which asks it no more than ever and was not released lately. */
const isMadeToWait = (scene: Scene, client: Client): boolean =>
  isSlower(client, surelySlower) &&
  !wasReleased(scene, scene.recent.window.strings.text(client.service)) &&
  client.past >= fewest &&
  !isAskingMore(scene, client, client.shift!.onset);

/** Whether a client makes far more calls to a store, for each span of its own, than it did. */
function isAskingMore({ recent, normal, lexicon }: Scene, client: Client, onset: number): boolean {
  const service = lexicon.id(recent.window.strings.text(client.service));
  const now = sumOf(client.calls, onset);
  const before = client.past + sumOf(client.calls, 0, onset);
  const others = recent.spans.sum(service, onset) - now;
  const othersBefore = normal.spans.sum(service) + recent.spans.sum(service, 0, onset) - before;
  return now * othersBefore >= more * before * others;
}

/** Of a client's calls so many failed that it may ask again for that. */
const retried = 0.2;

/** Whether most of a store's calls are a client's that asks it far more than it did, and not for failing. */
function isDriving(scene: Scene, client: Client, all: readonly Client[], onset: number): boolean {
  const calls = (of: Client): number => sumOf(of.calls, onset);
  const isMain = 2 * calls(client) > all.reduce((sum, one) => sum + calls(one), 0);
  if (!isMain || client.past < fewest || sumOf(client.failed, onset) > retried * calls(client)) return false;
  return isAskingMore(scene, client, onset);
}

/** The store at fault that a span calls, where it does. */
export function storeOf(scene: Scene, stores: StoresAtFault, row: number): StoreAtFault | null {
  const { spans } = scene.recent.window;
  const store = stores.get(spans.peer[row]!);
  return store?.clients.has(spans.service[row]!) ? store : null;
}

const isSilentKind: ReadonlySet<number> = new Set([peerKind.database, peerKind.queue, peerKind.host]);

/** Peers of calls that nobody of those who send spans took. */
function silentPeers(scene: Scene): Map<number, Store> {
  const { window, bucketOfTrace } = scene.recent;
  const { spans, strings } = window;
  const found = new Map<number, Store | null>();
  const counts = (): number[] => new Array<number>(buckets).fill(0);
  const quotes = unfitStores(scene).calls;
  for (let row = 0; row < spans.length; row++) {
    const [peer, bucket] = [spans.peer[row]!, bucketOfTrace[spans.trace[row]!]!];
    if (peer < 0 || bucket < 0 || !isSilentKind.has(spans.peerKind[row]!)) continue;
    if (spans.kind[row] === spanKind.server || spans.kind[row] === spanKind.consumer) continue;
    let store = found.get(peer);
    if (store === undefined) {
      const isDatabase = spans.peerKind[row] === peerKind.database;
      const name = silentName(scene, strings.text(peer), isDatabase);
      store = name === null ? null : { name, isDatabase, isListed: name !== strings.text(peer), clients: new Map() };
      found.set(peer, store);
    }
    if (store === null) continue;
    // Who answers a message or a call through a proxy is somebody else.
    if (isTaken(scene, row)) {
      found.set(peer, null);
      continue;
    }
    const service = spans.service[row]!;
    const client = store.clients.get(service) ?? {
      service,
      calls: counts(),
      failed: counts(),
      otherwise: 0,
      unfit: 0,
      past: 0,
      shift: null,
    };
    store.clients.set(service, client);
    client.calls[bucket]!++;
    if (spans.status[row] !== spanStatus.error || callerFaultCodes.has(spans.statusCode[row]!)) continue;
    const problem = spans.problem[row]! >= 0 ? strings.text(spans.problem[row]!) : '';
    const told = unreachedIn(problem);
    if (told?.manner === 'denied' || callerFault.test(problem)) continue;
    client.failed[bucket]!++;
    if (quotes.has(row)) client.unfit++;
    if (problem !== '' && told?.manner !== 'refused' && !isHungUp(problem)) client.otherwise++;
  }
  return new Map([...found].filter((entry): entry is [number, Store] => entry[1] !== null));
}

/** The host that spans name a peer by: `db:ledger:5432` → `ledger`. */
export const hostOfPeer = (peer: string): string => peer.replace(/^(?:ext|db):/, '').replace(/:\d+$/, '');

/** What a list or telemetry calls it, else what spans do; null for a service that sends spans, which no database is. */
export function silentName({ known, recent, normal, lexicon }: Scene, peer: string, isDatabase: boolean): string | null {
  const host = hostOfPeer(peer);
  const name = known.resolve(host.toLowerCase(), null)?.service ?? peer;
  const number = lexicon.id(name);
  const isTraced = recent.spans.sum(number) + normal.spans.sum(number) > 0;
  return isTraced ? (isDatabase ? peer : null) : name;
}

/**
 * Whom calls speak against that nobody took: the host they are to. A store of one's own network that no list has and that one service
 * has to itself is a part of that service; where spans do not say that it is a store, the port does that its client quotes.
 */
export function answerable(scene: Scene, caller: string, peer: string): string {
  const name = silentName(scene, peer, false);
  if (name !== null && name !== peer) return name;
  const host = hostOfPeer(peer).toLowerCase();
  const { known, recent } = scene;
  if (!peer.startsWith('ext:') || isElsewhere(host) || known.callers(peer).some((other) => other !== caller)) return peer;
  return recent.failing.some((line) => line.host === host && line.port !== null && isStorePort(line.port)) ? caller : peer;
}

/** Times of calls that have changed go with the client and the store that they were seen between. */
function noteShifts(scene: Scene, stores: ReadonlyMap<number, Store>, own: ReadonlyMap<string, readonly Shift[]>): void {
  const { recent, normal } = scene;
  const { spans } = recent.window;
  const shifts = new Map([...own.values()].flat().map((shift) => [shift.series, shift]));
  for (const [series, { rows }] of recent.delays) {
    const row = rows[0];
    if (row === undefined || rows.some((other) => spans.peer[other] !== spans.peer[row])) continue;
    const client = stores.get(spans.peer[row]!)?.clients.get(spans.service[row]!);
    if (client === undefined) continue;
    client.past += normal.delays.get(series)?.total ?? 0;
    const shift = shifts.get(series) ?? null;
    if (shift !== null && shift.strength > (client.shift?.strength ?? 0)) client.shift = shift;
  }
}

const isSlower = ({ shift }: Client, from: number): boolean => shift !== null && shift.strength >= from;

const sumOf = (list: readonly number[], from: number, to = buckets): number => list.slice(from, to).reduce((total, n) => total + n, 0);

/** The onset since which most clearly more of its calls fail; null where none do. All that the client had begin there stand against it. */
function failingSince({ normal, lexicon, recent }: Scene, { service, calls, failed, past }: Client): number | null {
  const learned = normal.began.sum(lexicon.id(recent.window.strings.text(service)));
  let best: { readonly onset: number; readonly clear: number } | null = null;
  for (let onset = 0; onset < buckets; onset++) {
    const [n, hits] = [sumOf(calls, onset), sumOf(failed, onset)];
    const before = past + sumOf(calls, 0, onset);
    const hitsBefore = Math.min(before, learned + sumOf(failed, 0, onset));
    if (n === 0 || hits === 0 || (before > 0 && hits / n <= hitsBefore / before)) continue;
    const clear = before > 0 ? likelihoodRatio(hitsBefore, before, hits, n) : hits;
    if (clear >= Math.max(convincing, best?.clear ?? 0)) best = { onset, clear };
  }
  return best?.onset ?? null;
}

/** Whether a client departs in nothing else than its calls to one store. */
function isOnlyTrouble(
  scene: Scene,
  client: Client,
  own: ReadonlyMap<string, readonly Shift[]>,
  departures: readonly Departure[],
): boolean {
  const { recent } = scene;
  const service = recent.window.strings.text(client.service);
  if (wasReleased(scene, scene.recent.window.strings.text(client.service))) return false;
  if (failingSince(scene, client) !== null) return client.otherwise === 0;
  const { shift } = client;
  if (shift === null || !isSlower(client, surelySlower)) return false;
  if (departures.some(({ unit, strength }) => strength >= convincing && scene.lexicon.parts(unit)[1] === service)) return false;
  const { spans } = recent.window;
  const peerOf = (series: number): number => spans.peer[recent.delays.get(series)!.rows[0]!]!;
  return (own.get(service) ?? []).every(
    ({ series, strength }) => peerOf(series) === peerOf(shift.series) || strength < asMuch * shift.strength,
  );
}
