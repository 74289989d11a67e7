/** A service that is asked whether it is well. */
import { describe, expect, it } from 'vitest';
import { causeOf, type Line, rankLines, working } from './lines-only.ts';

const every = (seconds: number, text: string, until = 195): Line[] =>
  Array.from({ length: Math.floor(until / seconds) }, (_, i): Line => [2 + i * seconds, text]);
const cause = (asked: readonly Line[], hasPast = false): string | null =>
  causeOf(rankLines({ desk: [[0, 'desk listening', 9], ...asked], door: working('door'), shelf: working('shelf') }, { hasPast }));

const missing = '10.0.0.1 - "GET /ready HTTP/1.1" 404 9 "-" "kube-probe/1.29"';

describe('a service whose orchestrator asks for a path that it does not have', () => {
  it.each([
    missing,
    'WARN response status=404 method=GET uri=/ready user_agent="kube-probe/1.28" latency=0 ms',
    'Route GET:/health/readyz not found',
    '100.64.0.1 "GET /v1/status HTTP/1.1" 401 38 "-" "kube-probe/1.27"',
  ])('is at fault: %s', (line) => expect(cause(every(10, line))).toBe('desk'));

  it.each([
    ['it answers', every(10, '10.0.0.1 - "GET /ready HTTP/1.1" 200 9 "-" "kube-probe/1.29"')],
    ['it is not ready yet', every(10, '10.0.0.1 - "GET /ready HTTP/1.1" 503 9 "-" "kube-probe/1.29"')],
    ['it is asked no more', every(10, missing, 60)],
    ['it is asked a few times', every(60, missing)],
    [
      'strangers ask as they like',
      [1, 2, 9, 40, 44, 90, 91, 130, 171, 190].map((second): Line => [second, '"GET /healthz HTTP/1.1" 404 9 "-" "curl"']),
    ],
    ['users look for what is on just now', every(10, '"GET /api/matches/live HTTP/1.1" 404 9 "-" "Mozilla"')],
    ['users ask for what is not there', every(10, '"GET /letters/17 HTTP/1.1" 404 9 "-" "Mozilla"')],
  ])('is not where %s', (_, asked) => expect(cause(asked)).toBeNull());

  it('is not where it was so while all was well', () => expect(cause(every(10, missing), true)).toBeNull());
});
