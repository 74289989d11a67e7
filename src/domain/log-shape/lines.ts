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

interface Stream {
  readonly joiner: LineJoiner;
  open: { readonly first: Peeled; readonly parts: string[]; isPartial: boolean; lastMs: number | null } | null;
}

/** A trace is written at one go; what comes later than this is something else. */
const maxPauseMs = 2_000;

export function entriesOf(lines: readonly ShippedLine[], receivedAt: number): LogEntry[] {
  const streams = new Map<string, Stream>();
  const found: { readonly first: Peeled; readonly parts: string[] }[] = [];
  for (const { stream: name, reading } of lines) {
    const line = peeled(reading, receivedAt);
    const { text, timeMs } = line.reading.entry;
    let stream = streams.get(name);
    if (stream === undefined) {
      stream = { joiner: createLineJoiner(), open: null };
      streams.set(name, stream);
    }
    const { open } = stream;
    const plain = text.replace(/\r?\n$/, '');
    if (open?.isPartial && !line.isStructured) {
      open.parts[open.parts.length - 1] += plain;
      open.isPartial = line.isPartial;
      continue;
    }
    const isSoon = open !== null && !(timeMs !== null && open.lastMs !== null && timeMs - open.lastMs > maxPauseMs);
    if (!line.isStructured && stream.joiner.continues(plain) && isSoon) {
      open.parts.push(plain);
      open.isPartial = line.isPartial;
      open.lastMs = timeMs;
      continue;
    }
    const parts = [plain];
    found.push({ first: line, parts });
    stream.open = line.isStructured ? null : { first: line, parts, isPartial: line.isPartial, lastMs: timeMs };
    if (!line.isStructured) stream.joiner.opened(selfSaid(line, receivedAt));
  }
  return found.map(({ first, parts }) => whole(first, parts, receivedAt)).filter(({ text }) => text !== '');
}

/** Whether the line has a header of its own, and how bad it says it is. */
function selfSaid({ reading }: Peeled, receivedAt: number): { hasHeader: boolean; severity: number } {
  const { severity, text } = shaped(reading, receivedAt);
  return { hasHeader: text !== reading.entry.text.trimEnd() || reading.entry.severity > 0, severity };
}

function whole({ reading }: Peeled, parts: readonly string[], receivedAt: number): LogEntry {
  return shaped({ ...reading, entry: { ...reading.entry, text: parts.join('\n') } }, receivedAt);
}
