/** The same alarm thousands of times: how much work it is, and that nothing else waits for it. */
import { describe, expect, it } from 'vitest';
import type { AppPorts } from '../../src/create-app.ts';
import { Failure } from '../../src/domain/failure.ts';
import { alertBody, delivery } from '../support/app.ts';
import { begin, cards, closeAfterEach, fire, product, roots } from './faulty-product.ts';

closeAfterEach();

describe('10,000 identical alerts', () => {
  it('are one incident, one investigation, one question to the model and one root message', async () => {
    let asked = 0;
    const model: NonNullable<AppPorts['model']> = {
      name: 'counting',
      async complete() {
        asked++;
        throw new Failure('unavailable', 'openai', 'word the report');
      },
    } as unknown as NonNullable<AppPorts['model']>;
    begin({ model });
    const [alert] = alertBody({ service: 'cart' }).alerts;
    const body = { ...alertBody({ service: 'cart' }), alerts: Array.from({ length: 100 }, () => alert) };
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => product.app.receive('alertmanager', delivery('/webhook/alertmanager', body))),
    );
    expect(new Set(answers.flatMap(({ ids }) => ids))).toEqual(new Set(['INC-1']));
    expect(answers.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(10_000);
    await product.app.settle();
    expect([product.app.counters().get('reports_total'), roots().length]).toEqual([1, 1]);
    expect(asked).toBeLessThanOrEqual(1);
  });

  it('hold up no new critical alert: its card goes before all edits', async () => {
    begin();
    await fire({ service: 'cart' });
    for (let i = 0; i < 50; i++) await fire({ service: 'cart', alertname: `A${i}`, severity: 'warning' });
    await product.pass(1_000);
    const before = cards().length;
    for (let i = 50; i < 100; i++) await fire({ service: 'cart', alertname: `A${i}`, severity: 'warning' });
    await fire({ service: 'payments' });
    await product.pass(3_000);
    expect(cards()[before]?.card.incident.service).toBe('payments');
  });
});
