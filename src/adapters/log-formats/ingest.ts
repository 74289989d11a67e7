/**
 * Bodies of shippers that post to any address (PROTOCOLS B5): Fluent Bit's array, lines or stream of records, Vector's array or
 * NDJSON, Logstash's object or `json_batch`, and plain lines of text. Which it is, the content type says, or the first
 * character. A record that is none is left out and counted; a body without any is refused.
 */
import { z } from 'zod';
import type { Delivery } from '../../domain/alert.ts';
import { jsonStretches } from '../../domain/json-text.ts';
import { isObject, type Json } from '../../domain/log-shape/fields.ts';
import { entriesOf, type ShippedLine } from '../../domain/log-shape/lines.ts';
import { readRecord } from '../../domain/log-shape/record.ts';
import { type LogBatch, logFormat } from '../../ports.ts';
import { boundDepth, jsonOrNull, lineOf, looseText, rejected } from './bodies.ts';

export const ingest = logFormat({
  id: 'ingest',
  settings: z.object({}),
  create: () => ({
    read(delivery) {
      const type = delivery.headers['content-type'] ?? '';
      const first = /^\s{0,64}(\S)/.exec(new TextDecoder().decode(delivery.body.subarray(0, 256)))?.[1];
      const isText = /^text\//i.test(type) || (type === '' && first !== '{' && first !== '[');
      return isText ? textLines(delivery) : records(delivery);
    },
  }),
});

function textLines(delivery: Delivery): LogBatch {
  const query = Object.fromEntries(new URLSearchParams(delivery.route.split('?')[1] ?? ''));
  const { entry } = readRecord(query, delivery.receivedAt);
  const said = { service: entry.service, instance: entry.instance, environment: entry.environment ?? null };
  const lines = looseText(delivery).split('\n');
  const shipped = lines.map((line) => ({ stream: '', reading: lineOf(line, said) }));
  const entries = entriesOf(shipped, delivery.receivedAt);
  if (entries.length === 0) throw rejected('ingest', 'the body holds no line');
  return { entries, rejected: [] };
}

function records(delivery: Delivery): LogBatch {
  boundDepth('ingest', delivery.body);
  const lines: ShippedLine[] = [];
  const refused: { index: number; code: string; reason: string }[] = [];
  let index = 0;
  const take = (value: unknown) => {
    if (isObject(value) && Object.keys(value).length > 0) lines.push(line(value, delivery));
    else if (typeof value === 'string') lines.push({ stream: '', reading: lineOf(value) });
    else refused.push({ index, code: 'invalid', reason: 'a record is a JSON object' });
    index++;
  };
  for (const stretch of jsonStretches(looseText(delivery))) {
    const value = jsonOrNull(stretch);
    if (Array.isArray(value)) value.forEach(take);
    else take(value);
  }
  if (lines.length === 0 && index > 0)
    throw rejected('ingest', refused[0]?.reason ?? 'the body holds no record', `[${refused[0]?.index ?? 0}]`);
  return { entries: entriesOf(lines, delivery.receivedAt), rejected: refused };
}

/** Where the records of one writer come from: the container, the file, the stream. */
const places = ['stream', 'file', 'filename', 'path', 'container_id', 'container_name', 'host', 'kubernetes', 'log', 'docker', 'container'];

function line(record: Json, { receivedAt, headers }: Delivery): ShippedLine {
  const reading = readRecord(record, receivedAt);
  const { service, instance } = reading.entry;
  const place = places.map((name) => (typeof record[name] === 'string' && name !== 'log' ? record[name] : ''));
  const tag = headers['fluent-tag'] ?? headers['x-tag'] ?? null;
  const guess = reading.guess.service ?? (tag === null ? null : serviceOfTag(tag));
  return { stream: JSON.stringify([service, instance, ...place]), reading: { ...reading, guess: { ...reading.guess, service: guess } } };
}

/** Fluent Bit's tag of a container's file: `kube.var.log.containers.cart-6c9f7d8b54-x2x9z_shop_cart-<id>.log`; else its last part. */
function serviceOfTag(tag: string): string | null {
  const container = /_([a-z0-9.-]{1,100}?)-[0-9a-f]{64}\.log$/.exec(tag)?.[1];
  if (container !== undefined) return container;
  const last = tag.split('.').at(-1) ?? '';
  return /^[A-Za-z][\w-]{0,100}$/.test(last) ? last : null;
}
