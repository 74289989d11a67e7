/**
 * One raw line or record → a log entry, whatever wrote it: JSON, logfmt, a text pattern, a carrier of any of these. What is
 * said outside counts first, what stands inside fills in; guesses (a carrier's level, a container's name) come last.
 */
import { emptyEntry, type LogEntry } from '../log-entry.ts';
import { isObject, type Json } from './fields.ts';
import { idsIn } from './ids.ts';
import { logfmtRecord } from './logfmt.ts';
import { type Reading, readRecord } from './record.ts';
import { readTextLine } from './text-line.ts';

/** A line in a line in a line: CRI carries Docker's JSON carries the application's. */
const maxCarried = 4;
const maxHeader = 1_024;
/** A structured line beyond this is data that somebody printed. */
const maxStructured = 256 * 1_024;
/** Text alone that says how bad it is. */
const fatalText = /^(?:panic: |fatal error: |fatal: |Segmentation fault|(?:java\.lang\.)?OutOfMemoryError|\[?signal SIG)/;
const errorText =
  /^(?:Traceback \(most recent call last\)|Exception in thread |Unhandled (?:exception|rejection)|Uncaught |(?:[\w$]{1,80}[.:]{1,2}){0,12}(?:[A-Z][\w$]{0,80}?)?(?:Error|Exception)(?::|\n|$))/;

/** What a shipper says of a line, its text being the line as it was written. */
export function shaped({ entry, guess }: Reading, receivedAt: number, carried = 0): LogEntry {
  const inner = carried < maxCarried ? readLine(entry.text, receivedAt) : null;
  if (inner === null) return finished(entry, guess);
  const merged = merge(entry, inner.reading.entry);
  const guesses = joined(guess, inner.reading.guess);
  return inner.isFinal ? finished(merged, guesses) : shaped({ entry: merged, guess: guesses }, receivedAt, carried + 1);
}

/** What only carries somebody else's line is taken off, so that lines of one writer can be put together again. */
export function peeled(reading: Reading, receivedAt: number): Peeled {
  let outer: Peeled = { reading, isStructured: false, isPartial: false };
  for (let carried = 0; carried < maxCarried; carried++) {
    const { text } = outer.reading.entry;
    const record = /^\s{0,16}\{/.test(text) ? structured(text) : null;
    if (record !== null && !isCarrier(record)) return { ...outer, isStructured: true };
    const line = record === null ? readTextLine(text.slice(0, maxHeader), receivedAt) : null;
    if (record === null && !line?.isWrapper) return outer;
    const inner = readLine(text, receivedAt);
    if (inner === null) return outer;
    const { entry, guess } = outer.reading;
    outer = {
      reading: { entry: merge(entry, inner.reading.entry), guess: joined(guess, inner.reading.guess) },
      isStructured: false,
      isPartial: line?.isPartial ?? !/\n$/.test(String(record?.['log'] ?? '\n')),
    };
  }
  return outer;
}

export interface Peeled {
  readonly reading: Reading;
  /** It is a record of its own, to which no further line belongs. */
  readonly isStructured: boolean;
  /** The next line continues it, in the same breath. */
  readonly isPartial: boolean;
}

/** Docker's json-file driver. */
function isCarrier(record: Json): boolean {
  return typeof record['log'] === 'string' && typeof record['stream'] === 'string' && typeof record['time'] === 'string';
}

function joined(outer: Reading['guess'], inner: Reading['guess']): Reading['guess'] {
  return { severity: inner.severity || outer.severity, service: outer.service ?? inner.service };
}

/** A raw line that nothing is said of. */
export function shapedText(text: string, receivedAt: number): LogEntry {
  return shaped({ entry: { ...emptyEntry, text }, guess: { severity: 0, service: null } }, receivedAt);
}

export function shapedRecord(record: Json, receivedAt: number): LogEntry {
  return shaped(readRecord(record, receivedAt), receivedAt);
}

interface Inner {
  readonly reading: Reading;
  /** What is left is the message. */
  readonly isFinal: boolean;
}

function readLine(text: string, receivedAt: number): Inner | null {
  const record = structured(text);
  // A record that is its own message says nothing further.
  if (record !== null) {
    const read = readRecord(record, receivedAt);
    // A carried line may be empty, and is then no record without a message.
    const reading = isCarrier(record) ? { ...read, entry: { ...read.entry, text: String(record['log']).replace(/\r?\n$/, '') } } : read;
    return { reading, isFinal: reading.entry.text === text };
  }
  const line = readTextLine(text, receivedAt);
  if (line === null) return null;
  const { severity = 0, service = null, ...found } = line.found;
  // A header alone is all there is to show.
  const entry = { ...emptyEntry, ...found, text: line.text === '' && !line.isWrapper ? text : line.text };
  // A carrier's level and name are guesses; ids of a header go with the header, so they are looked for before.
  if (line.isWrapper) return { reading: { entry, guess: { severity, service } }, isFinal: false };
  const ids = idsIn(text);
  return { reading: { entry: { ...entry, ...ids, severity, service }, guess: noGuess }, isFinal: !/^[{[]/.test(line.text) };
}

const noGuess = { severity: 0, service: null } as const;

function structured(text: string): Json | null {
  if (text.length > maxStructured) return null;
  const first = /^\s{0,16}(\S)/.exec(text)?.[1];
  if (first === '{') return jsonRecord(text);
  return first !== undefined && text.includes('=') ? logfmtRecord(text.replace(/\r?\n$/, '')) : null;
}

function jsonRecord(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null; // not JSON after all, or nested too deep to be a log line: it stays the text it is
  }
}

function merge(said: LogEntry, found: LogEntry): LogEntry {
  return {
    timeMs: said.timeMs ?? found.timeMs,
    service: found.service ?? said.service,
    namespace: said.namespace ?? found.namespace ?? null,
    environment: said.environment ?? found.environment ?? null,
    severity: said.severity || found.severity,
    text: found.text,
    traceId: said.traceId ?? found.traceId,
    spanId: said.spanId ?? found.spanId,
    correlationId: said.correlationId ?? found.correlationId,
    component: found.component ?? said.component,
    instance: said.instance ?? found.instance,
    version: said.version ?? found.version,
    attributes: { ...found.attributes, ...said.attributes },
  };
}

function finished(entry: LogEntry, guess: Reading['guess']): LogEntry {
  const text = entry.text.trimEnd();
  const ids = entry.traceId === null || entry.correlationId === null ? idsIn(text) : null;
  return {
    ...entry,
    text,
    severity: entry.severity || severityOfText(text) || guess.severity,
    service: entry.service ?? guess.service,
    traceId: entry.traceId ?? ids?.traceId ?? null,
    spanId: entry.spanId ?? ids?.spanId ?? null,
    correlationId: entry.correlationId ?? ids?.correlationId ?? null,
  };
}

function severityOfText(text: string): number {
  const head = text.slice(0, 1_024);
  if (fatalText.test(head)) return 21;
  return errorText.test(head) ? 17 : 0;
}
