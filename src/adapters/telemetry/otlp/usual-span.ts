/**
 * The fields of a protobuf span as SDKs and collectors write them, read in one pass without a step for each. What is written
 * otherwise, if allowed or not, is left to `Fields`, which alone refuses anything; so both ways say the same of a span.
 */
import { idWords, parentIdAt, spanIdAt } from '../../../domain/span-batch.ts';
import type { Facts } from './facts.ts';
import { msOf } from './fields.ts';
import { textOfBytes } from './text-cache.ts';

/** What the fields of a span have said. */
export interface SpanSaid {
  isTraced: boolean;
  isNamed: boolean;
  startMs: number;
  endMs: number;
  name: string;
  kind: number;
  code: number;
}

// Number of a field × 8 and how it is written: 0 varint, 1 eight bytes, 2 a length and so many bytes.
const [traceIdKey, spanIdKey, parentIdKey, nameKey, kindKey] = [0x0a, 0x12, 0x22, 0x2a, 0x30];
const [startKey, endKey, attributeKey, statusKey] = [0x39, 0x41, 0x4a, 0x7a];
/** In an attribute, and in its value. */
const [attributeNameKey, attributeValueKey, stringKey, integerKey] = [0x0a, 0x12, 0x0a, 0x18];
const statusCodeKey = 0x18;
const [traceIdBytes, spanIdBytes, timeBytes] = [16, 8, 8];
/** Varints below this take one byte. */
const oneByte = 0x80;
/** Largest number of a kind or a status that is known (opentelemetry-proto, trace.proto). */
const maxEnum = 5;

/**
 * Reads fields of the span that stands at [from, to) up to the first that is not of the usual form, and answers where that
 * begins; `to`: it has read them all. Ids go to row `row` of `ids`, what is asked of attributes to `facts`.
 */
export function readUsual(
  bytes: Uint8Array,
  view: DataView,
  from: number,
  to: number,
  said: SpanSaid,
  facts: Facts,
  ids: Int32Array,
  row: number,
): number {
  const at = row * idWords;
  for (let next = from; next < to; ) {
    // Behind the key; what lies beyond the array reads as undefined, which is equal to nothing and below nothing.
    const value = next + 1;
    switch (bytes[next]) {
      case attributeKey: {
        const end = attributeEnd(bytes, value, to, facts);
        if (end < 0) return next;
        next = end;
        continue;
      }
      case traceIdKey:
        if (bytes[value] !== traceIdBytes || value + 1 + traceIdBytes > to) return next;
        said.isTraced = (idInto(view, value + 1, ids, at) | idInto(view, value + 9, ids, at + 2)) !== 0;
        next = value + 1 + traceIdBytes;
        continue;
      case spanIdKey:
        if (bytes[value] !== spanIdBytes || value + 1 + spanIdBytes > to) return next;
        said.isNamed = idInto(view, value + 1, ids, at + spanIdAt) !== 0;
        next = value + 1 + spanIdBytes;
        continue;
      case parentIdKey:
        if (bytes[value] !== spanIdBytes || value + 1 + spanIdBytes > to) return next;
        idInto(view, value + 1, ids, at + parentIdAt);
        next = value + 1 + spanIdBytes;
        continue;
      case startKey:
        if (value + timeBytes > to) return next;
        said.startMs = msOf(view.getUint32(value, true), view.getUint32(value + 4, true));
        next = value + timeBytes;
        continue;
      case endKey:
        if (value + timeBytes > to) return next;
        said.endMs = msOf(view.getUint32(value, true), view.getUint32(value + 4, true));
        next = value + timeBytes;
        continue;
      default: {
        const end = smallFieldEnd(bytes, next, to, said);
        if (end < 0) return next;
        next = end;
      }
    }
  }
  return to;
}

/** Name, kind and status. -1: it is none of them or not of the usual form. */
function smallFieldEnd(bytes: Uint8Array, from: number, to: number, said: SpanSaid): number {
  const length = bytes[from + 1]!;
  if (!(length < oneByte)) return -1;
  const value = from + 2;
  if (bytes[from] === kindKey) {
    if (value > to) return -1;
    said.kind = length <= maxEnum ? length : 0;
    return value;
  }
  const end = value + length;
  if (end > to) return -1;
  if (bytes[from] === nameKey) {
    const text = textOfBytes(bytes, value, end);
    if (text === null) return -1;
    said.name = text;
    return end;
  }
  if (bytes[from] !== statusKey) return -1;
  if (length === 0) return end;
  if (length !== 2 || bytes[value] !== statusCodeKey || !(bytes[value + 1]! < oneByte)) return -1;
  said.code = bytes[value + 1]! <= maxEnum ? bytes[value + 1]! : 0;
  return end;
}

/** Of an attribute, whose length stands at `from`, once it is read or passed by. -1: it is not of the usual form. */
function attributeEnd(bytes: Uint8Array, from: number, to: number, facts: Facts): number {
  let length = bytes[from]!;
  let at = from + 1;
  if (length >= oneByte) {
    const second = bytes[at++]!;
    if (!(second < oneByte)) return -1;
    length = (length & 0x7f) | (second << 7);
  }
  const end = at + length;
  const name = at + 2;
  const nameEnd = name + bytes[at + 1]!;
  if (!(end <= to && nameEnd <= end && bytes[at] === attributeNameKey && bytes[at + 1]! < oneByte)) return -1;
  const slot = facts.slotOfBytes(bytes, name, nameEnd);
  // Most are names that nobody asks for.
  if (slot < 0) return end;
  return readValue(bytes, nameEnd, end, slot, facts) ? end : -1;
}

/** A short text or an integer below 2^14, in the field that stands at [from, to) and is the last. False: it is something else. */
function readValue(bytes: Uint8Array, from: number, to: number, slot: number, facts: Facts): boolean {
  const value = from + 2;
  if (bytes[from] !== attributeValueKey || value + 2 > to || !(bytes[from + 1]! < oneByte) || value + bytes[from + 1]! !== to) return false;
  const first = bytes[value + 1]!;
  if (bytes[value] === stringKey) {
    if (value + 2 + first !== to) return false;
    const text = textOfBytes(bytes, value + 2, to);
    if (text === null) return false;
    facts.set(slot, text);
    return true;
  }
  if (bytes[value] !== integerKey) return false;
  if (value + 2 === to && first < oneByte) {
    facts.set(slot, first);
    return true;
  }
  const second = bytes[value + 2]!;
  if (value + 3 !== to || first < oneByte || second >= oneByte) return false;
  facts.set(slot, (first & 0x7f) | (second << 7));
  return true;
}

/** Two words of an id; what it answers is 0 if both are. */
function idInto(view: DataView, from: number, ids: Int32Array, at: number): number {
  const first = view.getInt32(from);
  const second = view.getInt32(from + 4);
  ids[at] = first;
  ids[at + 1] = second;
  return first | second;
}
