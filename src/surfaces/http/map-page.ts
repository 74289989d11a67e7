/**
 * A large map in pages: edges in the order of their names, each page with the services its edges name; the last one has
 * those that no edge names as well. A cursor names an edge, so a map that changes in between skips and repeats nothing old.
 */
import { Failure } from '../../domain/failure.ts';
import type { Edge, ServiceMap } from '../../domain/service-map.ts';

export interface MapPage {
  readonly map: ServiceMap;
  readonly next: string | null;
}

export function mapPage(map: ServiceMap, limit: number, after: string | undefined): MapPage {
  const beyond = after === undefined ? null : keyIn(after);
  const ordered = [...map.edges].sort((a, b) => order(keyOf(a), keyOf(b)));
  const left = beyond === null ? ordered : ordered.filter((edge) => order(keyOf(edge), beyond) > 0);
  const edges = left.slice(0, limit);
  const last = edges.at(-1);
  const isLast = left.length === edges.length;
  const named = namesOf(edges);
  const anywhere = namesOf(map.edges);
  const services = map.services.filter(({ name }) => named.has(name) || (isLast && !anywhere.has(name)));
  return { map: { ...map, services, edges }, next: isLast || last === undefined ? null : cursorOf(keyOf(last)) };
}

type Key = readonly [caller: string, callee: string];

const keyOf = ({ caller, callee }: Pick<Edge, 'caller' | 'callee'>): Key => [caller, callee];
const compared = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const order = (a: Key, b: Key): number => compared(a[0], b[0]) || compared(a[1], b[1]);
const namesOf = (edges: readonly Edge[]) => new Set(edges.flatMap(({ caller, callee }) => [caller, callee]));

function cursorOf(key: Key): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

function keyIn(cursor: string): Key {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(key) && typeof key[0] === 'string' && typeof key[1] === 'string') return [key[0], key[1]];
  } catch {
    // Said below.
  }
  throw new Failure('rejected', 'api', 'read the request', { hint: 'is not the `next` of a page', path: 'after' });
}
