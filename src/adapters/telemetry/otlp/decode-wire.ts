/**
 * OTLP/HTTP protobuf (PROTOCOLS B1) → records, straight from the bytes: no message is ever made an object, and what nobody
 * asks for is passed by. Accepts and refuses what `decode.ts` does of JSON; the same request in both gives the same rows.
 */
import type { Decoded, LogRecord, PointRecord } from '../../../domain/records.ts';
import type { SpanBatch } from '../../../domain/span-batch.ts';
import type { Signal } from '../../../ports.ts';
import { type Attributes, rejectedBelow, resourceOf } from './attributes.ts';
import { decodedOf, layout, type Place } from './decode.ts';
import type { Value } from './facts.ts';
import { Fields } from './fields.ts';
import { readWireLog } from './logs.ts';
import { readWireMetric } from './metrics.ts';
import { readableAttributesIn } from './wire-attributes.ts';
import { keptResource, type WireResource } from './wire-resources.ts';
import { readWireSpan } from './wire-spans.ts';

export function decodeOtlpProtobuf(signal: Signal, body: Uint8Array, batch: SpanBatch, arrivedAt: number): Decoded {
  batch.clear();
  const logs: LogRecord[] = [];
  const points: PointRecord[] = [];
  let rejectedCount = 0;
  if (signal === 'traces') rejectedCount = decodeSpans(body, batch);
  else if (signal === 'logs') {
    const record = new Fields();
    eachEntry(signal, body, (list, { resource, scope }) => {
      logs.push(readWireLog(record.openIn(list, 'logRecords'), resource, scope, arrivedAt));
    });
  } else
    eachEntry(signal, body, (list, { resource }) => {
      list.slice('metrics');
      rejectedCount += readWireMetric(list.bytes, list.from, list.to, resource, points);
    });
  return decodedOf(batch, logs, points, rejectedCount);
}

function decodeSpans(body: Uint8Array, batch: SpanBatch): number {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  let rejectedCount = 0;
  let ordinal = 0;
  let last: Place | null = null;
  let scope = -1;
  eachEntry('traces', body, (list, place) => {
    if (place !== last) {
      if (place.resource !== last?.resource) batch.resources.push(place.resource);
      scope = place.scope === null ? -1 : batch.texts.id(place.scope);
      last = place;
    }
    if (!readWireSpan(list, view, batch, batch.resources.length - 1, scope, ordinal++)) rejectedCount++;
  });
  return rejectedCount;
}

/** Number of a span's attributes. */
const spanAttributes = 9;

/** All attributes of some spans of a body that was decoded before, their resource's among them. */
export function attributesOfWireSpans(body: Uint8Array, ordinals: ReadonlySet<number>): Map<number, Record<string, Value>> {
  const found = new Map<number, Record<string, Value>>();
  let ordinal = 0;
  eachEntry('traces', body, (list, { attributes }) => {
    if (ordinals.has(ordinal)) {
      const own = readableAttributesIn(list.bytes, list.from, list.to, spanAttributes);
      found.set(ordinal, Object.fromEntries([...attributes, ...own]));
    }
    ordinal++;
  });
  return found;
}

/** Calls `visit` with the cursor at each entry. Numbers are the same in all three signals: resource and scope 1, what they hold 2. */
function eachEntry(signal: Signal, body: Uint8Array, visit: (list: Fields, place: Place) => void): void {
  const { resources, scopes, entries } = layout[signal];
  const root = new Fields().open(body, 0, body.length);
  const group = new Fields();
  const scope = new Fields();
  for (let r = 0; root.next(); ) {
    if (root.field !== 1) continue;
    let path = `${resources}[${r}].`;
    try {
      const { attributes, resource } = resourceIn(group.openIn(root, resources));
      group.openIn(root, resources);
      for (let s = 0; group.next(); ) {
        if (group.field !== 2) continue;
        path = `${resources}[${r}].${scopes}[${s++}].`;
        const name = scopeName(scope.openIn(group, scopes));
        scope.openIn(group, scopes);
        eachOf(scope, entries, { resource, attributes, scope: name }, visit);
      }
    } catch (error) {
      throw rejectedBelow(path, error);
    }
    r++;
  }
}

function eachOf(scope: Fields, entries: string, place: Place, visit: (list: Fields, place: Place) => void): void {
  for (let i = 0; scope.next(); ) {
    if (scope.field !== 2) continue;
    try {
      visit(scope, place);
    } catch (error) {
      throw rejectedBelow(`${entries}[${i}].`, error);
    }
    i++;
  }
}

/** A resource may stand behind its entries, and in parts. */
function resourceIn(group: Fields): WireResource {
  let found: WireResource | null = null;
  while (group.next()) {
    if (group.field !== 1) continue;
    const part = keptResource(group);
    if (found === null) found = part;
    else {
      const attributes: Attributes = new Map([...found.attributes, ...part.attributes]);
      found = { attributes, resource: resourceOf(attributes) };
    }
  }
  return found ?? nobody;
}

const nobody: WireResource = { attributes: new Map(), resource: resourceOf(new Map()) };

/** It stands before its entries in what anybody writes; where it does not, all of them are passed by to find it. */
function scopeName(group: Fields): string | null {
  let name: string | null = null;
  const scope = new Fields();
  while (group.next()) {
    if (group.field === 2 && name !== null) break;
    if (group.field !== 1) continue;
    name = '';
    scope.openIn(group, 'scope');
    while (scope.next()) if (scope.field === 1) name = scope.text('scope.name');
  }
  return name || null;
}
