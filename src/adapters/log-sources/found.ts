/** What every store of lines answers, put into the port's order: oldest first, the newest `limit` kept, nothing from outside. */
import type { LogEntry } from '../../domain/log-entry.ts';
import { entriesOf, type ShippedLine } from '../../domain/log-shape/lines.ts';
import type { LogQuery } from '../../ports/sources.ts';

/**
 * Lines that belong together are put together, for which they must stand in order; those of one moment keep theirs. A line
 * that was found as a service's is that service's, whatever it calls itself.
 */
export function found(lines: readonly ShippedLine[], query: LogQuery, receivedAt: number, isCut: boolean) {
  const { window, service, contains, minSeverity = 0, limit } = query;
  const text = contains?.toLowerCase();
  const inOrder = [...lines].sort((a, b) => (a.reading.entry.timeMs ?? 0) - (b.reading.entry.timeMs ?? 0));
  const entries = entriesOf(inOrder, receivedAt)
    .filter(({ timeMs }) => timeMs !== null && timeMs >= window.fromMs && timeMs < window.toMs)
    .filter((entry) => entry.severity >= minSeverity && (text === undefined || entry.text.toLowerCase().includes(text)))
    .map((entry): LogEntry => (service === undefined ? entry : { ...entry, service, namespace: null, environment: null }));
  return { lines: entries.slice(-limit), truncated: isCut || entries.length > limit };
}

/** What a service may be called elsewhere: the whole key, and its plain name. `shop/cart@staging` → `shop/cart@staging`, `cart` */
export function namesOf(service: string): string[] {
  return [...new Set([service, service.replace(/@.*/, '').replace(/^.*\//, '')])];
}

/** Ids of requests under the names that loggers give them. */
export const traceFields = ['trace_id', 'traceId', 'traceID', 'trace.id', 'dd.trace_id', 'TraceId'];
export const correlationFields = ['correlation_id', 'correlationId', 'request_id', 'requestId', 'x_request_id', 'transaction_id'];
/** Fields that name a service, best first. */
export const serviceFields = [
  'service.name',
  'service_name',
  'service',
  'resource.attributes.service.name',
  'kubernetes.labels.app.kubernetes.io/name',
  'kubernetes.labels.app',
  'kubernetes.deployment.name',
  'kubernetes.container.name',
  'container.name',
  'container_name',
  'app',
  'application',
];
