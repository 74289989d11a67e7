/** One span of a protobuf body → a row; what `spans.ts` is to JSON, with which it shares all that follows from what was read. */
import { idWords, parentIdAt, type SpanBatch, spanIdAt } from '../../../domain/span-batch.ts';
import { spanStatus } from '../../../domain/telemetry.ts';
import { rejectedBelow } from './attributes.ts';
import { Fields } from './fields.ts';
import { enumOf, exceptionFacts, exceptionProblem, finishRow, problemOf, spanFacts } from './spans.ts';
import { readUsual, type SpanSaid } from './usual-span.ts';
import { factAt } from './wire-attributes.ts';

const span = new Fields();
const below = new Fields();
const numbersOnly = {};
/** What the fields of the present span have said, used again for every span. */
const said: SpanSaid & { message: string; hasEvents: boolean; hasLinks: boolean } = {
  isTraced: false,
  isNamed: false,
  startMs: 0,
  endMs: 0,
  name: '',
  kind: 0,
  code: 0,
  message: '',
  hasEvents: false,
  hasLinks: false,
};

/**
 * False: the span's ids or times are no ids or times, and it alone is left out. `list` stands at it; `view` is of the same bytes.
 */
export function readWireSpan(list: Fields, view: DataView, batch: SpanBatch, resource: number, scope: number, ordinal: number): boolean {
  const row = batch.length;
  const columns = batch.room();
  const at = row * idWords;
  span.openIn(list, 'spans');
  spanFacts.clear();
  forget();
  columns.ids[at + parentIdAt] = columns.ids[at + parentIdAt + 1] = 0;
  for (let next = list.from; ; next = span.to) {
    span.open(list.bytes, readUsual(list.bytes, view, next, list.to, said, spanFacts, columns.ids, row), list.to);
    if (!span.next()) break;
    readField(columns.ids, at);
  }
  if (!said.isTraced || !said.isNamed || !(said.startMs > 0) || !(said.endMs > 0)) return false;
  columns.startMs[row] = said.startMs;
  columns.durationMs[row] = Math.max(0, said.endMs - said.startMs);
  columns.resource[row] = resource;
  columns.operation[row] = batch.texts.id(said.name);
  columns.kind[row] = said.kind;
  columns.ordinal[row] = ordinal;
  columns.component[row] = scope;
  finishRow(batch, row, said.kind, said.code);
  if (columns.status[row] === spanStatus.error) {
    const problem = (said.hasEvents ? eventProblem(list) : null) ?? problemOf(said.message);
    if (problem !== null) columns.problem[row] = batch.texts.id(problem);
  }
  if (said.hasLinks) readLink(list, batch, row);
  batch.length++;
  return true;
}

/** Cell by cell: `Object.assign` takes half as long as all the rest of a plain span. */
function forget(): void {
  said.isTraced = said.isNamed = said.hasEvents = said.hasLinks = false;
  said.startMs = said.endMs = said.kind = said.code = 0;
  said.name = said.message = '';
}

function readField(ids: Int32Array, at: number): void {
  switch (span.field) {
    case 1:
      said.isTraced = span.idInto('traceId', ids, at, 4);
      break;
    case 2:
      said.isNamed = span.idInto('spanId', ids, at + spanIdAt, 2);
      break;
    case 4:
      if (!span.idInto('parentSpanId', ids, at + parentIdAt, 2)) ids[at + parentIdAt] = ids[at + parentIdAt + 1] = 0;
      break;
    case 5:
      said.name = span.text('name');
      break;
    case 6:
      said.kind = enumOf(span.integer('kind'), numbersOnly, 'kind');
      break;
    case 7:
      said.startMs = span.timeMs('startTimeUnixNano');
      break;
    case 8:
      said.endMs = span.timeMs('endTimeUnixNano');
      break;
    case 9:
      factAt(span, spanFacts);
      break;
    case 11:
      said.hasEvents = true;
      break;
    case 13:
      said.hasLinks = true;
      break;
    case 15:
      readStatus();
      break;
  }
}

function readStatus(): void {
  below.openIn(span, 'status');
  while (below.next()) {
    if (below.field === 2) said.message = below.text('status.message');
    else if (below.field === 3) said.code = enumOf(below.integer('status.code'), numbersOnly, 'status.code');
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
