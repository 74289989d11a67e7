/**
 * Spans get lost on their way. A step that was always taken and now never is shows all the same; that a third of what was
 * always there is missing shows nothing. `shop` takes a step in every visit and writes no lines.
 */
import { describe, expect, it } from 'vitest';
import { createTelemetry } from '../../../src/telemetry.ts';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { initialWeights } from '../../../src/domain/feedback.ts';
import { minute, type SpanWords, start, traces } from '../../adapters/telemetry/bodies.ts';
import { seeded } from '../../accuracy/random.ts';

const alertAt = start + 30 * minute;
const perMinute = 12;

/** The web's entry and call, the shop's entry and steps; of them each is lost with the given chance, from a minute on. */
async function ranked(lostFrom: number, takesStep: (atMinute: number) => boolean) {
  const random = seeded('lost spans');
  const telemetry = createTelemetry({ file: null, now: () => alertAt, windowMinutes: 60, maxBytes: 2 ** 28 });
  for (let i = 0; i < 30 * perMinute; i++) {
    const at = (i * minute) / perMinute;
    const trace = i + 1;
    const came = (span: SpanWords) => span.span === 1 || at < lostFrom * minute || !random.chance(0.3);
    const web = [
      { trace, span: 1, name: '/', at, lasts: 100 },
      { trace, span: 2, parent: 1, kind: 3, name: 'GET', at: at + 5, lasts: 90 },
    ];
    const shop = [
      { trace, span: 3, parent: 2, name: '/items', at: at + 10, lasts: 80 },
      { trace, span: 4, parent: 3, kind: 1, name: 'Items.list', at: at + 12, lasts: 70 },
      ...(takesStep(at / minute) ? [{ trace, span: 5, parent: 4, kind: 1, name: 'Items.sort', at: at + 14, lasts: 5 }] : []),
    ];
    await telemetry.ingest('traces', traces({ web: web.filter(came), shop: shop.filter(came) }), 'json');
    if (i % perMinute === 0) await telemetry.advance(start + at, []);
  }
  await telemetry.advance(alertAt, []);
  const { map, baseline, directory } = await telemetry.knowledge();
  const window = await telemetry.window({ fromMs: alertAt - 11 * minute, toMs: alertAt + 1 });
  const focus = { service: null, correlationIds: [] };
  return rank({ incidentId: 'x', window, baseline, map, directory, changes: [], weights: initialWeights, alertAt, focus });
}

const never = () => true;
const lately = (atMinute: number) => atMinute < 26;

describe('with three in ten spans lost', () => {
  it('a step that is never taken any more speaks against its service', async () => {
    const { verdict, hypotheses } = await ranked(0, lately);
    expect([verdict, hypotheses[0]?.service]).toEqual(['cause', 'shop']);
  });

  it('holes are no missing steps, whether there always were holes or only now', async () => {
    expect((await ranked(0, never)).verdict).toBe('healthy');
    const { verdict, hypotheses } = await ranked(26, never);
    expect(verdict).not.toBe('cause');
    for (const signal of ['gone', 'call', 'slow']) expect(hypotheses.filter(({ features }) => (features[signal] ?? 0) > 0)).toEqual([]);
  });
});
