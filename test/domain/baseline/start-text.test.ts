/** What programs say of their own start, and of who asks whether they are well. */
import { describe, expect, it } from 'vitest';
import { refusedProbe, startedIn } from '../../../src/domain/baseline/start-text.ts';

describe('startedIn', () => {
  it.each([
    ['Started CartApplication in 12.8 seconds (JVM running for 13.4)', 12.8],
    ['ready in 532 ms', 0.532],
    ['initialized in 1.2s', 1.2],
  ])('reads how long it took to start: %s', (line, seconds) => expect(startedIn(line)).toBe(seconds));

  it.each(['Scheduler started, next run in 300 seconds', 'Job started: will be tried again in 30 s', 'Started CartApplication'])(
    'reads nothing of what comes later: %s',
    (line) => expect(startedIn(line)).toBeNull(),
  );
});

describe('refusedProbe', () => {
  it.each([
    ['10.0.0.1 - "GET /ready HTTP/1.1" 404 9 "-" "curl"', '/ready'],
    ['response status=404 method=GET uri=/live latency=0 ms', '/live'],
    ['Route GET:/health/ready not found', '/health/ready'],
  ])('takes a path by which programs are asked whether they are well: %s', (line, path) => expect(refusedProbe(line)).toBe(path));

  it.each([
    '"GET /api/matches/live HTTP/1.1" 404 9 "-" "Mozilla"',
    '"GET /ready HTTP/1.1" 503 9 "-" "curl"',
    '{"method":"GET","url":"/health","status":200,"msg":"ok; optional plugin geoip not found"}',
  ])('takes no other answer, and none to users: %s', (line) => expect(refusedProbe(line)).toBeNull());
});
