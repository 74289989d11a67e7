/**
 * OTLP/HTTP JSON (PROTOCOLS B1) → records. Unknown fields pass; a used field of the wrong type rejects the whole body with
 * its path; an entry whose ids are no ids is left out and counted, as OTLP's partial success wants it.
 */
import { Failure } from '../../../domain/failure.ts';
import type { Decoded, LogRecord, PointRecord, ResourceRecord, SpanRecord } from '../../../domain/records.ts';
import type { Signal } from '../../../ports.ts';
import { attributesAt, type Json, listAt, objectAt, rejected, resourceOf, textAt } from './attributes.ts';
import { logRecord } from './logs.ts';
import { pointRecords } from './metrics.ts';
import { spanRecord } from './spans.ts';

/** Where entries stand in each signal's body. */
const layout = {
  traces: { resources: 'resourceSpans', scopes: 'scopeSpans', entries: 'spans' },
  logs: { resources: 'resourceLogs', scopes: 'scopeLogs', entries: 'logRecords' },
  metrics: { resources: 'resourceMetrics', scopes: 'scopeMetrics', entries: 'metrics' },
} as const;

const decoder = new TextDecoder('utf-8', { fatal: true });

export function decodeOtlpJson(signal: Signal, body: Uint8Array): Decoded {
  const root = parse(body);
  const spans: SpanRecord[] = [];
  const logs: LogRecord[] = [];
  const points: PointRecord[] = [];
  let rejectedCount = 0;
  let ordinal = 0;
  eachEntry(signal, root, (entry, resource, scope) => {
    if (signal === 'metrics') {
      const found = pointRecords(entry, resource);
      points.push(...found.points);
      rejectedCount += found.rejected;
      return;
    }
    const record = signal === 'traces' ? spanRecord(entry, resource, scope, ordinal) : logRecord(entry, resource, scope);
    ordinal++;
    if (record === null) rejectedCount++;
    else if (signal === 'traces') spans.push(record as SpanRecord);
    else logs.push(record as LogRecord);
  });
  const problem = rejectedCount === 0 ? null : `${rejectedCount} entries have ids or times that are not valid`;
  return { spans, logs, points, rejected: rejectedCount, problem };
}

/** The raw attributes of one entry of a body that was decoded before: resource and entry together. */
export function attributesOfEntry(
  signal: Signal,
  body: Uint8Array,
  ordinals: ReadonlySet<number>,
): Map<number, Record<string, string | number | boolean>> {
  const found = new Map<number, Record<string, string | number | boolean>>();
  let ordinal = 0;
  eachEntry(signal, parse(body), (entry, _resource, _scope, resourceAttributes) => {
    if (ordinals.has(ordinal)) found.set(ordinal, Object.fromEntries([...resourceAttributes, ...attributesAt(entry, '')]));
    ordinal++;
  });
  return found;
}

type Visit = (entry: Json, resource: ResourceRecord, scope: string | null, resourceAttributes: ReturnType<typeof attributesAt>) => void;

function eachEntry(signal: Signal, root: Json, visit: Visit): void {
  const { resources, scopes, entries } = layout[signal];
  listAt(root, resources, '').forEach((group, r) => {
    const at = `${resources}[${r}].`;
    const resourceAttributes = attributesAt(objectAt(group, 'resource', at), `${at}resource.`);
    const resource = resourceOf(resourceAttributes);
    listAt(group, scopes, at).forEach((scope, s) => {
      const inScope = `${at}${scopes}[${s}].`;
      const name = textAt(objectAt(scope, 'scope', inScope), 'name', `${inScope}scope.`) || null;
      const list = listAt(scope, entries, inScope);
      for (let i = 0; i < list.length; i++) {
        // Entries know their own part of a path; the rest is put before it only where something is wrong.
        try {
          visit(list[i] as Json, resource, name, resourceAttributes);
        } catch (error) {
          throw error instanceof Failure && error.path !== undefined
            ? rejected(error.hint ?? '', `${inScope}${entries}[${i}].${error.path}`)
            : error;
        }
      }
    });
  });
}

function parse(body: Uint8Array): Json {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(body));
  } catch {
    throw rejected('the body is not JSON in UTF-8', '');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw rejected('must be an object', '');
  return value as Json;
}
