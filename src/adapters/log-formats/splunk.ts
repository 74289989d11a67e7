/**
 * Splunk's HTTP Event Collector (PROTOCOLS B8): objects one after another with or without anything between them, each an event
 * and what is known of it; on `/raw`, plain lines, what is known of them in the query. The events before a bad one are taken.
 */
import { z } from 'zod';
import type { Delivery } from '../../domain/alert.ts';
import { jsonStretches } from '../../domain/json-text.ts';
import { isObject, type Json } from '../../domain/log-shape/fields.ts';
import { instantOf } from '../../domain/log-shape/instants.ts';
import { entriesOf, type ShippedLine } from '../../domain/log-shape/lines.ts';
import { type Reading, readRecord } from '../../domain/log-shape/record.ts';
import { type LogBatch, logFormat } from '../../ports.ts';
import { boundDepth, jsonOrNull, lineOf, looseText } from './bodies.ts';

export const splunk = logFormat({
  id: 'splunk',
  settings: z.object({}),
  create: () => ({
    read: (delivery) => (/^\/services\/collector\/raw\b/.test(delivery.route) ? rawLines(delivery) : events(delivery)),
  }),
});

function events(delivery: Delivery): LogBatch {
  boundDepth('splunk', delivery.body);
  const lines: ShippedLine[] = [];
  const stop = (code: string, reason: string) => ({
    entries: entriesOf(lines, delivery.receivedAt),
    rejected: [{ index: lines.length, code, reason }],
  });
  for (const stretch of jsonStretches(looseText(delivery))) {
    const value = jsonOrNull(stretch);
    if (!isObject(value)) return stop('invalid', 'Invalid data format');
    const { event, time } = value;
    if (event === undefined || event === null) return stop('missing', 'Event field is required');
    if (event === '' || (isObject(event) && Object.keys(event).length === 0)) return stop('blank', 'Event field cannot be blank');
    if (time !== undefined && time !== null && !isTime(time)) return stop('invalid', 'Invalid data format');
    if (value['fields'] !== undefined && !isObject(value['fields'])) return stop('invalid', 'Invalid data format');
    lines.push(lineIn(value, event, delivery.receivedAt));
  }
  return lines.length === 0 ? stop('empty', 'No data') : { entries: entriesOf(lines, delivery.receivedAt), rejected: [] };
}

function isTime(time: unknown): boolean {
  return Number.isFinite(typeof time === 'string' && time.trim() !== '' ? Number(time) : time);
}

/** `source` is a file or a program; `sourcetype` names a format. Neither is a service unless nothing else is said. */
function lineIn(wrapped: Json, event: unknown, receivedAt: number): ShippedLine {
  const { host, source, sourcetype, index } = wrapped;
  const about = readRecord(isObject(wrapped['fields']) ? wrapped['fields'] : {}, receivedAt);
  const inner = isObject(event) ? readRecord(event, receivedAt) : lineOf(typeof event === 'string' ? event : JSON.stringify(event));
  const timeMs = wrapped['time'] === undefined || wrapped['time'] === null ? null : epochSeconds(wrapped['time']);
  const told = { host, source, sourcetype, index };
  return { stream: JSON.stringify(told), reading: together(about, inner, timeMs, told) };
}

/** HEC's times are seconds; senders that write ms are understood by the size of the number. */
function epochSeconds(time: unknown): number | null {
  return instantOf(typeof time === 'string' ? Number(time) : time)?.ms ?? null;
}

function together(about: Reading, inner: Reading, timeMs: number | null, told: Readonly<Record<string, unknown>>): Reading {
  const [outer, own] = [about.entry, inner.entry];
  const more = Object.entries(told).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1].length <= 256);
  return {
    entry: {
      ...own,
      timeMs: timeMs ?? own.timeMs,
      service: own.service ?? outer.service,
      severity: own.severity || outer.severity,
      traceId: own.traceId ?? outer.traceId,
      spanId: own.spanId ?? outer.spanId,
      correlationId: own.correlationId ?? outer.correlationId,
      component: own.component ?? outer.component,
      instance: own.instance ?? outer.instance ?? (typeof told['host'] === 'string' ? told['host'] : null),
      version: own.version ?? outer.version,
      attributes: { ...Object.fromEntries(more), ...outer.attributes, ...own.attributes },
    },
    guess: {
      severity: inner.guess.severity || about.guess.severity,
      service: inner.guess.service ?? about.guess.service ?? sourceName(told),
    },
  };
}

/** `http:cart` and `cart` name who sends; a path or a host and port name something else. */
function sourceName({ source }: Readonly<Record<string, unknown>>): string | null {
  const name = typeof source === 'string' ? source.replace(/^http:/, '') : '';
  return /^[A-Za-z][\w.-]{0,100}$/.test(name) ? name : null;
}

function rawLines(delivery: Delivery): LogBatch {
  const text = looseText(delivery);
  if (text.trim() === '') return { entries: [], rejected: [{ index: 0, code: 'empty', reason: 'No data' }] };
  const query = new URLSearchParams(delivery.route.split('?')[1] ?? '');
  const told = { host: query.get('host'), source: query.get('source'), sourcetype: query.get('sourcetype'), index: query.get('index') };
  const timeMs = epochSeconds(query.get('time') ?? '');
  const about = readRecord({}, delivery.receivedAt);
  const lines = text.split('\n').map((line) => ({ stream: '', reading: together(about, lineOf(line), timeMs, told) }));
  return { entries: entriesOf(lines, delivery.receivedAt), rejected: [] };
}
