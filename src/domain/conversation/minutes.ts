/** What a service did, stretch by stretch, in figures that people can quote: calls it answered, how many failed, how long they took. */
import { spanKind, spanStatus, type TelemetryWindow } from '../telemetry.ts';

export interface Stretch {
  readonly at: number;
  readonly calls: number;
  readonly failed: number;
  /** Null where nothing was called. */
  readonly p95Ms: number | null;
}

export interface Measured {
  readonly name: string;
  readonly unit: string | null;
  readonly first: number;
  readonly last: number;
  readonly highest: number;
  readonly lastAt: number;
}

const minuteMs = 60_000;

/** At most so many stretches of whole minutes; those in which nothing was called are left out. Null: no such service is in there. */
export function stretchesOf(
  window: TelemetryWindow,
  service: string,
  most: number,
): { readonly minutes: number; readonly stretches: Stretch[] } {
  const { spans, strings } = window;
  const id = strings.find(service);
  const minutes = Math.max(1, Math.ceil((window.toMs - window.fromMs) / minuteMs / most));
  const length = minutes * minuteMs;
  const durations = new Map<number, number[]>();
  const failures = new Map<number, number>();
  for (let row = 0; row < spans.length; row++) {
    if (spans.service[row] !== id) continue;
    // What it was asked; what it asks of others is theirs.
    if (spans.kind[row] !== spanKind.server && spans.kind[row] !== spanKind.consumer) continue;
    const at = Math.floor((spans.startMs[row] ?? 0) / length) * length;
    const of = durations.get(at);
    if (of === undefined) durations.set(at, [spans.durationMs[row] ?? 0]);
    else of.push(spans.durationMs[row] ?? 0);
    if (spans.status[row] === spanStatus.error) failures.set(at, (failures.get(at) ?? 0) + 1);
  }
  const stretches = [...durations]
    .sort(([a], [b]) => a - b)
    .map(([at, of]) => ({ at, calls: of.length, failed: failures.get(at) ?? 0, p95Ms: p95(of) }));
  return { minutes, stretches: stretches.slice(-most) };
}

/** Series of a service, those that moved most first. */
export function measuredOf(window: TelemetryWindow, service: string, most: number): Measured[] {
  return window.metrics
    .filter((series) => series.service === service && series.values.length > 0)
    .map(({ name, unit, labels, instance, timeMs, values }) => {
      const parts = [...(instance === null ? [] : [instance]), ...Object.values(labels)].slice(0, 3);
      let highest = Number.NEGATIVE_INFINITY;
      for (const value of values) highest = Math.max(highest, value);
      return {
        name: parts.length === 0 ? name : `${name} (${parts.join(', ')})`,
        unit,
        first: values[0]!,
        last: values.at(-1)!,
        highest,
        lastAt: timeMs.at(-1)!,
      };
    })
    .sort((a, b) => movement(b) - movement(a) || (a.name < b.name ? -1 : 1))
    .slice(0, most);
}

function movement({ first, last, highest }: Measured): number {
  const size = Math.max(Math.abs(first), Math.abs(last), Math.abs(highest));
  return size === 0 ? 0 : (Math.max(highest, first, last) - Math.min(first, last)) / size;
}

function p95(durations: readonly number[]): number | null {
  const sorted = [...durations].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? null;
}
