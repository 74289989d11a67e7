/**
 * Who sends, out of a protobuf body. The same senders come with every body, each with a dozen attributes: a table of the last ones
 * by their bytes, each in the one place these lead to, so that it never grows. What it gives is shared and never changed.
 */
import type { ResourceRecord } from '../../../domain/span-batch.ts';
import { type Attributes, rejectedBelow, resourceOf } from './attributes.ts';
import type { Value } from './facts.ts';
import { Fields } from './fields.ts';
import { attributeInto } from './wire-attributes.ts';

export interface WireResource {
  readonly attributes: Attributes;
  readonly resource: ResourceRecord;
}

interface Kept extends WireResource {
  readonly bytes: Uint8Array;
}

const places = 1_024;
/** Longer ones are rare, and all places together hold no more than 4 MiB. */
const maxKeptBytes = 4_096;
const kept: (Kept | undefined)[] = new Array<Kept | undefined>(places).fill(undefined);
const resource = new Fields();

/** The resource at which `group` stands. */
export function keptResource(group: Fields): WireResource {
  resource.openIn(group, 'resource');
  const { bytes, from, to } = group;
  if (to - from > maxKeptBytes) return read();
  const place = placeOf(bytes, from, to);
  const known = kept[place];
  if (known !== undefined && isAt(known.bytes, bytes, from, to)) return known;
  const fresh = read();
  kept[place] = { ...fresh, bytes: bytes.slice(from, to) };
  return fresh;
}

function read(): WireResource {
  const attributes = new Map<string, Value>();
  try {
    while (resource.next()) if (resource.field === 1) attributeInto(resource, attributes);
  } catch (error) {
    throw rejectedBelow('resource.', error);
  }
  return { attributes, resource: resourceOf(attributes) };
}

function isAt(its: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  let i = to - from;
  if (its.length !== i) return false;
  while (i > 0 && its[i - 1] === bytes[from + i - 1]) i--;
  return i === 0;
}

/** FNV-1a (www.isthe.com/chongo/tech/comp/fnv) over the length and every third byte: replicas differ by one letter somewhere. */
function placeOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5 ^ (to - from);
  for (let at = from; at < to; at += 3) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return (hash ^ (hash >>> 15)) & (places - 1);
}
