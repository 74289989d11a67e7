/**
 * Messages that are sent as ever and that nobody takes any more: whoever took nearly all of them before is at fault, and not those that
 * send them, wait for what comes of it, and fail.
 *
 *   orders ─ puts into dispatch ✗ worker (took it in 29 of 29 requests, now in none)        worker, whatever orders says of it
 */
import { peerKind, spanStatus } from '../telemetry.ts';
import { convincing, type Departure } from './departures.ts';
import type { Scene } from './scene.ts';

/** By visit that sent a message which was not taken: who has always taken it. */
export type Unconsumed = ReadonlyMap<number, string>;

/** Of the requests since, so many may still have theirs taken, and so many of the others must have sent it. */
const hardlyAny = 0.1;
const stillSent = 0.6;
/** What those do that take from a queue, as OpenTelemetry and its instrumentations name it; a request may be named like a queue. */
const taking = /\b(?:receiv|process|consum|poll|deliver|settle|subscri|listen)/i;

export function unconsumed(scene: Scene, departures: readonly Departure[]): Unconsumed {
  const found = new Map<number, string>();
  let sending: readonly number[] | null = null;
  for (const { unit, item, signal, strength, onset, after } of departures) {
    if (signal !== 'call' || strength < convincing || after[0] > hardlyAny * after[1]) continue;
    const [mark, consumer = '', operation = ''] = scene.lexicon.parts(item);
    if (mark !== 'C' || !taking.test(operation)) continue;
    sending ??= untakenIn(scene);
    const sent = senders(scene, sending, { unit, onset, operation });
    if (sent.size >= stillSent * after[1]) for (const visit of sent) found.set(visit, consumer);
  }
  return found;
}

/** Spans that put a message into a queue, with nothing beneath. What failed put in nothing that anybody could take. */
function untakenIn({ recent: { window, tree } }: Scene): number[] {
  const rows: number[] = [];
  const { spans } = window;
  for (let row = 0; row < spans.length; row++)
    if (spans.peerKind[row] === peerKind.queue && spans.status[row] !== spanStatus.error && tree.firstChild[row]! < 0) rows.push(row);
  return rows;
}

interface Lost {
  readonly unit: number;
  readonly onset: number;
  readonly operation: string;
}

/** Visits of a unit since a bucket that put a message into the queue whose name stands in what its consumer does. */
function senders({ recent }: Scene, sending: readonly number[], { unit, onset, operation }: Lost): Set<number> {
  const { visits, bucketOfTrace, window } = recent;
  const { spans, strings } = window;
  const found = new Set<number>();
  for (const row of sending) {
    const visit = visits.ofSpan[row]!;
    if (visit < 0 || visits.unit[visit] !== unit || bucketOfTrace[spans.trace[row]!]! < onset) continue;
    const destination = destinationIn(strings.text(spans.peer[row]!));
    if (destination !== '' && operation.includes(destination)) found.add(visit);
  }
  return found;
}

/** `orders` of `queue:kafka/orders`; `''` where the queue has no name. */
function destinationIn(peer: string): string {
  const at = peer.indexOf('/');
  return at < 0 ? '' : peer.slice(at + 1);
}
