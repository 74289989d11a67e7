/** Times that are not what they should be: a clock that jumps, telemetry in another order, and telemetry of a week ago. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openRecording } from '../../src/cli/recording.ts';
import { begin, closeAfterEach, fire, minute, product, roots } from './faulty-product.ts';

closeAfterEach();

describe('a clock that jumps', () => {
  it.each([
    { name: 'back by an hour', ms: -60 * minute },
    { name: 'forward by a day', ms: 24 * 60 * minute },
  ])('$name delays nothing that waits, and what comes next', async ({ ms }) => {
    begin();
    await fire({ service: 'cart' });
    await product.app.settle();
    expect(roots().length).toBe(1);
    product.jump(ms);
    await product.pass(20_000);
    // The round that was due 15 s after the alert.
    expect((await product.app.incident('INC-1'))?.card.report?.round).toBeGreaterThan(1);
    await fire({ service: 'orders' });
    await product.pass(5_000);
    expect(roots().map(({ card }) => card.incident.id)).toEqual(['INC-1', 'INC-2']);
  });
});

describe('telemetry', () => {
  const harbour = openRecording(fileURLToPath(new URL('../scenarios/harbour', import.meta.url)));
  const reported = async (bodies: (signal: 'traces' | 'logs') => Iterable<Uint8Array>, before: () => Promise<void> = async () => {}) => {
    begin({}, harbour.alertAt);
    await before();
    for (const signal of ['traces', 'logs'] as const) for (const body of bodies(signal)) await product.app.ingest(signal, body, 'json');
    await product.app.receive('alertmanager', { route: '/', headers: {}, body: harbour.alertBody, receivedAt: harbour.alertAt });
    await product.app.settle();
    return (await product.app.context('INC-1'))?.hypotheses.map(({ service, confidence }) => [service, confidence]);
  };

  it('out of order leads to the same report', async () => {
    const inOrder = await reported((signal) => harbour.bodies(signal));
    await product.close();
    expect(inOrder?.length).toBeGreaterThan(0);
    const reversed = await reported((signal) => [...harbour.bodies(signal)].reverse());
    // What is hardly suspected at all may change places.
    expect(reversed?.[0]).toEqual(inOrder?.[0]);
    expect(reversed?.map(([service]) => service).sort()).toEqual(inOrder?.map(([service]) => service).sort());
  });

  it('of a week ago is taken as what it is, and moves no report', async () => {
    const expected = await reported((signal) => harbour.bodies(signal));
    await product.close();
    const week = 7 * 24 * 60 * minute;
    const old = (body: Uint8Array) =>
      new TextEncoder().encode(
        new TextDecoder()
          .decode(body)
          .replace(
            /"(\w*TimeUnixNano)":\s*"(\d+)"/g,
            (_, name: string, nanos: string) => `"${name}":"${BigInt(nanos) - BigInt(week) * 1_000_000n}"`,
          ),
      );
    const late = async () => {
      for (const body of harbour.bodies('traces')) await product.app.ingest('traces', old(body), 'json');
    };
    expect(await reported((signal) => harbour.bodies(signal), late)).toEqual(expected);
  });
});
