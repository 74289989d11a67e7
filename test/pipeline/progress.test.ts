import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/domain/failure.ts';
import { askSource } from '../../src/pipeline/ask-source.ts';
import { createBreaker } from '../../src/pipeline/circuit-breaker.ts';
import { createProgress } from '../../src/pipeline/progress.ts';
import { anIncident } from '../adapters/ledgers/samples.ts';

/** Progress under a clock that a test moves. */
function underWay() {
  const told: string[] = [];
  let due: (() => void) | null = null;
  const progress = createProgress({
    tell: async ({ id }) => void told.push(id),
    after: (_, run) => {
      due = run;
      return () => {
        due = null;
      };
    },
  });
  return { progress, told, aSecondPasses: () => due?.() };
}

describe('progress', () => {
  it('names who has answered and who has not, a failure being an answer too', async () => {
    const { progress } = underWay();
    const { watch, end } = progress.begin(anIncident('INC-1'));
    const never = new AbortController().signal;
    const asking = { breaker: createBreaker(() => 0), deadline: { end: never, cut: never }, watch };
    let answer: (value: string) => void = () => undefined;
    const slow = new Promise<string>((done) => {
      answer = done;
    });
    const ask = (id: string, reply: () => Promise<string>) => askSource({ id, attempt: 'look', ask: reply, otherwise: '' }, asking);
    const failing = ask('loki', async () => {
      throw new Failure('unavailable', 'loki', 'look');
    });
    const waiting = [ask('tempo', () => slow), ask('tempo', async () => 'at once')];
    await Promise.all([failing, waiting[1]]);
    expect(progress.of('INC-1')).toEqual({ answered: ['loki'], waiting: ['tempo'] });
    answer('at last');
    await waiting[0];
    expect(progress.of('INC-1')).toEqual({ answered: ['loki', 'tempo'], waiting: [] });
    end();
    expect(progress.of('INC-1')).toBeNull();
  });

  it('has the card drawn again only when somebody is still waited for after a while', () => {
    const { progress, told, aSecondPasses } = underWay();
    const first = progress.begin(anIncident('INC-1'));
    first.watch.asked('loki');
    first.watch.answered('loki');
    aSecondPasses();
    expect(told).toEqual([]);
    first.end();
    const second = progress.begin(anIncident('INC-2'));
    second.watch.asked('loki');
    aSecondPasses();
    expect(told).toEqual(['INC-2']);
    second.end();
    aSecondPasses();
    expect(told).toEqual(['INC-2']);
  });
});
