/** Some of what `npm run chaos` does, in every run of the tests; also the arithmetic of its shards. */
import { describe, expect, it } from 'vitest';
import { playRound, settled } from './round.ts';
import { faultsOf, killsARound, planOf, tableOf } from './state.ts';

/** Fifty in every run. A kill costs a start, and a start half a second on a free machine and two on a busy one. */
const kills = Number(process.env['CHAOS_KILLS'] ?? 50);
/** A round waits more than it works: two beside each other take little longer than one. */
const rounds = ['in every run', 'beside it'];
const each = Math.ceil(kills / rounds.length);

describe('the product, killed at random moments', () => {
  it.concurrent.for(rounds)(
    `loses nothing it accepted and says nothing twice, ${each} times: %s`,
    { timeout: 30 * 60_000 },
    async (seed, { expect }) => {
      const result = await playRound({ seed, kills: each });
      process.stdout.write(`${tableOf([result])}\n`);
      expect(faultsOf(result)).toEqual([]);
      expect(result.accepted).toBeGreaterThan(10);
      expect(result.messages).toBeGreaterThan(1);
    },
  );
});

describe('a round that is left alone', () => {
  /** So many are missing at first, and one less each time so long has passed. */
  async function wait(missing: number, everyMs: number) {
    let now = 0;
    const look = () => ({ lost: Array.from({ length: Math.max(0, missing - Math.floor(now / everyMs)) }, (_, i) => `alert ${i}`) });
    const nothing = { twice: [], accepted: 0, incidents: 0, messages: 0, letters: 0, issues: 0, presses: 0, sentAgain: 0 };
    const sleep = async (ms: number) => {
      now += ms;
    };
    const clock = { now: () => now, sleep };
    const { verdict, waitedMs } = await settled(
      async () => ({ ...nothing, ...look() }),
      () => {},
      clock,
    );
    return [verdict.lost.length, Math.round(waitedMs / 1_000)];
  }

  it.each([
    { name: 'is done once nothing is missing', missing: 3, everyMs: 10_000, left: 0, afterS: 30 },
    { name: 'waits on while something still comes', missing: 4, everyMs: 110_000, left: 0, afterS: 440 },
    { name: 'is given up when nothing comes for two minutes', missing: 2, everyMs: 130_000, left: 2, afterS: 121 },
    { name: 'is given up after eight minutes whatever still comes', missing: 9, everyMs: 100_000, left: 5, afterS: 481 },
  ])('$name', async ({ missing, everyMs, left, afterS }) => {
    expect(await wait(missing, everyMs)).toEqual([left, afterS]);
  });
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
        waitedMs: 61_000,
        seconds: 1,
      },
    };
    expect(faultsOf(round).length).toBe(5);
    expect(tableOf([round, round])).toContain('| lost (alerts, presses, messages, letters, issues) | 2 |');
    expect(tableOf([{ ...round, waitedMs: 2_000 }, round])).toContain('| longest wait for what was still to come, s | 61 |');
  });
});
