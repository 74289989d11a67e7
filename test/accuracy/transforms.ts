/** The same incident told worse: clocks off, parts missing, noise added. A good answer does not change. */
import type { FolderLogs, FolderMetrics, FolderSpan, FolderTraces, IncidentFolder, KeyValue, Truth } from './folder.ts';
import { type Random, seeded } from './random.ts';

export interface Transform {
  readonly name: string;
  /** Whether it takes nothing away: then no answer may be lost. */
  readonly isLossless: boolean;
  apply(folder: IncidentFolder, truth: Truth): IncidentFolder;
}

const minute = 60_000;
const day = 86_400_000;

const serviceOf = (attributes: readonly KeyValue[]) => attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
const moved = (nanos: string, byMs: number) => String(BigInt(nanos) + BigInt(Math.round(byMs)) * 1_000_000n);
/** As in `replay`: what carries the alert's own instant is known. */
const isKnown = (nanos: string, at: number) => Number(nanos) / 1e6 <= at;

/** Rebuilds the parts of a folder; what a function leaves out or gives null for goes. */
interface Parts {
  readonly spans?: (spans: FolderSpan[], service: string) => FolderSpan[];
  readonly logs?: (logs: Records, service: string) => Records;
  readonly pointTime?: (nanos: string, service: string) => string | null;
}
type Records = FolderLogs['resourceLogs'][number]['scopeLogs'][number]['logRecords'];

function rebuilt(folder: IncidentFolder, { spans = same, logs = same, pointTime = (nanos) => nanos }: Parts): IncidentFolder {
  const traces: FolderTraces[] = folder.traces.map(({ resourceSpans }) => ({
    resourceSpans: resourceSpans.map(({ resource, scopeSpans }) => ({
      resource,
      scopeSpans: scopeSpans.map((scope) => ({ ...scope, spans: spans(scope.spans, serviceOf(resource.attributes)) })),
    })),
  }));
  const lines: FolderLogs[] = folder.logs.map(({ resourceLogs }) => ({
    resourceLogs: resourceLogs.map(({ resource, scopeLogs }) => ({
      resource,
      scopeLogs: scopeLogs.map((scope) => ({ ...scope, logRecords: logs(scope.logRecords, serviceOf(resource.attributes)) })),
    })),
  }));
  const metrics: FolderMetrics[] = folder.metrics.map(({ resourceMetrics }) => ({
    resourceMetrics: resourceMetrics.map(({ resource, scopeMetrics }) => ({
      resource,
      scopeMetrics: scopeMetrics.map(({ metrics: list }) => ({
        metrics: list.map((metric) => ({
          ...metric,
          gauge: {
            dataPoints: metric.gauge.dataPoints.flatMap((point) => {
              const at = pointTime(point.timeUnixNano, serviceOf(resource.attributes));
              return at === null ? [] : [{ ...point, timeUnixNano: at }];
            }),
          },
        })),
      })),
    })),
  }));
  return { ...folder, path: null, traces, logs: lines, metrics };
}

function same<T>(list: T[]): T[] {
  return list;
}

/** What was known at the alert; a folder on disk may hold more. */
export function cutAtAlert(folder: IncidentFolder): IncidentFolder {
  const { alertAt } = folder;
  return rebuilt(folder, {
    spans: (spans) => spans.filter(({ endTimeUnixNano }) => isKnown(endTimeUnixNano, alertAt)),
    logs: (logs) => logs.filter(({ timeUnixNano }) => isKnown(timeUnixNano, alertAt)),
    pointTime: (nanos) => (isKnown(nanos, alertAt) ? nanos : null),
  });
}

/** The incident as it was known at its alert, under a transform or as it is. */
export function told(folder: IncidentFolder, truth: Truth, transform: Transform | null): IncidentFolder {
  const known = cutAtAlert(folder);
  return transform === null ? known : transform.apply(known, truth);
}

function shifted(folder: IncidentFolder, byMs: (service: string) => number): IncidentFolder {
  return rebuilt(folder, {
    spans: (spans, service) =>
      spans.map((span) => ({
        ...span,
        startTimeUnixNano: moved(span.startTimeUnixNano, byMs(service)),
        endTimeUnixNano: moved(span.endTimeUnixNano, byMs(service)),
      })),
    logs: (logs, service) => logs.map((log) => ({ ...log, timeUnixNano: moved(log.timeUnixNano, byMs(service)) })),
    pointTime: (nanos, service) => moved(nanos, byMs(service)),
  });
}

function oneClock(name: string, byMs: number, isCulprit: boolean): Transform {
  return {
    name,
    isLossless: true,
    apply: (folder, truth) => {
      const names = new Set([
        ...folder.traces.flatMap(({ resourceSpans }) => resourceSpans.map(({ resource }) => serviceOf(resource.attributes))),
        ...folder.logs.flatMap(({ resourceLogs }) => resourceLogs.map(({ resource }) => serviceOf(resource.attributes))),
        ...folder.metrics.flatMap(({ resourceMetrics }) => resourceMetrics.map(({ resource }) => serviceOf(resource.attributes))),
      ]);
      const others = [...names].filter((service) => !truth.services.includes(service)).sort();
      const off = isCulprit ? truth.services[0] : seeded(folder.name).pick(others);
      return shifted(folder, (service) => (service === off ? byMs : 0));
    },
  };
}

const wide = ' – größer als üblich: 服务 ✓';

function withHugeLine(folder: IncidentFolder): IncidentFolder {
  let added = false;
  return rebuilt(folder, {
    logs: (logs) => {
      const first = logs[0];
      if (added || first === undefined) return logs;
      added = true;
      return [...logs, { ...first, body: { stringValue: `dump: ${'0123456789abcdef '.repeat(65_536)}` } }];
    },
  });
}

function shuffledLogs(folder: IncidentFolder): IncidentFolder {
  const random: Random = seeded(folder.name);
  const mixed = rebuilt(folder, { logs: (logs) => random.shuffled(logs) });
  return { ...mixed, logs: random.shuffled(mixed.logs) };
}

export const transforms: readonly Transform[] = [
  {
    name: 'all clocks 38 days later',
    isLossless: true,
    apply: (folder) => {
      const by = 38 * day;
      const later = (iso: string) => new Date(Date.parse(iso) + by).toISOString();
      const changes = folder.changes.map((change) => ({
        ...change,
        startedAt: later(change.startedAt),
        ...(change.steps === undefined ? {} : { steps: change.steps.map(later) }),
      }));
      return { ...shifted(folder, () => by), alertAt: folder.alertAt + by, changes };
    },
  },
  oneClock('the guilty service 5 min ahead', 5 * minute, true),
  oneClock('the guilty service 5 min behind', -5 * minute, true),
  oneClock('another service 5 min ahead', 5 * minute, false),
  oneClock('another service 5 min behind', -5 * minute, false),
  {
    name: 'every log line twice',
    isLossless: true,
    apply: (folder) => rebuilt(folder, { logs: (logs) => logs.flatMap((log) => [log, log]) }),
  },
  { name: 'log lines shuffled', isLossless: true, apply: shuffledLogs },
  {
    name: 'log lines beyond ASCII',
    isLossless: true,
    apply: (folder) =>
      rebuilt(folder, { logs: (logs) => logs.map((log) => ({ ...log, body: { stringValue: `${log.body.stringValue ?? ''}${wide}` } })) }),
  },
  { name: 'one line of a megabyte', isLossless: true, apply: withHugeLine },
  {
    name: 'a third of the spans missing',
    isLossless: false,
    apply: (folder) => {
      const random = seeded(folder.name);
      return rebuilt(folder, { spans: (spans) => spans.filter(() => !random.chance(1 / 3)) });
    },
  },
  { name: 'no metrics', isLossless: false, apply: (folder) => ({ ...folder, path: null, metrics: [] }) },
  { name: 'no traces', isLossless: false, apply: (folder) => ({ ...folder, path: null, traces: [] }) },
];
