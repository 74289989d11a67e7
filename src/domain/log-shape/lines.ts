/** Lines as one delivery holds them → entries: lines of one stream that belong together are put together, then each is read. */
import type { LogEntry } from '../log-entry.ts';
import type { Reading } from './record.ts';
import { type Peeled, peeled, shaped } from './shape.ts';
import { createLineJoiner, type LineJoiner } from './stack-traces.ts';

/** A line and what its shipper says of it. */
export interface ShippedLine {
  /** Lines of one stream were written one after the other. */
  readonly stream: string;
  readonly reading: Reading;
}

interface Open {
  readonly first: Peeled;
  readonly parts: string[];
  isPartial: boolean;
  lastMs: number | null;
}

interface Stream {
  joiner: LineJoiner;
  open: Open | null;
}

/** A trace is written at one go; what comes later than this is something else. */
const maxPauseMs = 2_000;

export function entriesOf(lines: readonly ShippedLine[], receivedAt: number): LogEntry[] {
  const streams = new Map<string, Stream>();
  const found: Open[] = [];
  for (const { stream: name, reading } of lines) {
    let stream = streams.get(name);
    if (stream === undefined) {
      stream = { joiner: createLineJoiner(), open: null };
      streams.set(name, stream);
    }
    const line = peeled(reading, receivedAt);
    if (!belongs(line, stream)) found.push(opened(line, stream));
  }
  return found.map(({ first, parts }) => whole(first, parts, receivedAt)).filter(({ text }) => text !== '');
}

/** Whether it was put to the line that is open. */
function belongs(line: Peeled, { joiner, open }: Stream): boolean {
  if (open === null || line.isRecord) return false;
  const { timeMs } = line.reading.entry;
  const plain = plainText(line);
  if (open.isPartial) open.parts[open.parts.length - 1] += plain;
  else {
    const isLate = timeMs !== null && open.lastMs !== null && timeMs - open.lastMs > maxPauseMs;
    if (isLate || !joiner.continues(plain)) return false;
    open.parts.push(plain);
  }
  open.isPartial = line.isPartial;
  open.lastMs = timeMs;
  return true;
}

function opened(line: Peeled, stream: Stream): Open {
  const { isPartial, reading } = line;
  const open = { first: line, parts: [plainText(line)], isPartial, lastMs: reading.entry.timeMs };
  stream.open = line.isRecord ? null : open;
  if (!line.isRecord) stream.joiner.opens(plainText(line), { hasHeader: line.hasHeader, severity: line.entry.severity });
  return open;
}

function plainText({ reading }: Peeled): string {
  return reading.entry.text.replace(/\r?\n$/, '');
}

function whole({ reading, entry }: Peeled, parts: readonly string[], receivedAt: number): LogEntry {
  const text = parts.join('\n');
  return text === reading.entry.text ? entry : shaped({ ...reading, entry: { ...reading.entry, text } }, receivedAt);
}
