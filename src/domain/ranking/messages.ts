/**
 * Messages on their way from whoever puts them into a queue to whoever takes them, as far as both stand in one trace. The queue
 * tells of itself by its name in what is done to it; without kinds of spans the names of both ends do, whatever comes first.
 *
 *   orders ─ "send paid" (kafka/paid) ─ mailer "process paid"        or "paid publish" and "paid receive"
 */
import { endedJustNow } from '../baseline/lost-entries.ts';
import { peerKind, spanStatus, type TelemetryWindow } from '../telemetry.ts';
import type { Departure } from './departures.ts';
import type { Scene } from './scene.ts';

/** What those do that take from a queue, as OpenTelemetry and its instrumentations name it; a request may be named like a queue. */
const taking = /\b(?:receiv|process|consum|poll|deliver|settle|subscri|listen)/i;
const queueFirst = /^(.+) (?:process|receive|consume|deliver)$/;
const queueLast = /^(?:process|receive|consume|deliver|poll) (.+)$/;
const sending = ['publish', 'send', 'create', 'produce'];

/** By visit that sent a message which the lost operation takes, and that was not taken there. */
export interface Untaken {
  readonly sent: ReadonlySet<number>;
  /** Those whose message has not waited longer than messages do: it may be taken yet. */
  readonly waiting: ReadonlySet<number>;
}

const nothing: Untaken = { sent: new Set(), waiting: new Set() };

/**
 * Messages since an onset that an operation used to take. Nothing where it takes none. `leastPatienceMs`: no message counts that has
 * waited for less.
 */
export function untakenMessages(scene: Scene, departure: Pick<Departure, 'unit' | 'item' | 'onset'>, leastPatienceMs = 0): Untaken {
  const operation = scene.lexicon.parts(departure.item)[2] ?? '';
  if (!taking.test(operation)) return nothing;
  const { visits, bucketOfTrace, window, tree } = scene.recent;
  const taken = takenIn(scene, departure.item);
  const isFresh = endedJustNow(window, tree);
  const patience = Math.max(leastPatienceMs, 2 * usualWait(scene, taken));
  const [sent, waiting] = [new Set<number>(), new Set<number>()];
  for (const [row, visit] of sendersTo(scene, operation)) {
    if (visits.unit[visit] !== departure.unit || bucketOfTrace[visits.trace[visit]!]! < departure.onset || taken.has(visit)) continue;
    sent.add(visit);
    if (isFresh(row) || endOf(scene, row) + patience > scene.lastAt) waiting.add(visit);
  }
  return { sent, waiting };
}

/** A message that could not be put into its queue: there is none that anybody could take. */
export const isUnsent = ({ spans }: TelemetryWindow, row: number): boolean =>
  spans.peerKind[row] === peerKind.queue && spans.status[row] === spanStatus.error;

/** Spans that put a message where an operation takes it from, with their visits. */
function sendersTo({ lexicon, recent: { visits, window } }: Scene, operation: string): [row: number, visit: number][] {
  const { spans, strings } = window;
  const found: [number, number][] = [];
  const failed = new Set<number>();
  for (let row = 0; row < spans.length; row++) {
    const visit = visits.ofSpan[row]!;
    if (spans.peerKind[row] !== peerKind.queue || visit < 0) continue;
    if (isUnsent(window, row)) failed.add(visit);
    else if (isNamedIn(operation, strings.text(spans.peer[row]!))) found.push([row, visit]);
  }
  const queue = queueFirst.exec(operation)?.[1] ?? queueLast.exec(operation)?.[1];
  if (queue === undefined) return found;
  const steps = new Set(sending.flatMap((verb) => [lexicon.id('S', `${queue} ${verb}`), lexicon.id('S', `${verb} ${queue}`)]));
  for (let i = 0; i < visits.item.length; i++)
    if (steps.has(visits.item[i]!) && !failed.has(visits.itemVisit[i]!)) found.push([visits.itemRow[i]!, visits.itemVisit[i]!]);
  return found;
}

/** `orders` of `queue:kafka/orders`, in what its consumer does; a queue without a name is nobody's. */
function isNamedIn(operation: string, peer: string): boolean {
  const at = peer.indexOf('/');
  const name = peer.slice(at + 1);
  if (at < 0 || name === '') return false;
  for (let found = operation.indexOf(name); found >= 0; found = operation.indexOf(name, found + 1))
    if (!inWord.test(operation[found - 1] ?? ' ') && !inWord.test(operation[found + name.length] ?? ' ')) return true;
  return false;
}

const inWord = /[\w-]/;

/** Of a hundred messages so many are taken within that time, ms: consumers may gather them, or come by once a minute. */
const nearlyAll = 0.95;

function usualWait(scene: Scene, taken: ReadonlyMap<number, number>): number {
  const { tree } = scene.recent;
  const waits: number[] = [];
  for (const row of taken.values())
    if (tree.parent[row]! >= 0) waits.push(Math.max(0, tree.startMs[row]! - endOf(scene, tree.parent[row]!)));
  waits.sort((a, b) => a - b);
  return waits[Math.floor(nearlyAll * waits.length)] ?? 0;
}

/** The span that took it, by visit whose message was taken. */
function takenIn({ recent: { visits } }: Scene, item: number): Map<number, number> {
  const taken = new Map<number, number>();
  for (let i = 0; i < visits.item.length; i++) if (visits.item[i] === item) taken.set(visits.itemVisit[i]!, visits.itemRow[i]!);
  return taken;
}

const endOf = ({ recent: { tree, window } }: Scene, row: number): number => tree.startMs[row]! + window.spans.durationMs[row]!;
