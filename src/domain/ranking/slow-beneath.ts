/**
 * Whether what a service calls explains that it got slower, where none of its old pods is left to compare with.
 *
 *   feed v2, nobody left of v1: 170 ms, before 20 ─ ranker: v1 20 ms as ever, v2 430 ms: ranker's release
 */
import type { Change } from '../change.ts';
import type { Reading } from './metric-readings.ts';
import { newPods } from './pods-of-release.ts';
import type { Scene } from './scene.ts';

/** A callee explains what got slower where it did by at least this part of it. */
const goodPart = 0.25;

/** Whether something that the service calls got slower by a good part of what the service did; `rise`: by how many ms that is. */
export function slowBelow({ known, input }: Scene, { service, startedAt }: Change, readings: readonly Reading[], rise: number): boolean {
  return [...known.calls(service)].some((callee) => {
    const mean = meanOf(ownLatency(callee, readings));
    const [now, before] = [mean((_, at) => at >= startedAt && at <= input.alertAt), mean((_, at) => at < startedAt)];
    return now - before > goodPart * rise;
  });
}

/**
 * The service it calls that was released too, and whose new pods are slower than the old ones beside them by as much at least: whoever
 * waits for some of them gets no slower than they are. Of several, the one whose are slowest.
 */
export function slowReleaseBelow(
  { known, input }: Scene,
  service: string,
  { changes, readings, rise }: { readonly changes: readonly Change[]; readonly readings: readonly Reading[]; readonly rise: number },
): string | null {
  const slower = (other: Change): number => {
    const list = ownLatency(other.service, readings);
    const isNew = newPods(list, other);
    if (isNew === null) return 0;
    const mean = meanOf(list);
    const isSince = (at: number): boolean => at >= other.startedAt && at <= input.alertAt;
    const byNew = mean((one, at) => isSince(at) && isNew(one, at));
    return byNew - mean((one, at) => isSince(at) && !isNew(one, at));
  };
  const called = changes.filter((other) => known.calls(service).has(other.service)).map((other) => ({ other, by: slower(other) }));
  const [slowest] = called.filter(({ by }) => by >= rise).sort((a, b) => b.by - a.by);
  return slowest?.other.service ?? null;
}

const ownLatency = (callee: string, readings: readonly Reading[]): Reading[] =>
  readings.filter(({ measured, server, service }) => measured === 'latency' && server === callee && service === callee);

/** The mean of what is meant of some readings; not a number where nothing is. */
const meanOf =
  (list: readonly Reading[]) =>
  (isMeant: (one: Reading, at: number) => boolean): number => {
    const values = list.flatMap((one) => one.values.filter((_, i) => isMeant(one, one.at[i]!)));
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
