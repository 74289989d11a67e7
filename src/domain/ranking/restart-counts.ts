/**
 * Containers that are started again, as whoever runs them counts it: a service whose containers start again now, and did not before, dies
 * of something, or is killed. Its lines may not tell: they are in the midst of others, or went with it. Those of new pods are judged with
 * their release (see `release-costs.ts`).
 */
import type { Reading } from './metric-readings.ts';
import { wasReleased } from './releases.ts';
import type { Scene } from './scene.ts';
import { finding, type Suspicions } from './suspicion.ts';

/** What is counted within so long of the alert belongs to it. */
const recentMs = 5 * 60_000;
/** One of many pods costs little. */
const ofFewest = 0.3;

export function judgeRestartCounts(scene: Scene, suspicions: Suspicions, readings: readonly Reading[]): void {
  const { alertAt } = scene.input;
  const counted = readings.filter(({ measured, service }) => measured === 'restarts' && service !== '');
  for (const [service, list] of Map.groupBy(counted, (one) => one.service)) {
    // What its lines tell of its starts is the same starts.
    if (wasReleased(scene, service) || suspicions.value(service, 'restart') > 0) continue;
    const pods = [...Map.groupBy(list, ({ pod }) => pod).values()].map((of) => startsOf(of, alertAt));
    if (pods.some(({ before }) => before > 0)) continue;
    const again = pods.filter(({ now }) => now > 0);
    if (again.length === 0) continue;
    const times = again.reduce((sum, { now }) => sum + now, 0);
    const value = Math.log1p(times / again.length) * (ofFewest + ((1 - ofFewest) * again.length) / pods.length);
    const text = `Containers of ${service} were started again within these minutes, at least ${times} ${times === 1 ? 'time' : 'times'}, on ${again.length} of ${pods.length} pods.`;
    const at = Math.max(...again.map(({ last }) => last));
    suspicions.add(service, 'restart', value, [
      finding({ kind: 'unavailable', source: 'metric', subject: 'containers started again', text, at, strength: value }),
    ]);
  }
}

/**
 * How often at least it was started again close to the alert, and earlier. A query may tell of one start in several readings on end, so what
 * counts is that it is told of after a reading without one.
 */
function startsOf(list: readonly Reading[], alertAt: number): { now: number; before: number; last: number } {
  let [now, before, last] = [0, 0, 0];
  for (const { at, values } of list)
    for (const [i, time] of at.entries()) {
      if (time > alertAt || i === 0 || !(values[i]! > 0) || values[i - 1]! > 0) continue;
      if (time <= alertAt - recentMs) before++;
      else [now, last] = [now + 1, Math.max(last, time)];
    }
  return { now, before, last };
}
