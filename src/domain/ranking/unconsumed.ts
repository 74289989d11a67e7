/**
 * Messages that are sent as ever and that nobody takes any more: whoever took nearly all of them before is at fault, and not those that
 * send them, wait for what comes of it, and fail.
 *
 *   orders ─ puts into dispatch ✗ worker (took it in 29 of 29 requests, now in none)        worker, whatever orders says of it
 */
import { convincing, type Departure } from './departures.ts';
import { untakenMessages } from './messages.ts';
import type { Scene } from './scene.ts';

/** By visit that sent a message which was not taken: who has always taken it. */
export type Unconsumed = ReadonlyMap<number, string>;

/** Of the requests since, so many may still have theirs taken, and so many of the others must have sent it. */
const hardlyAny = 0.1;
const stillSent = 0.6;

export function unconsumed(scene: Scene, departures: readonly Departure[]): Unconsumed {
  const found = new Map<number, string>();
  for (const departure of departures) {
    const { item, signal, strength, after } = departure;
    if (signal !== 'call' || strength < convincing || after[0] > hardlyAny * after[1]) continue;
    const [mark, consumer = ''] = scene.lexicon.parts(item);
    if (mark !== 'C') continue;
    const { sent, waiting } = untakenMessages(scene, departure);
    if (sent.size - waiting.size >= stillSent * after[1]) for (const visit of sent) found.set(visit, consumer);
  }
  return found;
}
