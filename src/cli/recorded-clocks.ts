/**
 * Whose clock was ahead in a recording. A recording says when things were written and not when they came, so a service
 * whose clock is ahead seems to speak after the alert. Only what is tied to something known at the alert says how far.
 */
import { Clocks, Extents, median, type Offsets } from '../domain/baseline/clock.ts';
import type { Signal } from '../ports.ts';

type Json = Record<string, unknown>;

/** The places of a request body where timed entries stand, by signal. */
const layout = {
  traces: { resources: 'resourceSpans', scopes: 'scopeSpans', entries: 'spans', time: 'endTimeUnixNano' },
  logs: { resources: 'resourceLogs', scopes: 'scopeLogs', entries: 'logRecords', time: 'timeUnixNano' },
  metrics: { resources: 'resourceMetrics', scopes: 'scopeMetrics', entries: 'metrics', time: 'timeUnixNano' },
} as const;

export interface Timed {
  readonly owner: Json;
  readonly key: string;
  readonly entries: Json[];
  readonly service: string;
}

/** The lists of timed entries in a body, each with the service it is of. */
export function* timedLists(body: Json, signal: Signal): Generator<Timed> {
  const { resources, scopes, entries } = layout[signal];
  for (const resource of list(body[resources])) {
    const service = serviceOf(resource);
    for (const scope of list(resource[scopes]))
      if (signal !== 'metrics') yield { owner: scope, key: entries, entries: list(scope[entries]), service };
      else
        for (const metric of list(scope[entries]))
          for (const shape of ['gauge', 'sum', 'histogram', 'summary', 'exponentialHistogram']) {
            const owner = (metric[shape] ?? {}) as Json;
            yield { owner, key: 'dataPoints', entries: list(owner['dataPoints']), service };
          }
  }
}

/** When an entry was over, by its own stamp. */
export const stampOf = (entry: Json, signal: Signal): number =>
  Number(entry[layout[signal].time] || entry['observedTimeUnixNano'] || 0) / 1e6;

/** Offsets by service name for spans and lines, and for points. */
export interface RecordedClocks {
  readonly own: ReadonlyMap<string, number>;
  readonly measuring: ReadonlyMap<string, number>;
}

export function recordedClocks(bodies: (signal: Signal) => Iterable<Json>, alertAt: number): RecordedClocks {
  const numbers = new Map<string, number>();
  const numberOf = (service: string): number => {
    const number = numbers.get(service) ?? numbers.size;
    numbers.set(service, number);
    return number;
  };
  const [own, measuring] = [new Clocks(), new Clocks()];
  const ends = new Map<number, number>();
  for (const signal of ['traces', 'logs', 'metrics'] as const)
    for (const body of bodies(signal)) {
      const { newest, oldest } = extentsOf(body, signal, numberOf);
      if (signal !== 'metrics') for (const [service, at] of newest) ends.set(service, Math.max(ends.get(service) ?? 0, at));
      // A request that most of its services date after the alert came after it.
      if ([...newest.values()].filter((at) => at > alertAt).length * 2 <= newest.size)
        (signal === 'metrics' ? measuring : own).request(newest, oldest);
    }
  tellCalls(own, bodies('traces'), numberOf, alertAt);
  const named = (offsets: Offsets) =>
    new Map([...numbers].flatMap(([name, number]) => (offsets.has(number) ? [[name, offsets.get(number)!]] : [])));
  return { own: named(own.offsets(Math.max(alertAt, median([...ends.values()])))), measuring: named(measuring.offsets()) };
}

function extentsOf(body: Json, signal: Signal, numberOf: (service: string) => number): Extents<number> {
  const extents = new Extents<number>();
  for (const { entries, service } of timedLists(body, signal))
    for (const entry of entries) extents.see(numberOf(service), stampOf(entry, signal));
  return extents;
}

/** Calls of which one end at least was known at the alert. */
function tellCalls(clocks: Clocks, bodies: Iterable<Json>, numberOf: (service: string) => number, alertAt: number): void {
  const spans = new Map<string, { service: number; middle: number; isKnown: boolean; parent: string }>();
  for (const body of bodies)
    for (const { entries, service } of timedLists(body, 'traces'))
      for (const entry of entries) {
        const [start, end] = [Number(entry['startTimeUnixNano'] ?? 0) / 1e6, stampOf(entry, 'traces')];
        const parent = String(entry['parentSpanId'] ?? '');
        spans.set(`${entry['traceId']} ${entry['spanId']}`, {
          service: numberOf(service),
          middle: (start + end) / 2,
          isKnown: end <= alertAt,
          parent: parent === '' ? '' : `${entry['traceId']} ${parent}`,
        });
      }
  for (const { service, middle, isKnown, parent } of spans.values()) {
    const caller = spans.get(parent);
    if (caller === undefined || caller.service === service || !(isKnown || caller.isKnown)) continue;
    clocks.call(caller.service, service, caller.middle - middle);
  }
}

function serviceOf(resource: Json): string {
  const attributes = list((resource['resource'] as Json | undefined)?.['attributes']);
  const value = attributes.find(({ key }) => key === 'service.name')?.['value'] as Json | undefined;
  return String(value?.['stringValue'] ?? '');
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}
