/**
 * Services that are at work for far more than they ever were, from some moment on and until now: CPU, and what is read from disks and
 * written to them. By itself it may be any job; it counts where somebody waits for that service.
 */
import type { Reading } from './metric-readings.ts';

/** So many times the most it ever was. Disks are idle for long and busy for a moment: theirs must be more. */
const farMore = { cpu: 2, disk: 4 } as const;
/** So many measurements of before, and since. */
const fewestBefore = 6;
const fewestSince = 3;
/** What began longer ago is another matter. */
const recentMs = 5 * 60_000;

export function toilingServices(readings: readonly Reading[], alertAt: number): Set<string> {
  const found = new Set<string>();
  for (const { measured, service, at, values } of readings) {
    if (measured !== 'cpu' && measured !== 'disk') continue;
    const known = values.slice(0, at.filter((time) => time <= alertAt).length);
    const from = at.findIndex((time) => time > alertAt - recentMs);
    if (from >= 0 && risesFor(known, from, farMore[measured])) found.add(service);
  }
  return found;
}

/** Whether there is a moment, at the earliest the given one, from which on every value is so many times the highest before. */
function risesFor(values: readonly number[], from: number, times: number): boolean {
  const least = [...values];
  for (let i = least.length - 2; i >= 0; i--) least[i] = Math.min(least[i]!, least[i + 1]!);
  const first = Math.max(from, fewestBefore);
  let top = Math.max(0, ...values.slice(0, first));
  for (let split = first; split <= values.length - fewestSince; split++) {
    if (top > 0 && least[split]! >= times * top) return true;
    top = Math.max(top, values[split]!);
  }
  return false;
}
