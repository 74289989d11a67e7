import { describe, expect, it } from 'vitest';
import { createRetention } from '../../src/pipeline/retention.ts';
import { alertBody, delivery, start, testProduct } from '../support/app.ts';

const dayMs = 86_400_000;

describe('what is long over', () => {
  it('is looked for at once, until nothing is left, and then once an hour', async () => {
    let at = start;
    const asked: number[] = [];
    const left = [true, true, false, false];
    const forgetBefore = async (before: number): Promise<boolean> => {
      asked.push(before);
      return left.shift() ?? false;
    };
    const forget = createRetention({ ledger: { forgetBefore }, now: () => at, retentionMs: dayMs });
    for (let i = 0; i < 6; i++) await forget();
    expect(asked).toEqual([start - dayMs, start - dayMs, start - dayMs]);
    at += 3_599_999;
    await forget();
    expect(asked).toHaveLength(3);
    at += 1;
    await forget();
    expect(asked.at(-1)).toBe(at - dayMs);
  });

  it('stays where nobody said how long it is kept', async () => {
    const refuse = async (): Promise<never> => expect.unreachable();
    await createRetention({ ledger: { forgetBefore: refuse }, now: () => start })();
  });

  it('is gone from the product after the days that were set, and no sooner', async () => {
    const ahead = testProduct({ retentionMs: 2 * dayMs });
    const said = async (service: string, status: 'firing' | 'resolved') =>
      (await ahead.app.receive('alertmanager', delivery('/webhook/alertmanager', alertBody({ service, status })))).ids[0] ?? '';
    const id = await said('cart', 'firing');
    await said('cart', 'resolved');
    await said('orders', 'firing');
    await ahead.app.settle();
    await ahead.app.age();
    expect((await ahead.app.incident(id))?.card.incident.state).toBe('resolved');
    const later = testProduct({ ledger: ahead.ledger, retentionMs: 2 * dayMs }, start + 2 * dayMs + 1);
    await later.app.age();
    expect(await later.app.incident(id)).toBeNull();
    expect((await later.app.incidents({ limit: 9 })).incidents.map(({ card }) => card.incident.service)).toEqual(['orders']);
    await later.close();
    await ahead.close();
  });
});
