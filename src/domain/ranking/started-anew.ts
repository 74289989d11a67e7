/**
 * Containers that start anew again and again, where nobody counts their starts: what is measured of them stops, and goes on with another
 * pod, or with totals that begin from zero. Whoever asks such a service fails meanwhile, and where nobody tells of those calls it is all
 * that is seen to fail.
 *
 *   front ─ 500 ─ user ─ (not told) ─ user-db: measured, gone for 40 s, measured, gone for 40 s, measured
 */
import { median } from '../baseline/clock.ts';
import { meaningOf } from './metric-meaning.ts';
import type { Reading } from './metric-readings.ts';
import { wasReleased } from './releases.ts';
import type { Scene } from './scene.ts';
import { finding, type Suspicions } from './suspicion.ts';

/** Once is how pods are moved. */
const fewestStarts = 2;
/** What began within so long of the alert belongs to it. */
const recentMs = 5 * 60_000;
/** Nothing measured for so many times as long as it usually is from one to the next: nobody is there. */
const gone = 2.5;
/** Totals of one container are told of one after the other. */
const sameStartMs = 20_000;
/** What is left against who fails for want of another. */
const turnedShare = 0.25;

export function judgeStartsAnew(scene: Scene, suspicions: Suspicions, readings: readonly Reading[]): void {
  const { alertAt } = scene.input;
  const again = new Map<string, number[]>();
  for (const [service, starts] of startsOf(scene, readings)) {
    const recent = starts.filter((at) => at > alertAt - recentMs);
    if (recent.length >= fewestStarts && recent.length === starts.length && !wasReleased(scene, service)) again.set(service, recent);
  }
  for (const [service, starts] of again) {
    const part = { kind: 'unavailable', source: 'metric', subject: 'started anew', at: starts.at(-1)! } as const;
    if (suspicions.value(service, 'restart') === 0) {
      const value = Math.log1p(starts.length);
      const text = `What is measured of ${service} stopped and began anew ${starts.length} times within these minutes.`;
      suspicions.add(service, 'restart', value, [finding({ ...part, text, strength: value })]);
    }
    // Where calls to it are told of, they speak for themselves.
    if (readings.some(({ measured, server }) => measured === 'loss' && server === service)) continue;
    const [worst] = scene.known
      .callers(service)
      .filter((caller) => [...scene.known.calls(caller)].filter((callee) => again.has(callee)).length === 1 && !again.has(caller))
      .map((caller) => ({ caller, value: suspicions.value(caller, 'edge') }))
      .sort((a, b) => b.value - a.value);
    if (worst === undefined || worst.value === 0) continue;
    const text = `Calls to ${worst.caller} fail, which asks ${service} while that begins anew.`;
    suspicions.add(service, 'edge', worst.value, [finding({ ...part, subject: 'asked while starting', text, strength: worst.value })]);
    suspicions.weaken(worst.caller, 'edge', turnedShare);
  }
}

/** By service, when it began anew. */
function startsOf(scene: Scene, readings: readonly Reading[]): Map<string, number[]> {
  const { alertAt } = scene.input;
  const found = new Map<string, number[]>(resetsOf(scene));
  const used = readings.filter(
    ({ measured, service, pod }) => (measured === 'cpu' || measured === 'memory') && service !== '' && pod !== '',
  );
  for (const [service, list] of Map.groupBy(used, (one) => one.service)) {
    const pods = new Map<string, number>();
    const times = new Set<number>();
    for (const { pod, at } of list)
      for (const time of at) {
        if (time > alertAt) continue;
        times.add(time);
        pods.set(pod, Math.min(time, pods.get(pod) ?? time));
      }
    const sorted = [...times].sort((a, b) => a - b);
    const usual = median(sorted.slice(1).map((time, i) => time - sorted[i]!));
    for (const since of pods.values()) {
      const before = sorted.findLast((time) => time < since);
      if (before !== undefined && since - before > gone * usual) noteStart(found, service, since);
    }
  }
  return found;
}

/** When totals of CPU time of a container begin from zero, and no other pod of the service is there. */
function resetsOf(scene: Scene): Map<string, number[]> {
  const found = new Map<string, number[]>();
  const totals = scene.recent.window.metrics.flatMap((series) => {
    const meaning = /cpu/i.test(series.name) ? meaningOf(series, scene.known) : null;
    return meaning?.measured === 'cpu' && meaning.part === 'count' ? [{ series, meaning }] : [];
  });
  for (const [service, list] of Map.groupBy(totals, ({ meaning }) => meaning.service))
    for (const { series, meaning } of list) {
      const { values, timeMs } = series;
      const drops = [...values.keys()].filter((i) => i > 0 && values[i]! < values[i - 1]! && timeMs[i]! <= scene.input.alertAt);
      // Counts of each stretch go down as often as up.
      if (4 * drops.length > values.length) continue;
      const others = list.filter((other) => other.meaning.pod !== meaning.pod);
      const isAlone = (i: number): boolean =>
        others.every((other) => !other.series.timeMs.some((time) => time >= timeMs[i - 1]! && time <= timeMs[i]!));
      for (const i of drops.filter(isAlone)) noteStart(found, service, timeMs[i]!);
    }
  return found;
}

function noteStart(found: Map<string, number[]>, service: string, at: number): void {
  const known = found.get(service) ?? [];
  if (!known.some((other) => Math.abs(other - at) < sameStartMs)) known.push(at);
  found.set(
    service,
    known.sort((a, b) => a - b),
  );
}
