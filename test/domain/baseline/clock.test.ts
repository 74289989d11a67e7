import { describe, expect, it } from 'vitest';
import { Clocks } from '../../../src/domain/baseline/clock.ts';

const [cart, stock, pay, mail] = [0, 1, 2, 3];
const minute = 60_000;
const at = 1_780_000_000_000;

describe('Clocks', () => {
  it('finds nothing where calls and requests agree but for queueing', () => {
    const clocks = new Clocks();
    for (let i = 0; i < 20; i++) {
      clocks.call(cart, stock, (i % 5) * 1000);
      clocks.request(
        new Map([
          [cart, at + i],
          [stock, at - 4000],
          [pay, at - 30_000],
        ]),
      );
    }
    expect(clocks.offsets().size).toBe(0);
  });

  it('sets the service straight that the others contradict, to the millisecond of its calls', () => {
    const clocks = new Clocks();
    for (let i = 0; i < 9; i++) {
      clocks.call(cart, stock, 0);
      clocks.call(cart, mail, 2);
      clocks.call(stock, pay, -5 * minute + i);
    }
    expect([...clocks.offsets()]).toEqual([[pay, -5 * minute + 4]]);
  });

  it('takes no slow call for a clock: its distances differ', () => {
    const clocks = new Clocks();
    for (let i = 1; i < 9; i++) clocks.call(cart, stock, i * 15_000);
    expect(clocks.offsets().size).toBe(0);
  });

  it('goes by the requests things came in where there are no calls, and dates nothing after its request', () => {
    const clocks = new Clocks();
    for (let i = 0; i < 9; i++)
      clocks.request(
        new Map([
          [cart, at + i * 5000],
          [stock, at + i * 5000],
          [mail, at + i * 5000],
          [pay, at + i * 5000 + 5 * minute - (i % 3) * 1000],
        ]),
      );
    expect([...clocks.offsets()]).toEqual([[pay, -5 * minute]]);
  });

  /** One request that holds the two minutes since a start: the store fell silent when it was ready. */
  const sinceStart = (storeReadyAt: number, storeBeganAt: number): Clocks => {
    const clocks = new Clocks();
    const oldest = new Map([cart, stock, mail].map((service) => [service, at - 120_000]));
    const newest = new Map([cart, stock, mail].map((service, i) => [service, at - i * 100]));
    clocks.request(newest.set(pay, storeReadyAt), oldest.set(pay, storeBeganAt));
    return clocks;
  };

  it('takes nobody who fell silent within a long request for one whose clock is slow', () => {
    expect(sinceStart(at - 119_000, at - 119_900).offsets().size).toBe(0);
    expect(sinceStart(at - 120_100, at - 120_900).offsets().size).toBe(0);
  });

  it('takes whoever stands beside all that a long request holds for one whose clock is off', () => {
    expect([...sinceStart(at - 7 * minute, at - 9 * minute).offsets()]).toEqual([[pay, 7 * minute]]);
    expect([...sinceStart(at + 7 * minute, at + 5 * minute).offsets()]).toEqual([[pay, -7 * minute]]);
  });

  it('is not led astray about how far by long requests in which the clock contradicts nobody', () => {
    const clocks = new Clocks();
    for (let i = 0; i < 20; i++) {
      const newest = new Map([cart, stock, mail].map((service) => [service, at + i * 5000]));
      newest.set(pay, at + i * 5000 - 5 * minute);
      clocks.request(newest, i < 4 ? new Map([...newest.keys()].map((service) => [service, at - 9 * minute])) : newest);
    }
    expect([...clocks.offsets()]).toEqual([[pay, 5 * minute]]);
  });

  it('goes by the neighbours of a request that holds one service alone', () => {
    const clocks = new Clocks();
    const most = (ms: number): Map<number, number> => new Map([cart, stock, mail].map((service) => [service, at + ms]));
    for (let i = 0; i < 4; i++) {
      clocks.request(most(i * 10_000));
      clocks.request(new Map([[pay, at + i * 10_000 + 5000 - 5 * minute]]));
    }
    clocks.request(most(40_000));
    expect([...clocks.offsets()]).toEqual([[pay, 5 * minute]]);
  });

  it('lets now decide between two that contradict each other: nobody can date what is to come', () => {
    const clocks = new Clocks();
    for (let i = 0; i < 9; i++) {
      clocks.call(cart, pay, -5 * minute);
      clocks.request(new Map([[cart, at - i * 1000]]));
      clocks.request(new Map([[pay, at + 5 * minute - i * 1000]]));
    }
    expect([...clocks.offsets(at)]).toEqual([[pay, -5 * minute]]);
  });

  it('believes a clock again that was set', () => {
    const clocks = new Clocks();
    for (let i = 0; i < 9; i++) clocks.call(cart, pay, -5 * minute);
    expect(clocks.offsets().size).toBe(1);
    for (let i = 0; i < 64; i++) clocks.call(cart, pay, 3);
    expect(clocks.offsets().size).toBe(0);
  });
});
