/** One span of a protobuf body → a row; what `spans.ts` is to JSON, with which it shares all that follows from what was read. */
import { idWords, parentIdAt, type SpanBatch, spanIdAt } from '../../../domain/span-batch.ts';
import { spanStatus } from '../../../domain/telemetry.ts';
import { rejectedBelow } from './attributes.ts';
import { Fields } from './fields.ts';
import { enumOf, exceptionFacts, exceptionProblem, finishRow, problemOf, spanFacts } from './spans.ts';
import { factAt } from './wire-attributes.ts';

const span = new Fields();
const below = new Fields();
const status = { code: 0, message: '' };
const numbersOnly = {};

/** False: the span's ids or times are no ids or times, and it alone is left out. `list` stands at it. */
export function readWireSpan(list: Fields, batch: SpanBatch, resource: number, scope: number, ordinal: number): boolean {
  const row = batch.length;
  const columns = batch.room();
  const { ids } = columns;
  const at = row * idWords;
  span.openIn(list, 'spans');
  spanFacts.clear();
  status.code = 0;
  status.message = '';
  ids[at + parentIdAt] = ids[at + parentIdAt + 1] = 0;
  let isTraced = false;
  let isNamed = false;
  let startMs = 0;
  let endMs = 0;
  let name = '';
  let kind = 0;
  let hasEvents = false;
  let hasLinks = false;
  while (span.next()) {
    switch (span.field) {
      case 1:
        isTraced = span.idInto('traceId', ids, at, 4);
        break;
      case 2:
        isNamed = span.idInto('spanId', ids, at + spanIdAt, 2);
        break;
      case 4:
        if (!span.idInto('parentSpanId', ids, at + parentIdAt, 2)) ids[at + parentIdAt] = ids[at + parentIdAt + 1] = 0;
        break;
      case 5:
        name = span.text('name');
        break;
      case 6:
        kind = enumOf(span.integer('kind'), numbersOnly, 'kind');
        break;
      case 7:
        startMs = span.timeMs('startTimeUnixNano');
        break;
      case 8:
        endMs = span.timeMs('endTimeUnixNano');
        break;
      case 9:
        factAt(span, spanFacts);
        break;
      case 11:
        hasEvents = true;
        break;
      case 13:
        hasLinks = true;
        break;
      case 15:
        readStatus();
        break;
    }
  }
  if (!isTraced || !isNamed || !(startMs > 0) || !(endMs > 0)) return false;
  columns.startMs[row] = startMs;
  columns.durationMs[row] = Math.max(0, endMs - startMs);
  columns.resource[row] = resource;
  columns.operation[row] = batch.texts.id(name);
  columns.kind[row] = kind;
  columns.ordinal[row] = ordinal;
  columns.component[row] = scope;
  finishRow(batch, row, kind, status.code);
  if (columns.status[row] === spanStatus.error) {
    const problem = (hasEvents ? eventProblem(list) : null) ?? problemOf(status.message);
    if (problem !== null) columns.problem[row] = batch.texts.id(problem);
  }
  if (hasLinks) readLink(list, batch, row);
  batch.length++;
  return true;
}

function readStatus(): void {
  below.openIn(span, 'status');
  while (below.next()) {
    if (below.field === 2) status.message = below.text('status.message');
    else if (below.field === 3) status.code = enumOf(below.integer('status.code'), numbersOnly, 'status.code');
  }
}

/** Most spans end well and nobody asks for their events: they are looked for a second time where one does not. */
function eventProblem(list: Fields): string | null {
  span.openIn(list, 'spans');
  for (let i = 0; span.next(); ) {
    if (span.field !== 11) continue;
    exceptionFacts.clear();
    let name = '';
    try {
      below.openIn(span, 'events');
      while (below.next()) {
        if (below.field === 2) name = below.text('name');
        else if (below.field === 3) factAt(below, exceptionFacts);
      }
    } catch (error) {
      throw rejectedBelow(`events[${i}].`, error);
    }
    const problem = name === 'exception' ? exceptionProblem() : null;
    if (problem !== null) return problem;
    i++;
  }
  return null;
}

/** The first link; one whose ids are none is none. */
function readLink(list: Fields, batch: SpanBatch, row: number): void {
  span.openIn(list, 'spans');
  while (span.next() && span.field !== 13);
  below.openIn(span, 'links');
  const ids = new Int32Array(6);
  let isTraced = false;
  let isNamed = false;
  while (below.next()) {
    if (below.field === 1) isTraced = below.idInto('links[0].traceId', ids, 0, 4);
    else if (below.field === 2) isNamed = below.idInto('links[0].spanId', ids, spanIdAt, 2);
  }
  if (isTraced && isNamed) batch.links.set(row, ids);
}
