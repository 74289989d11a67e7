/**
 * Elasticsearch's bulk API (PROTOCOLS B5), as Beats, Logstash, Fluent Bit, Vector and the official clients speak it: lines in
 * pairs, an action and its document. Documents are log records; each action is answered by its own. What was stored is never
 * altered here, so `update` and `delete` are refused one by one.
 */
import { z } from 'zod';
import { isObject, type Json } from '../../domain/log-shape/fields.ts';
import { entriesOf, type ShippedLine } from '../../domain/log-shape/lines.ts';
import { readRecord } from '../../domain/log-shape/record.ts';
import { logFormat } from '../../ports.ts';
import { boundDepth, jsonOrNull, looseText, rejected } from './bodies.ts';

type Operation = { readonly verb: string; readonly target: string; readonly id: string | null };
type Rejected = { readonly index: number; readonly code: string; readonly reason: string };

const verbs = ['index', 'create', 'update', 'delete'];

export const elasticsearch = logFormat({
  id: 'elasticsearch',
  settings: z.object({}),
  create: () => ({
    read(delivery) {
      boundDepth('elasticsearch', delivery.body);
      const lines = looseText(delivery).split('\n');
      if (lines.length < 2 || lines[lines.length - 1]?.trim() !== '')
        throw rejected('elasticsearch', 'The bulk request must be terminated by a newline [\\n]');
      const shipped: ShippedLine[] = [];
      const operations: Operation[] = [];
      const refused: Rejected[] = [];
      const target = targetOf(delivery.route);
      for (let at = 0; at < lines.length; at++) {
        if (lines[at]?.trim() === '') continue;
        const operation = operationIn(lines[at] ?? '', at, target);
        const index = operations.push(operation) - 1;
        if (operation.verb === 'delete') {
          refused.push({ index, code: 'illegal_argument_exception', reason: 'log lines are not deleted' });
          continue;
        }
        if (++at >= lines.length - 1) throw rejected('elasticsearch', `The document of the action on line ${at} is missing`);
        const problem = operation.verb === 'update' ? 'illegal_argument_exception' : null;
        const document = problem === null ? jsonOrNull(lines[at] ?? '') : null;
        if (problem !== null) refused.push({ index, code: problem, reason: 'log lines are not altered' });
        else if (!isObject(document)) refused.push({ index, code: 'document_parsing_exception', reason: 'the document is no JSON object' });
        else shipped.push(line(document, operation, delivery.receivedAt));
      }
      if (operations.length === 0) throw rejected('elasticsearch', 'request body is required');
      return { entries: entriesOf(shipped, delivery.receivedAt), rejected: refused, operations };
    },
  }),
});

/** `/cart-logs/_bulk` → `cart-logs` */
function targetOf(route: string): string | null {
  const name = /^\/([^/?]+)\/_bulk/.exec(route)?.[1];
  if (name === undefined || name === '_bulk') return null;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function operationIn(text: string, at: number, target: string | null): Operation {
  const action = jsonOrNull(text);
  const [verb, more] = isObject(action) ? (Object.entries(action)[0] ?? []) : [];
  if (verb === undefined || !verbs.includes(verb) || !isObject(more) || Object.keys(action as Json).length !== 1)
    throw rejected('elasticsearch', `Malformed action/metadata line [${at + 1}], expected one of [create, delete, index, update]`);
  const index = more['_index'] ?? target;
  if (typeof index !== 'string' || index === '' || index.length > 255)
    throw rejected('elasticsearch', `an index is missing on line [${at + 1}]`);
  const id = more['_id'];
  return { verb, target: index, id: typeof id === 'string' && id.length <= 512 ? id : null };
}

/** Documents of one writer follow one another where they say the same host, container and file. */
function line(document: Json, { target }: Operation, receivedAt: number): ShippedLine {
  const reading = readRecord(document, receivedAt);
  const { service, instance, component } = reading.entry;
  const file = isObject(document['log']) && isObject(document['log']['file']) ? document['log']['file']['path'] : '';
  return { stream: JSON.stringify([target, service, instance, component, file]), reading };
}
