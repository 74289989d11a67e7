/** A process that dies at each of its starts, beside others that come up and work. */
import { describe, expect, it } from 'vitest';
import { causeOf, type Line, rankLines, working } from './lines-only.ts';

/** Each time later, as an orchestrator that waits longer and longer. */
const starts = [0, 2, 14, 40, 90, 180];
const lives = (lines: readonly (readonly [text: string, severity?: number])[], at = starts): Line[] =>
  at.flatMap((second) => lines.map(([text, severity], i): Line => [second + i / 100, text, severity]));
const everyMinute = [0, 60, 120, 180];
const with_ = (desk: readonly Line[]) => rankLines({ desk, door: working('door'), shelf: working('shelf') });

const server = [
  ['starting desk', 9],
  ['using /etc/desk.conf', 9],
  ['could not create storage directory - mkdir /data/desk: permission denied', 21],
] as const;

describe('a service that has never come up', () => {
  it.each([
    ['by a grave last line', server],
    ['by the one line of whoever was to start it', [['exec /usr/local/bin/python3: exec format error']]],
    [
      'by a trace of its runtime',
      [['Traceback (most recent call last):'], ['  File "/app/main.py", line 3'], ['RuntimeError: no fee schedule']],
    ],
    ['for a name that it was given', [['nginx: [emerg] host not found in upstream "shelves" in /etc/nginx.conf:13']]],
  ] as const)('is at fault, as is told %s', (_, lines) => {
    const ranking = with_(lives(lines));
    expect(causeOf(ranking)).toBe('desk');
    expect(ranking.evidence.map(({ text }) => text).join()).toContain('desk has not come up in 6 starts');
  });

  const said = (desk: readonly Line[]): string =>
    with_(desk)
      .evidence.map(({ text }) => text)
      .join();

  it('is not told of one that came up at the third start', () =>
    expect(
      said([...lives(server, [0, 2]), ...working('desk').map(([second, text, severity]): Line => [second / 2 + 14, text, severity])]),
    ).not.toContain('not come up'));

  it('is not told of one that did its work at any time, or starts twice', () => {
    expect(said([...lives(server), [100, 'letter 7 sent', 9]])).not.toContain('not come up');
    expect(said(lives(server, [0, 40]))).not.toContain('not come up');
  });

  it('is not told of one that says no word of its end, as a job that runs now and then', () =>
    expect(said(lives([['looking for letters'], ['found none']]))).not.toContain('not come up'));

  it.each(['FATAL:  role "root" does not exist', 'FATAL:  sorry, too many clients already'])(
    'is not told of one that works and says one line again and again: %s',
    (line) => {
      expect(said(lives([[line]]))).not.toContain('not come up');
      expect(causeOf(with_(lives([[line]])))).toBeNull();
    },
  );

  it('is not told of a job that somebody runs every minute', () => {
    expect(said(lives(server, everyMinute))).not.toContain('not come up');
    expect(with_(lives(server, everyMinute)).hypotheses.filter(({ features }) => (features['condition'] ?? 0) > 0)).toEqual([]);
  });

  it('is not told of one that dies because it does not reach another', () => {
    const waiting = [
      ['starting desk', 9],
      ['dial tcp shelf:7000: connect: connection refused', 17],
      ['giving up', 21],
    ] as const;
    expect(said(lives(waiting))).not.toContain('not come up');
  });

  it('is told of one that has a word of time on its way, and no place that it does not reach', () => {
    const falling = [
      ['starting desk', 9],
      ['no timeout configured, falling back to 30s', 13],
      ['panic: no fee schedule', 21],
    ] as const;
    expect(said(lives(falling))).toContain('desk has not come up in 6 starts');
  });
});
