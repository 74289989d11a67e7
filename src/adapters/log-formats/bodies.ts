/** What all log formats do with bytes: text in UTF-8, JSON that is not nested beyond reason. */
import type { Delivery } from '../../domain/alert.ts';
import { Failure } from '../../domain/failure.ts';
import { isDeeperThan } from '../../domain/json-text.ts';
import { emptyEntry, type LogEntry } from '../../domain/log-entry.ts';
import type { Reading } from '../../domain/log-shape/record.ts';

/** Records nest by a few levels; what is deeper is an attack on whatever walks it. */
const maxDepth = 64;

export function rejected(format: string, hint: string, path = ''): Failure {
  return new Failure('rejected', format, 'read the body', path === '' ? { hint } : { hint, path });
}

/** Log lines are whatever a program wrote: bytes that are no UTF-8 are shown as such and cost nobody the others. */
export function looseText({ body }: Delivery): string {
  return new TextDecoder('utf-8').decode(body);
}

export function strictJson(format: string, { body }: Delivery): unknown {
  boundDepth(format, body);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    // The parser's own message quotes the body, which may hold anything.
    throw rejected(format, 'the body is not JSON in UTF-8');
  }
}

export function boundDepth(format: string, body: Uint8Array): void {
  if (isDeeperThan(maxDepth, body)) throw rejected(format, `nested deeper than ${maxDepth} levels`);
}

/** null: it is no JSON. */
export function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A line of which nothing is known but what `said` says. */
export function lineOf(text: string, said: Partial<LogEntry> = {}): Reading {
  return { entry: { ...emptyEntry, ...said, text }, guess: { severity: 0, service: null } };
}
