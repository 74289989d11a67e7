/** Attributes of a protobuf body: those that are asked for while spans pass, or all of them. What `attributes.ts` is to JSON. */
import { Failure } from '../../../domain/failure.ts';
import { type Attributes, deepestValue } from './attributes.ts';
import type { Facts, Value } from './facts.ts';
import { Fields } from './fields.ts';

// One cursor a level, used again: the levels of a body never meet themselves, but for values inside values.
const pair = new Fields();
const content = new Fields();

/** Hands what is asked for to `facts`; `owner` stands at one KeyValue. */
export function factAt(owner: Fields, facts: Facts): void {
  const end = owner.leadingTextEnd();
  if (end >= 0 && facts.slotOfBytes(owner.bytes, owner.from + 2, end) < 0) return;
  pair.openIn(owner, 'attributes');
  let slot = -1;
  let value: Value | null = null;
  while (pair.next()) {
    if (pair.field === 1) {
      slot = facts.slotOfBytes(pair.bytes, pair.from, pair.to);
      // The value is not even looked at.
      if (slot < 0) return;
    } else if (pair.field === 2) value = valueAt(pair);
  }
  if (slot >= 0 && value !== null) facts.set(slot, value);
}

/** Puts the KeyValue at which `owner` stands into `into`. */
export function attributeInto(owner: Fields, into: Map<string, Value>): void {
  pair.openIn(owner, 'attributes');
  let key = '';
  let value: Value | null = null;
  while (pair.next()) {
    if (pair.field === 1) key = pair.text('attributes.key');
    else if (pair.field === 2) value = valueAt(pair);
  }
  if (value !== null) into.set(key, value);
}

/** All attributes of the message that stands at [from, to), which has them under this number. */
export function attributesIn(bytes: Uint8Array, from: number, to: number, number: number): Attributes {
  const attributes = new Map<string, Value>();
  const owner = new Fields().open(bytes, from, to);
  while (owner.next()) if (owner.field === number) attributeInto(owner, attributes);
  return attributes;
}

/** The same of what was passed by when it came, and so never checked: an attribute that is none is left out. */
export function readableAttributesIn(bytes: Uint8Array, from: number, to: number, number: number): Attributes {
  const attributes = new Map<string, Value>();
  const owner = new Fields().open(bytes, from, to);
  while (owner.next()) {
    if (owner.field !== number) continue;
    try {
      attributeInto(owner, attributes);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
  }
  return attributes;
}

/** AnyValue → something readable; lists and maps as JSON. `owner` stands at it. */
export function valueAt(owner: Fields, name = 'value'): Value | null {
  const value = anyValue(content.openIn(owner, name), 0);
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as Value | null);
}

/** Of several kinds of value in one the last counts, as in every `oneof`. */
function anyValue(any: Fields, depth: number): unknown {
  let value: unknown = null;
  while (any.next()) {
    if (any.field === 1) value = any.text('stringValue');
    else if (any.field === 2) value = any.integer('boolValue') !== 0;
    else if (any.field === 3) value = any.integer('intValue');
    else if (any.field === 4) value = any.double('doubleValue');
    else if (any.field === 5) value = listValue(any, depth);
    else if (any.field === 6) value = mapValue(any, depth);
    else if (any.field === 7) value = Buffer.from(any.slice('bytesValue')).toString('base64');
  }
  return value;
}

/** Further down than anybody means it nothing is read. */
function valueBelow(owner: Fields, name: string, depth: number): unknown {
  return depth > deepestValue ? null : anyValue(new Fields().openIn(owner, name), depth);
}

function listValue(owner: Fields, depth: number): unknown[] {
  const list = new Fields().openIn(owner, 'arrayValue');
  const values: unknown[] = [];
  while (list.next()) if (list.field === 1) values.push(valueBelow(list, 'values', depth + 1));
  return values;
}

function mapValue(owner: Fields, depth: number): Record<string, unknown> {
  const map = new Fields().openIn(owner, 'kvlistValue');
  const pairs: [string, unknown][] = [];
  while (map.next()) {
    if (map.field !== 1) continue;
    const inner = new Fields().openIn(map, 'values');
    let key = '';
    let value: unknown = null;
    while (inner.next()) {
      if (inner.field === 1) key = inner.text('key');
      else if (inner.field === 2) value = valueBelow(inner, 'value', depth + 1);
    }
    pairs.push([key, value]);
  }
  return Object.fromEntries(pairs);
}
