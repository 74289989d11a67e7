/** What one gets without thinking: one signal each, so that the table says what the ranking adds. */
import type { IncidentFolder, KeyValue } from './folder.ts';

const serviceOf = (attributes: readonly KeyValue[]) => attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
const ms = (nanos: string) => Number(nanos.slice(0, -6));
/** The recent part that a plain rule looks at. */
const recentMs = 5 * 60_000;

function best(scores: ReadonlyMap<string, number>): string | null {
  let first: string | null = null;
  for (const [service, score] of scores) if (score > 0 && score > (first === null ? 0 : scores.get(first)!)) first = service;
  return first;
}

function mostErrorLines(folder: IncidentFolder): string | null {
  const counts = new Map<string, number>();
  for (const { resourceLogs } of folder.logs)
    for (const { resource, scopeLogs } of resourceLogs)
      for (const { logRecords } of scopeLogs)
        for (const log of logRecords) {
          const at = ms(log.timeUnixNano);
          if (at < folder.alertAt - recentMs || at > folder.alertAt) continue;
          const isError = log.severityNumber === undefined ? /error|exception/i.test(log.body.stringValue ?? '') : log.severityNumber >= 17;
          const service = serviceOf(resource.attributes);
          if (isError) counts.set(service, (counts.get(service) ?? 0) + 1);
        }
  return best(counts);
}

function largestLatencyRise(folder: IncidentFolder): string | null {
  const sums = new Map<string, { before: number; beforeCount: number; recent: number; recentCount: number }>();
  for (const { resourceSpans } of folder.traces)
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = serviceOf(resource.attributes);
      const sum = sums.get(service) ?? { before: 0, beforeCount: 0, recent: 0, recentCount: 0 };
      sums.set(service, sum);
      for (const { spans } of scopeSpans)
        for (const span of spans) {
          const took = ms(span.endTimeUnixNano) - ms(span.startTimeUnixNano);
          if (ms(span.startTimeUnixNano) < folder.alertAt - recentMs) {
            sum.before += took;
            sum.beforeCount++;
          } else {
            sum.recent += took;
            sum.recentCount++;
          }
        }
    }
  const rises = new Map<string, number>();
  for (const [service, { before, beforeCount, recent, recentCount }] of sums)
    if (beforeCount > 0 && recentCount > 0) rises.set(service, recent / recentCount / Math.max(1, before / beforeCount) - 1);
  return best(rises);
}

function latestRelease(folder: IncidentFolder): string | null {
  const started = folder.changes.filter((change) => Date.parse(change.startedAt) <= folder.alertAt);
  return started.sort((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt))[0]?.service ?? null;
}

export function plainAnswers(folder: IncidentFolder): Record<string, string | null> {
  return {
    'most ERROR lines': mostErrorLines(folder),
    'largest latency rise': largestLatencyRise(folder),
    'latest release': latestRelease(folder),
  };
}
