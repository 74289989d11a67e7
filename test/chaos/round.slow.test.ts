/** Some of what `npm run chaos` does, in every run of the tests; also the arithmetic of its shards. */
import { describe, expect, it } from 'vitest';
import { playRound } from './round.ts';
import { faultsOf, killsARound, planOf, tableOf } from './state.ts';

/** A kill costs a start, and a start half a second on a free machine and two on a busy one. */
const kills = Number(process.env['CHAOS_KILLS'] ?? 12);

describe('the product, killed at random moments', () => {
  it(`loses nothing it accepted and says nothing twice, ${kills} times`, async () => {
    const result = await playRound({ seed: 'in every run', kills });
    process.stdout.write(`${tableOf([result])}\n`);
    expect(faultsOf(result)).toEqual([]);
    expect(result.accepted).toBeGreaterThan(10);
    expect(result.messages).toBeGreaterThan(1);
  }, 400_000);
});

describe('shards', () => {
  it('have every round once among them, the same in each run', () => {
    const plan = (shard: string) => planOf({ engine: 'embedded', seed: '1', kills: 110, shard });
    expect(plan('1/1').map(({ kills }) => kills)).toEqual([killsARound, killsARound, killsARound, killsARound, 10]);
    expect(
      ['1/3', '2/3', '3/3']
        .flatMap(plan)
        .map(({ seed }) => seed)
        .sort(),
    ).toEqual(
      plan('1/1')
        .map(({ seed }) => seed)
        .sort(),
    );
    expect(() => plan('4/3')).toThrowError('--shard 4/3');
  });

  it('count what was lost or came twice as faults', () => {
    const round = {
      ...{
        accepted: 1,
        incidents: 1,
        messages: 1,
        letters: 1,
        issues: 0,
        presses: 0,
        sentAgain: 0,
        kills: 1,
        killedAt: {},
        requests: 1,
        unanswered: 0,
      },
      ...{
        lost: ['alert a'],
        twice: ['issue: b'],
        wrongAnswers: ['429: 1'],
        deadLetters: ['c: broke'],
        stop: { code: null, ms: 26_000 },
        seconds: 1,
      },
    };
    expect(faultsOf(round).length).toBe(5);
    expect(tableOf([round, round])).toContain('| lost (alerts, presses, messages, letters, issues) | 2 |');
  });
});
