/**
 * Clocks that are off. A call and the span it caused overlap in truth, so the distance between their middles says how far
 * two services' clocks are apart. Small distances are queueing and are left alone.
 */
import type { TelemetryWindow } from '../telemetry.ts';

/** Below this a shift is left alone: no test here is that fine, and slow calls look like it. */
const noticeableMs = 20_000;
const keepPerPair = 64;

/** What to add to the clock of a service (by its number in the window); services that are right are not listed. */
export function clockOffsets(window: TelemetryWindow): Map<number, number> {
  const { spans } = window;
  const distances = new Map<number, number[]>();
  const weight = new Map<number, number>();
  for (let row = 0; row < spans.length; row++) {
    const parent = spans.parent[row]!;
    const service = spans.service[row]!;
    weight.set(service, (weight.get(service) ?? 0) + 1);
    if (parent < 0 || spans.service[parent] === service) continue;
    const key = spans.service[parent]! * 0x1000000 + service;
    const known = distances.get(key);
    const distance = spans.startMs[parent]! + spans.durationMs[parent]! / 2 - spans.startMs[row]! - spans.durationMs[row]! / 2;
    if (!known) distances.set(key, [distance]);
    else if (known.length < keepPerPair) known.push(distance);
  }
  const links = linksOf(distances);
  if (!links.some((link) => link.shift !== 0)) return new Map();
  return spread(links, weight);
}

interface Link {
  readonly from: number;
  readonly to: number;
  readonly shift: number;
}

function linksOf(distances: ReadonlyMap<number, number[]>): Link[] {
  const links: Link[] = [];
  for (const [key, values] of distances) {
    const middle = median(values);
    const spreadMs = median(values.map((value) => Math.abs(value - middle)));
    const skewed = Math.abs(middle) > noticeableMs && spreadMs < Math.abs(middle) / 10;
    links.push({ from: Math.floor(key / 0x1000000), to: key % 0x1000000, shift: skewed ? middle : 0 });
  }
  return links;
}

/** Walks from the largest group of services that agree, adding shifts along the calls. */
function spread(links: readonly Link[], weight: ReadonlyMap<number, number>): Map<number, number> {
  const offsetFrom = (start: number, onlyAgreeing: boolean): Map<number, number> => {
    const offsets = new Map([[start, 0]]);
    for (const [service, offset] of offsets)
      for (const { from, to, shift } of links) {
        if (onlyAgreeing && shift !== 0) continue;
        if (from === service && !offsets.has(to)) offsets.set(to, offset + shift);
        if (to === service && !offsets.has(from)) offsets.set(from, offset - shift);
      }
    return offsets;
  };
  let best = -1;
  let most = -1;
  for (const service of weight.keys()) {
    let spans = 0;
    for (const member of offsetFrom(service, true).keys()) spans += weight.get(member) ?? 0;
    if (spans > most) [best, most] = [service, spans];
  }
  const offsets = offsetFrom(best, false);
  for (const [service, offset] of offsets) if (Math.abs(offset) < noticeableMs) offsets.delete(service);
  return offsets;
}

export function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
