/**
 * Loki's push API (PROTOCOLS B4), as Promtail, Alloy, Docker's driver, Fluent Bit and pino-loki speak it: JSON, or protobuf (out of
 * its snappy block by now). Labels say whose lines they are; structured metadata says more of single lines.
 */
import { z } from 'zod';
import { emptyEntry } from '../../domain/log-entry.ts';
import { fromNanoseconds } from '../../domain/log-shape/instants.ts';
import { entriesOf, type ShippedLine } from '../../domain/log-shape/lines.ts';
import { type Reading, readRecord } from '../../domain/log-shape/record.ts';
import { eachField, wireBytes, wireNumber, wireText } from '../../domain/wire.ts';
import { logFormat } from '../../ports.ts';
import { rejected, strictJson } from './bodies.ts';

interface Stream {
  readonly labels: Readonly<Record<string, string>>;
  readonly lines: readonly Line[];
}

interface Line {
  readonly timeMs: number;
  readonly text: string;
  readonly metadata: Readonly<Record<string, string>>;
}

const Push = z.object({
  streams: z.array(
    z.object({
      stream: z.record(z.string(), z.string()),
      values: z.array(z.tuple([z.string(), z.string()], z.unknown())),
    }),
  ),
});
const Metadata = z.record(z.string(), z.string());

export const loki = logFormat({
  id: 'loki',
  settings: z.object({}),
  create: () => ({
    read(delivery) {
      const isProtobuf = /^application\/x-protobuf\b/i.test(delivery.headers['content-type'] ?? '');
      const streams = isProtobuf ? fromProtobuf(delivery.body) : fromJson(strictJson('loki', delivery));
      const lines = streams.flatMap((stream, number) => shipped(stream, String(number), delivery.receivedAt));
      return { entries: entriesOf(lines, delivery.receivedAt), rejected: [] };
    },
  }),
});

function shipped({ labels, lines }: Stream, stream: string, receivedAt: number): ShippedLine[] {
  const said = told(labels, receivedAt);
  return lines.map(({ timeMs, text, metadata }) => {
    const own = Object.keys(metadata).length === 0 ? said : told({ ...labels, ...metadata }, receivedAt);
    return { stream, reading: { entry: { ...own.entry, timeMs, text }, guess: own.guess } };
  });
}

/** Labels are a record without a message; what they say of time is about the stream. */
function told(labels: Readonly<Record<string, string>>, receivedAt: number): Reading {
  const { entry, guess } = readRecord(labels, receivedAt);
  const detected = labels['detected_level'];
  return {
    entry: { ...emptyEntry, ...entry, text: '' },
    guess: {
      ...guess,
      severity: guess.severity || (detected === undefined ? 0 : readRecord({ level: detected }, receivedAt).entry.severity),
    },
  };
}

function fromJson(body: unknown): Stream[] {
  const read = Push.safeParse(body);
  if (!read.success) {
    const issue = read.error.issues[0];
    throw rejected('loki', 'not as expected', (issue?.path ?? []).map(String).join('.'));
  }
  return read.data.streams.map(({ stream, values }, s) => ({
    labels: stream,
    lines: values.map(([time, text, third], i) => {
      const timeMs = fromNanoseconds(time);
      if (timeMs === null) throw rejected('loki', 'a timestamp is nanoseconds as text', `streams.${s}.values.${i}.0`);
      const metadata = third === undefined ? { success: true, data: {} } : Metadata.safeParse(third);
      if (!metadata.success) throw rejected('loki', 'structured metadata is a flat object of texts', `streams.${s}.values.${i}.2`);
      return { timeMs, text, metadata: metadata.data ?? {} };
    }),
  }));
}

/** PushRequest { streams = 1 }, Stream { labels = 1, entries = 2 } */
function fromProtobuf(body: Uint8Array): Stream[] {
  const streams: Stream[] = [];
  eachField(body, (field, value) => {
    if (field !== 1) return;
    let labels: Record<string, string> = {};
    const lines: Line[] = [];
    eachField(wireBytes(value), (inStream, part) => {
      if (inStream === 1) labels = labelsIn(wireText(part));
      if (inStream === 2) lines.push(lineIn(wireBytes(part)));
    });
    streams.push({ labels, lines });
  });
  return streams;
}

/** Entry { timestamp = 1 { seconds = 1, nanos = 2 }, line = 2, structuredMetadata = 3 { name = 1, value = 2 } } */
function lineIn(entry: Uint8Array): Line {
  let timeMs = 0;
  let text = '';
  const metadata: [string, string][] = [];
  eachField(entry, (field, value) => {
    if (field === 1)
      eachField(wireBytes(value), (part, number) => {
        timeMs += part === 1 ? wireNumber(number) * 1_000 : part === 2 ? wireNumber(number) / 1e6 : 0;
      });
    if (field === 2) text = wireText(value);
    if (field === 3) metadata.push(pairIn(wireBytes(value)));
  });
  if (timeMs > 8.64e15) throw rejected('loki', 'a timestamp lies beyond any calendar');
  return { timeMs, text, metadata: Object.fromEntries(metadata) };
}

function pairIn(bytes: Uint8Array): [string, string] {
  let name = '';
  let value = '';
  eachField(bytes, (field, part) => {
    if (field === 1) name = wireText(part);
    if (field === 2) value = wireText(part);
  });
  return [name, value];
}

const label = /\s*([A-Za-z_][\w.:]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,|$)/y;

/** `{app="cart", level="error"}`, quoted as in Go. */
function labelsIn(written: string): Record<string, string> {
  const [, inner] = /^\s*\{([\s\S]*)\}\s*$/.exec(written) ?? [];
  if (inner === undefined) throw rejected('loki', 'labels are written {name="value", …}');
  const labels: [string, string][] = [];
  for (label.lastIndex = 0; label.lastIndex < inner.trimEnd().length; ) {
    const match = label.exec(inner);
    if (match === null) throw rejected('loki', 'labels are written {name="value", …}');
    labels.push([match[1] ?? '', (match[2] ?? '').replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c === 't' ? '\t' : c))]);
  }
  return Object.fromEntries(labels);
}
