/** Long arithmetic leaves room between, and new cards go before it. */
import { describe, expect, it } from 'vitest';
import { createTurnstile, freely, type Turn, urgencies } from '../../src/pipeline/turnstile.ts';
import { patienceMs } from '../support/patience.ts';

const loop = () => new Promise<void>((resolve) => setImmediate(resolve));
/** A clock that moves only when it is told to. */
function stopped() {
  let at = 0;
  const pass = (ms: number) => {
    at += ms;
  };
  return { clock: () => at, pass };
}

/** Takes its turn for so many slices and tells of each. */
async function work(name: string, turn: Turn, slices: number, told: string[], slice: () => void = () => {}): Promise<void> {
  await turn.begin();
  for (let i = 0; i < slices; i++) {
    told.push(name);
    slice();
    await turn.breathe();
  }
  turn.end();
}

describe('turnstile', () => {
  it('lets one through at a time, the most urgent of those that wait first, equals as they came', async () => {
    const { clock, pass } = stopped();
    const turnstile = createTurnstile({ clock, sliceMs: 10 });
    const told: string[] = [];
    const slice = () => pass(11);
    await Promise.all([
      work('under way', turnstile.turn(urgencies.laterRound), 2, told, slice),
      work('later', turnstile.turn(urgencies.laterRound), 1, told, slice),
      work('first', turnstile.turn(urgencies.first), 2, told, slice),
      work('first too', turnstile.turn(urgencies.first), 1, told, slice),
      work('critical', turnstile.turn(urgencies.critical), 1, told, slice),
    ]);
    expect(told).toEqual(['under way', 'under way', 'critical', 'first', 'first', 'first too', 'later']);
  });

  it('lets the event loop go round between slices, and not before a slice is over', async () => {
    const { clock, pass } = stopped();
    const turn = createTurnstile({ clock, sliceMs: 10 }).turn(urgencies.first);
    await turn.begin();
    pass(9);
    expect(turn.breathe()).toBeUndefined();
    pass(1);
    let rounds = 0;
    const beat = async () => {
      for (;;) {
        await loop();
        rounds++;
      }
    };
    void beat();
    await turn.breathe();
    expect(rounds).toBeGreaterThanOrEqual(2);
    expect(turn.breathe()).toBeUndefined();
    turn.end();
  });

  it('begins no slice while somebody calls out, and waits for nobody longer than a moment', async () => {
    const { clock, pass } = stopped();
    const turnstile = createTurnstile({ clock, sliceMs: 10, momentMs: patienceMs });
    const called = turnstile.ahead();
    const told: string[] = [];
    const turn = turnstile.turn(urgencies.critical);
    const working = work('ranking', turn, 2, told, () => pass(11));
    for (let i = 0; i < 20; i++) await loop();
    expect(told).toEqual([]);
    called();
    await working;
    expect(told).toEqual(['ranking', 'ranking']);
    const impatient = createTurnstile({ clock, sliceMs: 10, momentMs: 20 });
    impatient.ahead(); // never says that it has called
    await work('ranking', impatient.turn(urgencies.critical), 1, told);
    expect(told.length).toBe(3);
  });

  it('may be taken again after it was given back, and is nothing to wait for where one is alone', async () => {
    const turnstile = createTurnstile();
    const turn = turnstile.turn(urgencies.first);
    const told: string[] = [];
    await work('one', turn, 1, told);
    await work('one', turn, 1, told);
    turn.end();
    await work('other', turnstile.turn(urgencies.first), 1, told);
    await work('alone', freely, 2, told);
    expect(told).toEqual(['one', 'one', 'other', 'alone', 'alone']);
  });
});
