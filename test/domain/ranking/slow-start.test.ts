/** Services that say how long they took to start; something fails later. */
import { describe, expect, it } from 'vitest';
import { causeOf, type Line, rankLines, working } from './lines-only.ts';

const failing: Line[] = [150, 160, 170, 180].map((second) => [second, 'answer took too long for a letter', 17]);

/** Seconds by service; `before`: what the first of them says meanwhile; `after`: what fails at the door. */
function cause(seconds: readonly number[], before: readonly Line[] = [], after: readonly Line[] = failing): string | null {
  const names = ['desk', 'shelf', 'vault', 'attic', 'cellar'];
  const printed = seconds.map((took, i): [string, Line[]] => {
    const name = names[i]!;
    const started: Line = [took, `Started ${name}Application in ${took} seconds (JVM running for ${took + 1})`, 9];
    const later = working(name).map(([second, text, severity]): Line => [took + second / 4, text, severity]);
    return [name, [[0, `booting ${name}`, 9], ...(i === 0 ? before : []), started, ...later]];
  });
  return causeOf(rankLines({ door: [...working('door'), ...after], ...Object.fromEntries(printed) }));
}

describe('a service that took far longer to start than all others', () => {
  it('is at fault where something fails', () => expect(cause([110.5, 20.2, 14.1, 22.7, 9.8])).toBe('desk'));

  it.each([
    ['nothing fails', [110.5, 20.2, 14.1, 22.7, 9.8], [], []],
    ['another took nearly as long', [110.5, 20.2, 14.1, 60.7, 9.8], [], failing],
    ['it is a matter of seconds', [32.5, 2.2, 1.1, 3.7, 2.8], [], failing],
    [
      'one says in how many seconds it comes again',
      [2, 20.2, 14.1, 22.7, 9.8],
      [[4, 'Scheduler started, next run in 300 seconds', 9]],
      failing,
    ],
    ['few say how long they took', [110.5, 20.2, 14.1], [], failing],
    ['it waited for another', [110.5, 20.2, 14.1, 22.7, 9.8], [[60, 'dial tcp ledger.example.com:5432: connection refused', 17]], failing],
  ] as const)('is not where %s', (_, seconds, before, after) => expect(cause(seconds, before, after)).toBeNull());
});
