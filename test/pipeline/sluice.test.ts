/** Telemetry comes in a little at a time, and not at all while alerts wait. */
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/domain/failure.ts';
import { createSluice, type Sluice } from '../../src/pipeline/sluice.ts';

const loop = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A sluice whose clock moves only when it is told to; a body takes 4 ms and says its name. */
function begun() {
  let at = 0;
  const taken: string[] = [];
  const sluice = createSluice({ clock: () => at });
  const send = (name: string) =>
    sluice.through(async () => {
      at += 4;
      taken.push(name);
      return name;
    });
  const pass = (ms: number) => {
    at += ms;
  };
  return { sluice, taken, send, pass };
}

/** An alert that is taken until the answer is called. */
function alert(sluice: Sluice): () => Promise<void> {
  let end = () => {};
  const taken = sluice.alert(
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  );
  return () => {
    end();
    return taken;
  };
}

describe('sluice', () => {
  it('takes what comes alone at once', async () => {
    const { taken, send } = begun();
    const answer = send('a');
    expect(taken).toEqual(['a']);
    expect(await answer).toBe('a');
  });

  it('takes no more in one round of the event loop than it may, and the rest in order in the next ones', async () => {
    const { taken, send } = begun();
    const answers = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(send);
    expect(taken).toEqual(['a', 'b', 'c']);
    await loop();
    expect(taken.length).toBeLessThan(7);
    expect(await Promise.all(answers)).toEqual(taken);
    expect(taken).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  });

  it('refuses with a time to come back while an alert has waited too long, and takes again once it is taken', async () => {
    const { sluice, taken, send, pass } = begun();
    const [first, second] = [alert(sluice), alert(sluice)];
    pass(300);
    await send('a');
    pass(300);
    expect(sluice.isShut()).toBe(true);
    const refused = await send('b').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Failure);
    expect(refused).toMatchObject({ code: 'unavailable', retryAfterMs: 2_000 });
    await first();
    expect(sluice.isShut()).toBe(true);
    await second();
    expect(sluice.isShut()).toBe(false);
    await send('c');
    expect(taken).toEqual(['a', 'c']);
  });

  it('refuses more while what is there waits too long, and gives up nothing it has promised', async () => {
    const { taken, send, pass } = begun();
    const answers = ['a', 'b', 'c', 'd'].map(send);
    pass(3_000);
    await expect(send('late')).rejects.toMatchObject({ code: 'unavailable' });
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c', 'd']);
    await send('next');
    expect(taken.at(-1)).toBe('next');
  });

  it('hands on what breaks, and takes the others', async () => {
    const { sluice, send } = begun();
    await expect(sluice.through(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    await expect(
      sluice.through(() => {
        throw new Error('at once');
      }),
    ).rejects.toThrow('at once');
    expect(await send('a')).toBe('a');
  });
});
