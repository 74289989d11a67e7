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

/** A line without what only carries it, so that lines of one writer can be put together again. */
export interface Peeled {
  /** What its carriers say of it, its text being the line as it was written. */
  readonly reading: Reading;
  /** The line read by itself. */
  readonly entry: LogEntry;
  /** It is a record of its own, to which no further line belongs. */
  readonly isRecord: boolean;
  readonly hasHeader: boolean;
  /** The next line continues it, in the same breath. */
  readonly isPartial: boolean;
}

export function peeled(written: Reading, receivedAt: number): Peeled {
  let reading = written;
  let isPartial = false;
  for (let carried = 0; carried < maxCarried; carried++) {
    const { entry, guess } = reading;
    const inner = readLine(entry.text, receivedAt);
    if (inner === null) break;
    const merged = { entry: merge(entry, inner.reading.entry), guess: joined(guess, inner.reading.guess) };
    if (inner.kind !== 'carrier') {
      const read = inner.isFinal ? finished(merged.entry, merged.guess) : shaped(merged, receivedAt, carried + 1);
      return { reading, entry: read, isRecord: inner.kind === 'record', hasHeader: true, isPartial };
    }
    reading = merged;
    isPartial = inner.isPartial;
  }
  const { entry, guess } = reading;
  return { reading, entry: finished(entry, guess), isRecord: false, hasHeader: entry.severity > 0, isPartial };
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

interface Inner {
  readonly kind: 'record' | 'line' | 'carrier';
  readonly reading: Reading;
  /** What is left is the message. */
  readonly isFinal: boolean;
  readonly isPartial: boolean;
}

function readLine(text: string, receivedAt: number): Inner | null {
  const record = structured(text);
  if (record !== null) return ofRecord(record, text, receivedAt);
  const line = readTextLine(text, receivedAt);
  if (line === null) return null;
  const { severity = 0, service = null, ...found } = line.found;
  const { isWrapper, isPartial } = line;
  // A header alone is all there is to show.
  const entry = { ...emptyEntry, ...found, text: line.text === '' && !isWrapper ? text : line.text };
  // A carrier's level and name are guesses; ids of a header go with the header, so they are looked for before.
  if (isWrapper) return { kind: 'carrier', reading: { entry, guess: { severity, service } }, isFinal: false, isPartial };
  const reading = { entry: { ...entry, ...idsIn(text), severity, service }, guess: noGuess };
  return { kind: 'line', reading, isFinal: !/^[{[]/.test(line.text), isPartial };
}

function ofRecord(record: Json, text: string, receivedAt: number): Inner {
  const reading = readRecord(record, receivedAt);
  // A record that is its own message says nothing further.
  if (!isCarrier(record)) return { kind: 'record', reading, isFinal: reading.entry.text === text, isPartial: false };
  // A carried line may be empty, and is then no record without a message.
  const carried = String(record['log']);
  const entry = { ...reading.entry, text: carried.replace(/\r?\n$/, '') };
  return { kind: 'carrier', reading: { ...reading, entry }, isFinal: false, isPartial: !carried.endsWith('\n') };
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
    hollow: found.hollow ?? said.hollow ?? null,
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
