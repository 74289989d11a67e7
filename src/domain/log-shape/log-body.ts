/**
 * A log record whose body is a line that some logger wrote, sent on unread by a collector: what the line says of itself fills
 * in what the record does not say. Most records say everything and are handed back as they are, at the cost of a look at
 * the first character and at what is missing.
 */
import { spanIdOf, traceIdOf } from '../log-entry.ts';
import type { LogRecord } from '../records.ts';
import { idsIn } from './ids.ts';
import { shapedText } from './shape.ts';

/** Something that ids could stand behind; far cheaper than looking for the ids themselves. */
const mayHoldTrace = /(?:trace|span)[_. -]?id|\[[\w.-]{0,80},|(?:00-|\[)[0-9a-f]{32}/i;
/** The end of a name that ids of requests go by, told by its last letter: whether it is one shows in what stands before. */
const correlationEnd = /[ntq][_. -]?id["']?[ ]{0,2}[:=]|rid=|\[req-/gi;
const correlationBegin = /(?:correlation|request|transaction|txn|req)$/i;
const longestBegin = 'transaction'.length;
const openSquare = '['.charCodeAt(0);
const letterR = 'r'.charCodeAt(0);
const lookedAt = 4_096;
const unknownService = /^(?:.{0,200}\/)?unknown_service\b/;

export function filledIn(record: LogRecord, arrivedAt: number): LogRecord {
  const { text } = record;
  if (text.charCodeAt(0) === 0x7b || record.severity === 0) return fromLine(record, arrivedAt);
  const head = text.length > lookedAt ? text.slice(0, lookedAt) : text;
  const hasTrace = record.traceId === null && mayHoldTrace.test(head);
  const hasCorrelation = () => record.correlationId === null && mayHoldCorrelation(head);
  return hasTrace || hasCorrelation() ? withIds(record, idsIn(head)) : record;
}

/**
 * Whether `(?:correlation|request|transaction|txn|req)[_. -]?id["']?[ ]{0,2}[:=]`, `\brid=` or `[req-` stands in it: the whole
 * pattern, tried at each of its many first letters, costs as much as mining the line.
 */
function mayHoldCorrelation(head: string): boolean {
  correlationEnd.lastIndex = 0;
  for (let found = correlationEnd.exec(head); found !== null; found = correlationEnd.exec(head)) {
    const { index } = found;
    const first = head.charCodeAt(index);
    if (first === openSquare) return true;
    const isShort = found[0].length === 4 && (first | 0x20) === letterR;
    if (isShort ? !/\w/.test(head.charAt(index - 1)) : correlationBegin.test(head.slice(Math.max(0, index + 1 - longestBegin), index + 1)))
      return true;
  }
  return false;
}

function fromLine(record: LogRecord, arrivedAt: number): LogRecord {
  const line = shapedText(record.text, arrivedAt);
  const { service } = record.resource;
  const resource = line.service !== null && unknownService.test(service) ? { ...record.resource, service: line.service } : record.resource;
  return withIds(
    {
      ...record,
      resource,
      severity: record.severity || line.severity,
      text: line.text === '' ? record.text : line.text,
      component: record.component ?? line.component,
      hollowFields: line.hollow ?? record.hollowFields,
    },
    line,
  );
}

interface FoundIds {
  readonly traceId: string | null;
  readonly spanId: string | null;
  readonly correlationId: string | null;
}

function withIds(record: LogRecord, found: FoundIds): LogRecord {
  const traceId = traceIdOf(found.traceId);
  return {
    ...record,
    traceId: record.traceId ?? traceId,
    spanId: record.spanId ?? spanIdOf(found.spanId),
    correlationId: record.correlationId ?? found.correlationId ?? (traceId === null ? found.traceId : null),
  };
}
