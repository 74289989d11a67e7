/**
 * OTLP/HTTP JSON (PROTOCOLS B1) → records. Unknown fields pass; a used field of the wrong type rejects the whole body with
 * its path; an entry whose ids are no ids is left out and counted, as OTLP's partial success wants it.
 */
import type { Decoded, LogRecord, PointRecord } from '../../../domain/records.ts';
import type { ResourceRecord, SpanBatch } from '../../../domain/span-batch.ts';
import type { Signal } from '../../../ports.ts';
import { type Attributes, attributesAt, type Json, listAt, objectAt, rejected, rejectedBelow, resourceOf, textAt } from './attributes.ts';
import type { Value } from './facts.ts';
import { type JsonPlace, JsonPlaces } from './json-places.ts';
import { readLog } from './logs.ts';
import { readMetric } from './metrics.ts';
import { readSpan } from './spans.ts';

/** Where entries stand in each signal's body. */
export const layout = {
  traces: { resources: 'resourceSpans', scopes: 'scopeSpans', entries: 'spans' },
  logs: { resources: 'resourceLogs', scopes: 'scopeLogs', entries: 'logRecords' },
  metrics: { resources: 'resourceMetrics', scopes: 'scopeMetrics', entries: 'metrics' },
} as const;

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Spans go into `batch`, which is cleared first. `arrivedAt` dates log lines that carry no time. */
export function decodeOtlpJson(signal: Signal, body: Uint8Array, batch: SpanBatch, arrivedAt: number): Decoded {
  batch.clear();
  const root = parse(body);
  const logs: LogRecord[] = [];
  const points: PointRecord[] = [];
  let rejectedCount = 0;
  if (signal === 'traces') rejectedCount = decodeSpans(root, batch);
  else
    eachEntry(signal, root, (entry, { resource, scope }) => {
      if (signal === 'logs') {
        logs.push(readLog(entry, resource, scope, arrivedAt));
        return;
      }
      rejectedCount += readMetric(entry, resource, points);
    });
  return decodedOf(batch, logs, points, rejectedCount);
}

export function decodedOf(spans: SpanBatch, logs: readonly LogRecord[], points: readonly PointRecord[], rejected: number): Decoded {
  const problem = rejected === 0 ? null : `${rejected} entries have ids or times that are not valid`;
  return { spans, logs, points, rejected, problem };
}

function decodeSpans(root: Json, batch: SpanBatch): number {
  let rejectedCount = 0;
  let ordinal = 0;
  let last: Place | null = null;
  let scope = -1;
  eachEntry('traces', root, (span, place) => {
    if (place !== last) {
      if (place.resource !== last?.resource) batch.resources.push(place.resource);
      scope = place.scope === null ? -1 : batch.texts.id(place.scope);
      last = place;
    }
    if (!readSpan(span, batch, batch.resources.length - 1, scope, ordinal++)) rejectedCount++;
  });
  return rejectedCount;
}

/** All attributes of some spans of a body that was decoded before, their resource's among them. */
export function attributesOfJsonSpans(body: Uint8Array, ordinals: ReadonlySet<number>): Map<number, Record<string, Value>> {
  return attributesAtPlaces(body, ordinals) ?? attributesParsed(body, ordinals);
}

/** Without an object of every span; null: the body is written in a way that only a parser tells. */
function attributesAtPlaces(body: Uint8Array, ordinals: ReadonlySet<number>): Map<number, Record<string, Value>> | null {
  const places = new JsonPlaces(body);
  const found = new Map<number, Record<string, Value>>();
  const attributesIn = (place: JsonPlace | null) =>
    place !== null && places.isObject(place) ? attributesAt(parse(body.subarray(place.from, place.to)), '') : [];
  let ordinal = 0;
  const group = (at: number): number => {
    let resource = null as JsonPlace | null;
    const wanted: [number, JsonPlace][] = [];
    const span = (from: number): number => {
      const place = places.place(from);
      if (ordinals.has(ordinal)) wanted.push([ordinal, place]);
      ordinal++;
      return place.to;
    };
    const end = places.members(at, {
      resource: (from) => {
        resource = places.place(from);
        return resource.to;
      },
      scopeSpans: (list) => places.entries(list, (scope) => places.members(scope, { spans: (spans) => places.entries(spans, span) })),
    });
    for (const [number, place] of wanted) found.set(number, Object.fromEntries([...attributesIn(resource), ...attributesIn(place)]));
    return end;
  };
  places.members(places.start(), { resourceSpans: (groups) => places.entries(groups, group) });
  return places.isOdd || found.size < ordinals.size ? null : found;
}

function attributesParsed(body: Uint8Array, ordinals: ReadonlySet<number>): Map<number, Record<string, Value>> {
  const found = new Map<number, Record<string, Value>>();
  let ordinal = 0;
  eachEntry('traces', parse(body), (entry, { attributes }) => {
    if (ordinals.has(ordinal)) found.set(ordinal, Object.fromEntries([...attributes, ...attributesAt(entry, '')]));
    ordinal++;
  });
  return found;
}

/** What the entries of one scope have in common. */
export interface Place {
  readonly resource: ResourceRecord;
  readonly attributes: Attributes;
  readonly scope: string | null;
}

function eachEntry(signal: Signal, root: Json, visit: (entry: Json, place: Place) => void): void {
  const { resources, scopes, entries } = layout[signal];
  listAt(root, resources, '').forEach((group, r) => {
    const at = `${resources}[${r}].`;
    const attributes = attributesAt(objectAt(group, 'resource', at), `${at}resource.`);
    const resource = resourceOf(attributes);
    listAt(group, scopes, at).forEach((scope, s) => {
      const inScope = `${at}${scopes}[${s}].`;
      const name = textAt(objectAt(scope, 'scope', inScope), 'name', `${inScope}scope.`) || null;
      const place = { resource, attributes, scope: name };
      const list = listAt(scope, entries, inScope);
      for (let i = 0; i < list.length; i++) {
        try {
          visit(list[i]!, place);
        } catch (error) {
          throw rejectedBelow(`${inScope}${entries}[${i}].`, error);
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
