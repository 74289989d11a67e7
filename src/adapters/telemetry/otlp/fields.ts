/**
 * Protocol Buffers on the wire, read in place (protobuf.dev/programming-guides/encoding): one cursor walks the fields of one
 * message and makes nothing of those nobody asks for. A field is a range of the body; what it means is asked of it. Groups,
 * which are long deprecated, numbers too long and lengths beyond the message are refused: 'rejected' Failures, with the path
 * of the field where it is known.
 */
import { rejected } from './attributes.ts';
import { textOfBytes } from './text-cache.ts';

const varint = 0;
const fixed64 = 1;
const lengthDelimited = 2;
const fixed32 = 5;

/** 64 bits, seven to a byte. */
const maxVarintBytes = 10;
const word = 2 ** 32;
const nothing = new Uint8Array(0);

/** One message's fields, one after the other. Used again for every message of its kind. */
export class Fields {
  bytes: Uint8Array = nothing;
  /** Number of the present field, and where its value stands. */
  field = 0;
  from = 0;
  to = 0;
  #wire = 0;
  #at = 0;
  #end = 0;

  /** Begins a message that stands at [from, to). */
  open(bytes: Uint8Array, from: number, to: number): this {
    this.bytes = bytes;
    this.#at = from;
    this.#end = to;
    return this;
  }

  /** Begins the message that is the present field of `outer`. */
  openIn(outer: Fields, name: string): this {
    outer.#expect(lengthDelimited, name, 'an object');
    return this.open(outer.bytes, outer.from, outer.to);
  }

  /** Goes to the next field. False: there is none. */
  next(): boolean {
    const { bytes } = this;
    const end = this.#end;
    let at = this.#at;
    if (at >= end) return false;
    // Keys and lengths of one or two bytes are nearly all there are. What lies beyond the array reads as undefined, and
    // every way from there ends in a `to` that is not within the message.
    let key = bytes[at++]!;
    if (key >= 0x80) {
      const second = bytes[at++]!;
      if (second < 0x80) key = (key & 0x7f) | (second << 7);
      else {
        key = this.#number(at - 2);
        at = this.#at;
      }
    }
    const wire = key & 7;
    let to = at;
    if (wire === lengthDelimited) {
      let length = bytes[at++]!;
      if (length >= 0x80) {
        const second = bytes[at++]!;
        if (second < 0x80) length = (length & 0x7f) | (second << 7);
        else {
          length = this.#number(at - 2);
          at = this.#at;
        }
      }
      to = at + length;
    } else if (wire === varint) to = this.#endOfVarint(at);
    else if (wire === fixed64) to = at + 8;
    else if (wire === fixed32) to = at + 4;
    else throw rejected('a field is of a kind that is not taken', '');
    if (!(to <= end)) throw rejected('the message is cut short', '');
    if (key < 8) throw rejected('a field has the number 0', '');
    this.field = key >>> 3;
    this.#wire = wire;
    this.from = at;
    this.to = to;
    this.#at = to;
    return true;
  }

  /**
   * Where the text ends with which the present field, a message, begins as its field 1, of up to 127 bytes; -1: it begins
   * otherwise. It starts two bytes after `from`. Nearly every attribute says its name so.
   */
  leadingTextEnd(): number {
    const { bytes, from } = this;
    if (this.#wire !== lengthDelimited || bytes[from] !== 0x0a) return -1;
    const length = bytes[from + 1]!;
    const end = from + 2 + length;
    return length < 0x80 && end <= this.to ? end : -1;
  }

  text(name: string): string {
    this.#expect(lengthDelimited, name, 'a string');
    const text = textOfBytes(this.bytes, this.from, this.to);
    if (text === null) throw rejected('must be UTF-8', name);
    return text;
  }

  /** The bytes themselves, not a copy. */
  slice(name: string): Uint8Array {
    this.#expect(lengthDelimited, name, 'bytes');
    return this.bytes.subarray(this.from, this.to);
  }

  /** int32, int64, bool and enum: the value with its sign, exact up to 2^53 and rounded as a double beyond. */
  integer(name: string): number {
    this.#expect(varint, name, 'an integer');
    const { bytes, from, to } = this;
    if (to - from === 1) return bytes[from]!;
    let low = 0;
    let high = 0;
    for (let at = from, shift = 0; at < to; at++, shift += 7) {
      const bits = bytes[at]! & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
    }
    return high * word + (low >>> 0);
  }

  /** sfixed64. */
  signedFixed(name: string): number {
    this.#expect(fixed64, name, 'a 64-bit number');
    return (this.#word(this.from + 4) | 0) * word + (this.#word(this.from) >>> 0);
  }

  unsignedFixed(name: string): number {
    this.#expect(fixed64, name, 'a 64-bit number');
    return (this.#word(this.from + 4) >>> 0) * word + (this.#word(this.from) >>> 0);
  }

  double(name: string): number {
    this.#expect(fixed64, name, 'a 64-bit number');
    return new DataView(this.bytes.buffer, this.bytes.byteOffset + this.from, 8).getFloat64(0, true);
  }

  /** ns since the epoch → ms with a fraction. */
  timeMs(name: string): number {
    this.#expect(fixed64, name, 'a 64-bit number');
    return msOf(this.#word(this.from) >>> 0, this.#word(this.from + 4) >>> 0);
  }

  /** Writes `count` words, as the digits of an id stand, into `into`. False: it is not that long, or all zero. */
  idInto(name: string, into: Int32Array, to: number, count: number): boolean {
    this.#expect(lengthDelimited, name, 'bytes');
    const { bytes, from } = this;
    if (this.to - from !== count * 4) return false;
    let any = 0;
    for (let i = 0, at = from; i < count; i++, at += 4) {
      const value = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
      into[to + i] = value;
      any |= value;
    }
    return any !== 0;
  }

  #expect(wire: number, name: string, what: string): void {
    if (this.#wire !== wire) throw rejected(`must be ${what}`, name);
  }

  #word(at: number): number {
    const { bytes } = this;
    return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  }

  /** A key or a length, below 2^32, and moves behind it. */
  #number(start: number): number {
    const { bytes } = this;
    let value = 0;
    for (let at = start, scale = 1; at < start + 5; at++, scale *= 128) {
      const byte = bytes[at]!;
      value += (byte & 0x7f) * scale;
      if (byte >= 0x80) continue;
      if (value >= word) break;
      this.#at = at + 1;
      return value;
    }
    throw rejected('a key or a length is too long or cut short', '');
  }

  #endOfVarint(start: number): number {
    const { bytes } = this;
    let at = start;
    while (bytes[at]! >= 0x80) at++;
    const length = at + 1 - start;
    if (length > maxVarintBytes || (length === maxVarintBytes && bytes[at]! > 1)) throw rejected('a number has more than 64 bits', '');
    return at + 1;
  }
}

/**
 * ns as two words, both without a sign → ms with a fraction. 2^32 ns are 4294 ms and 967296 ns, so neither part outgrows what a
 * double holds, and the sum is the one that `timeMs` makes of the same number in decimal.
 */
export function msOf(low: number, high: number): number {
  const rest = high * 967_296 + low;
  const wholeMs = Math.floor(rest / 1e6);
  return high * 4_294 + wholeMs + (rest - wholeMs * 1e6) / 1e6;
}
