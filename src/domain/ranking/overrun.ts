/**
 * Whose release overruns a service: it calls more often than it did, or asks for what costs more. Where calls are counted,
 * that is seen in the counts (`per-call.ts`); where not, all pods of a service that nobody released run hot from the minute
 * on in which one of those that call it was released, while none of these is busier itself, as with more users it would be.
 *
 *   search v2 ──┐
 *   feed v1   ──┴─> profile v1: twice the CPU on all pods since search v2, calls fail for both: search's doing
 *
 * Where more of them were released it is the one that asks so much that its own new pods answer later than its old ones, who wait
 * as long for each call; and so it is where the service was released too, as long as its new pods are no worse than its old ones.
 */
import { median } from '../baseline/clock.ts';
import type { Reading } from './metric-readings.ts';
import type { Worse } from './release-costs.ts';
import { type ReleaseOnsets, slackMs, soonMs } from './release-onsets.ts';

/** A pod is hot where it uses this many times as much as the most it did before. */
const hotRatio = 1.4;
/** So many readings of a pod show what it used before. */
const fewestBefore = 3;
/** Busier callers are a sign of more users: on average this many times as busy as before. */
const busierRatio = 1.15;

/** A pod that has not told of itself for as long before the alert is gone. */
const goneMs = 90_000;
/** What new pods cost more than old ones beside them, from which on they are worse. */
const clearlyWorse = 1;

/** What each release costs, by service. */
type Costs = ReadonlyMap<string, readonly Worse[]>;

/** By service that fails and runs hot: the one that calls it whose release is behind that. */
export function overrunBy(
  { losses, changes, known }: ReleaseOnsets,
  costs: Costs,
  readings: readonly Reading[],
  alertAt: number,
): Map<string, string> {
  const found = new Map<string, string>();
  const cpuOf = Map.groupBy(
    readings.filter(({ measured }) => measured === 'cpu'),
    ({ service }) => service,
  );
  const isCounted = new Set(readings.filter(({ measured }) => measured === 'served').map(({ server }) => server));
  for (const { server } of losses.values()) {
    const cpu = cpuOf.get(server);
    if (cpu === undefined || isCounted.has(server) || isWorse(costs.get(server))) continue;
    const below = known.reach(server);
    const callers = changes.filter(({ service }) => known.calls(service).has(server));
    const isAlone = callers.length === 1 && !changes.some(({ service }) => service === server);
    const [change, ...others] = isAlone ? callers : callers.filter(({ service }) => isSlower(costs.get(service)));
    if (change === undefined || others.length > 0 || changes.some(({ service }) => below.has(service))) continue;
    const since = hotSince(cpu, change.startedAt, alertAt);
    if (since === null || since < change.startedAt - slackMs || since - change.startedAt >= soonMs) continue;
    // Of a caller that nobody measures there is no telling whether it has more to do.
    const mayBeBusier = (caller: string): boolean => {
      const ofCaller = cpuOf.get(caller);
      return ofCaller === undefined || growth(ofCaller, change.startedAt, alertAt) >= busierRatio;
    };
    if (!known.callers(server).some(mayBeBusier)) found.set(server, change.service);
  }
  return found;
}

const isWorse = (costs: readonly Worse[] = []): boolean => costs.some(({ value }) => value >= clearlyWorse);

/** Whether new pods answer clearly later than old ones beside them. */
const isSlower = (costs: readonly Worse[] = []): boolean =>
  costs.some(({ measured, isPast, value }) => measured === 'latency' && !isPast && value >= clearlyWorse);

/** From when on all pods that were there before are hot, up to the alert; null where they are not, or none is left. */
export function hotSince(cpu: readonly Reading[], startedAt: number, alertAt: number): number | null {
  const firsts: number[] = [];
  for (const { at, values } of cpu) {
    const before = values.filter((_, i) => at[i]! < startedAt - slackMs);
    if (before.length < fewestBefore || at.at(-1)! < alertAt - goneMs) continue;
    const top = before.reduce((most, value) => Math.max(most, value), 0);
    if (top <= 0) return null;
    let first: number | null = null;
    for (let i = at.length - 1; i >= before.length; i--) {
      if (at[i]! > alertAt) continue;
      if (values[i]! < hotRatio * top) break;
      first = at[i]!;
    }
    if (first === null) return null;
    firsts.push(first);
  }
  return firsts.length > 0 ? median(firsts) : null;
}

/** How many times as much pods that were there before use on average since a moment; 1 where nobody says. */
function growth(cpu: readonly Reading[], startedAt: number, alertAt: number): number {
  const mean = (isMeant: (at: number) => boolean): number => {
    const used = cpu.filter(({ at }) => at[0]! < startedAt).flatMap(({ at, values }) => values.filter((_, i) => isMeant(at[i]!)));
    return used.reduce((sum, value) => sum + value, 0) / used.length;
  };
  const [before, now] = [mean((at) => at < startedAt), mean((at) => at >= startedAt && at <= alertAt)];
  return before > 0 && now > 0 ? now / before : 1;
}
