/** What people say of a suspect moves the incident's ranking at once, over the same HTTP that everybody uses. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IncidentContext } from '../../src/domain/incident-context.ts';
import { until } from '../support/patience.ts';
import { movedRecording } from './moved-recording.ts';
import { type RunningProduct, startProduct } from './running-product.ts';

describe('a verdict on a strong suspect', () => {
  let product: RunningProduct;
  let incidentId: string;
  beforeAll(async () => {
    product = await startProduct();
    const recording = movedRecording(join(import.meta.dirname, '..', 'scenarios', 'harbour'), Date.now());
    await product.push(recording);
    incidentId = (await product.fire(recording)).id;
  });
  afterAll(() => product.stop());

  async function contextWhen(holds: (context: IncidentContext) => boolean): Promise<IncidentContext> {
    let last: unknown;
    const look = async () => {
      try {
        const context = (await product.read(`/api/incidents/${incidentId}/context`)) as IncidentContext;
        if (holds(context)) return context;
        last = context.hypotheses.map(({ service, confidence, feedback }) => ({ service, confidence, feedback }));
      } catch (error) {
        last = error;
      }
      return undefined;
    };
    return until('what is asked of the context', look).catch((error: Error) => {
      throw new Error(`${error.message}; last seen: ${JSON.stringify(last)}`);
    });
  }
  const vote = async (hypothesis: string, verdict: string) => {
    const response = await fetch(`${product.url}/api/incidents/${incidentId}/feedback`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ hypothesis, verdict }),
    });
    expect(response.status).toBe(200);
  };

  it('takes it off the first place by one rejection, keeps it in sight, and brings it back when that is withdrawn', async () => {
    const before = await contextWhen(({ hypotheses }) => hypotheses[0]?.service === 'payment');
    const id = before.hypotheses[0]?.id ?? '';
    expect(before.hypotheses[0]?.confidence).toBeGreaterThan(0.9);

    await vote(id, 'reject');
    const rejected = await contextWhen(({ hypotheses }) => hypotheses[0]?.service !== 'payment');
    expect(rejected.hypotheses.find((hypothesis) => hypothesis.id === id)).toMatchObject({ service: 'payment', feedback: { reject: 1 } });

    await vote(id, 'withdraw');
    const again = await contextWhen(({ hypotheses }) => hypotheses[0]?.service === 'payment');
    expect(again.hypotheses[0]?.feedback).toEqual({ confirm: 0, reject: 0 });
  });
});
