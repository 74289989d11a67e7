import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/domain/failure.ts';
import { inTime } from '../../src/domain/in-time.ts';

const never = new Promise<never>(() => {});
const timeout = { code: 'timeout', system: 'loki', attempt: 'search logs of cart' };

describe('inTime', () => {
  it('gives the answer, and leaves nothing at the signal', async () => {
    const { signal } = new AbortController();
    const left = new Set<unknown>();
    const watched = new Proxy(signal, {
      get: (target, key) =>
        ({
          addEventListener: (_: string, listener: unknown) => void left.add(listener),
          removeEventListener: (_: string, listener: unknown) => void left.delete(listener),
        })[String(key)] ?? Reflect.get(target, key),
    });
    const answer = inTime(Promise.resolve('found'), watched, 'loki', 'search');
    expect(left.size).toBe(1);
    expect(await answer).toBe('found');
    expect(left.size).toBe(0);
  });

  it('hands on why it was not answered', async () => {
    const failure = new Failure('unauthorized', 'loki', 'search');
    await expect(inTime(Promise.reject(failure), new AbortController().signal, 'loki', 'search')).rejects.toBe(failure);
  });

  it.each(['before', 'after'])('waits for nobody who ignores a signal given %s asking', async (when) => {
    const ending = new AbortController();
    if (when === 'before') ending.abort();
    const answer = inTime(never, ending.signal, 'loki', 'search logs of cart');
    ending.abort();
    await expect(answer).rejects.toMatchObject(timeout);
  });

  it('hears no error of one that ends too late', async () => {
    const ending = new AbortController();
    const { promise, reject } = Promise.withResolvers<never>();
    const answer = inTime(promise, ending.signal, 'loki', 'search logs of cart');
    ending.abort();
    await expect(answer).rejects.toMatchObject(timeout);
    reject(new Error('too late'));
    await expect(promise).rejects.toThrow('too late');
  });
});
