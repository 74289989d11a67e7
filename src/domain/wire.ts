/**
 * Protocol Buffers on the wire (protobuf.dev/programming-guides/encoding): a message is a row of fields, each with a number
 * and a value. Read in place and only as deep as the caller asks; what is cut short or makes no sense is a Failure.
 *
 * For a push now and then, such as Loki's. Spans by the million have a reader of their own (`src/adapters/telemetry/otlp/fields.ts`),
 * which makes no value of what nobody asks for and knows where in an OTLP body it stands; one reader for both would be slower there
 * or longer here.
 */
import { Failure } from './failure.ts';

/** Varints as numbers (exact up to 2^53); lengths, fixed32 and fixed64 as the bytes they are. */
export type WireValue = number | Uint8Array;

export function eachField(bytes: Uint8Array, visit: (field: number, value: WireValue) => void): void {
  for (let at = 0; at < bytes.length; ) {
    const [key, afterKey] = varint(bytes, at);
    const field = Math.floor(key / 8);
    if (field === 0 || field > 536_870_911) throw malformed('a field has no number');
    const kind = key % 8;
    if (kind === 0) {
      const [value, end] = varint(bytes, afterKey);
      visit(field, value);
      at = end;
      continue;
    }
    const [length, start] = kind === 2 ? varint(bytes, afterKey) : [fixedLength(kind), afterKey];
    if (length > bytes.length - start) throw malformed('a field is cut short');
    visit(field, bytes.subarray(start, start + length));
    at = start + length;
  }
}

function fixedLength(kind: number): number {
  if (kind === 1) return 8;
  if (kind === 5) return 4;
  throw malformed('a field is of no known kind');
}

/** The number and where it ends. */
function varint(bytes: Uint8Array, start: number): [number, number] {
  let value = 0;
  for (let at = start, scale = 1; at < start + 10; at++, scale *= 128) {
    const byte = bytes[at];
    if (byte === undefined) break;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return [value, at + 1];
  }
  throw malformed('a number is cut short or too long');
}

const decoder = new TextDecoder('utf-8', { fatal: true });

export function wireText(value: WireValue): string {
  try {
    return decoder.decode(wireBytes(value));
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw malformed('a text is not UTF-8');
  }
}

export function wireBytes(value: WireValue): Uint8Array {
  if (typeof value === 'number') throw malformed('a field is of another kind than it should be');
  return value;
}

export function wireNumber(value: WireValue): number {
  if (typeof value !== 'number') throw malformed('a field is of another kind than it should be');
  return value;
}

function malformed(hint: string): Failure {
  return new Failure('rejected', 'protobuf', 'read the body', { hint: `the body is no such message: ${hint}` });
}
