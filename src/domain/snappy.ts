/**
 * Snappy's raw block format (github.com/google/snappy, format_description.txt), which Loki's and Prometheus' senders use: the
 * length of the whole, then pieces that are either written out or copied from what came before.
 *
 *   tag & 3:  0 literal   1 copy, 11 bits back   2 copy, 16 bits back   3 copy, 32 bits back
 *
 * The length is checked against the caller's bound before anything is made, and a copy never reaches outside: a block costs
 * what it declares, and never more than the bound.
 */
import { Failure } from './failure.ts';

/** What the block says it unpacks to; for budgets that are asked before. */
export function snappyLength(block: Uint8Array): number {
  return declared(block).length;
}

export function unsnappy(block: Uint8Array, maxBytes: number): Uint8Array {
  const { length, start } = declared(block);
  if (length > maxBytes) throw malformed(`it unpacks to more than ${maxBytes} bytes`);
  const out = new Uint8Array(length);
  let to = 0;
  let at = start;
  while (at < block.length) {
    const tag = block[at++] ?? 0;
    const piece = (tag & 3) === 0 ? literal(block, at, tag) : copy(block, at, tag);
    at = piece.next;
    if (piece.length > length - to) throw malformed('it is longer than it says');
    if (piece.back === 0) {
      if (piece.length > block.length - at) throw malformed('it is cut short');
      out.set(block.subarray(at, at + piece.length), to);
      at += piece.length;
    } else {
      if (piece.back > to) throw malformed('it copies from before its start');
      if (piece.back >= piece.length) out.copyWithin(to, to - piece.back, to - piece.back + piece.length);
      // A copy that overlaps itself repeats: byte by byte.
      else for (let i = 0; i < piece.length; i++) out[to + i] = out[to + i - piece.back] ?? 0;
    }
    to += piece.length;
  }
  if (to !== length) throw malformed('it is shorter than it says');
  return out;
}

/** A varint of up to five bytes. */
function declared(block: Uint8Array): { length: number; start: number } {
  let length = 0;
  for (let at = 0, scale = 1; at < 5; at++, scale *= 128) {
    const byte = block[at];
    if (byte === undefined) break;
    length += (byte & 0x7f) * scale;
    if (byte < 0x80) return { length, start: at + 1 };
  }
  throw malformed('it does not begin with a length');
}

interface Piece {
  readonly length: number;
  /** How far back it copies from; 0: it is written out. */
  readonly back: number;
  readonly next: number;
}

function literal(block: Uint8Array, at: number, tag: number): Piece {
  const short = tag >> 2;
  if (short < 60) return { length: short + 1, back: 0, next: at };
  const bytes = short - 59;
  return { length: littleEndian(block, at, bytes) + 1, back: 0, next: at + bytes };
}

function copy(block: Uint8Array, at: number, tag: number): Piece {
  const kind = tag & 3;
  if (kind === 1) return { length: ((tag >> 2) & 7) + 4, back: nonZero(((tag >> 5) << 8) | littleEndian(block, at, 1)), next: at + 1 };
  const bytes = kind === 2 ? 2 : 4;
  return { length: (tag >> 2) + 1, back: nonZero(littleEndian(block, at, bytes)), next: at + bytes };
}

function nonZero(back: number): number {
  if (back === 0) throw malformed('it copies from nowhere');
  return back;
}

function littleEndian(block: Uint8Array, at: number, bytes: number): number {
  if (at + bytes > block.length) throw malformed('it is cut short');
  let value = 0;
  for (let i = bytes - 1; i >= 0; i--) value = value * 256 + (block[at + i] ?? 0);
  return value;
}

function malformed(hint: string): Failure {
  return new Failure('rejected', 'snappy', 'unpack the body', { hint: `the body is no snappy block: ${hint}` });
}
