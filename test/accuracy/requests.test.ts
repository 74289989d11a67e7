import { describe, expect, it } from 'vitest';
import { cutShort, entriesOf, insertTime, ownMoment, type Request, remove, stopAfter } from './requests.ts';

/** web(0-100) calls cart(10-40) and then pay(50-90); cart asks its store (20-30). */
function request(): Request {
  const span = (service: string, parent: number, start: number, end: number) => ({
    service,
    parent,
    start,
    end,
    instance: null,
    scope: null,
    name: `${service} ${start}`,
    kind: 0,
    status: 0,
    message: null,
    attributes: [],
    gone: false,
  });
  const log = (service: string, at: number, onSpan: number) => ({
    service,
    at,
    span: onSpan,
    text: `${service} at ${at}`,
    severity: 9,
    instance: null,
    scope: null,
    gone: false,
  });
  return {
    recordedId: 'x',
    spans: [span('web', -1, 0, 100), span('cart', 0, 10, 40), span('cart', 1, 20, 30), span('pay', 0, 50, 90)],
    logs: [log('cart', 35, 1), log('web', 45, 0), log('pay', 60, 3)],
  };
}

const times = ({ spans }: Request) => spans.filter(({ gone }) => !gone).map(({ start, end }) => [start, end]);
const kept = ({ logs }: Request) => logs.filter(({ gone }) => !gone).map(({ at }) => at);

describe('what faults do to a request', () => {
  it('lets time pass inside a span: callers grow, later spans move', () => {
    const one = request();
    insertTime(one, 20, 5, 1);
    expect(times(one)).toEqual([
      [0, 105],
      [10, 45],
      [25, 35],
      [55, 95],
    ]);
    expect(kept(one)).toEqual([40, 50, 65]);
  });

  it('takes a span away with what is below it and its lines', () => {
    const one = request();
    remove(one, 1);
    expect(times(one)).toEqual([
      [0, 100],
      [50, 90],
    ]);
    expect(kept(one)).toEqual([45, 60]);
  });

  it('ends a visit early: the rest does not happen and callers go on earlier', () => {
    const one = request();
    cutShort(one, 1, 15);
    expect(times(one)).toEqual([
      [0, 75],
      [10, 15],
      [25, 65],
    ]);
    expect(kept(one)).toEqual([20, 35]);
  });

  it('stops a caller after an answer: no later call is left, not even its beginning', () => {
    const one = request();
    stopAfter(one, 0, 1, 12);
    expect(times(one)).toEqual([
      [0, 52],
      [10, 40],
      [20, 30],
    ]);
    expect(kept(one)).toEqual([35]);
  });

  it('throws in own code only, never while a store is being waited for', () => {
    expect(ownMoment(request(), 1, 0.5)).toBe(30);
    expect(ownMoment(request(), 1, 0.1)).toBe(13);
  });

  it('finds where a service is entered', () => {
    expect(entriesOf(request(), 'cart')).toEqual([1]);
    expect(entriesOf(request(), 'web')).toEqual([0]);
  });
});
