import { describe, expect, it } from 'vitest';
import { callTree } from '../../../src/domain/baseline/call-tree.ts';
import { delaysOf } from '../../../src/domain/baseline/delays.ts';
import { Lexicon } from '../../../src/domain/baseline/lexicon.ts';
import { joined } from '../../../src/domain/ranking/slowness.ts';
import { atOnce } from '../../../src/domain/steps.ts';
import { createTelemetry } from '../../../src/telemetry.ts';
import { minute, type SpanWords, start, traces } from '../../adapters/telemetry/bodies.ts';

/** A shop asks stock; of the calls in `torn` the span of stock that took the call is lost. */
async function gaps(torn: (trace: number) => boolean) {
  const telemetry = createTelemetry({ file: null, now: () => start + minute, windowMinutes: 60, maxBytes: 2 ** 28 });
  for (let trace = 1; trace <= 6; trace++) {
    const at = trace * 1000;
    const shop: SpanWords[] = [
      { trace, span: 1, name: '/', at, lasts: 300 },
      { trace, span: 2, parent: 1, name: 'GET', kind: 3, at: at + 10, lasts: 200 },
    ];
    const stock: SpanWords[] = [
      { trace, span: 3, parent: 2, name: '/level', at: at + 60, lasts: 50 },
      { trace, span: 4, parent: 3, name: 'Levels.find', at: at + 62, lasts: 40 },
    ];
    await telemetry.ingest('traces', traces({ shop, stock: stock.slice(torn(trace) ? 1 : 0) }), 'json');
  }
  const window = await telemetry.window({ fromMs: start - minute, toMs: start + minute });
  const lexicon = new Lexicon();
  const delays = atOnce(delaysOf(window, callTree(window), lexicon, () => 0));
  return Object.fromEntries(
    [...delays]
      .map(([series, { values }]) => [lexicon.parts(series).join(' '), values.length] as const)
      .filter(([name]) => /^[GH] /.test(name)),
  );
}

describe('gaps of calls', () => {
  it('are counted by what answered, and apart where the span that took the call is lost', async () => {
    expect(await gaps(() => false)).toEqual({ 'G shop stock /level': 6 });
    expect(await gaps((trace) => trace > 4)).toEqual({ 'G shop stock /level': 4, 'H shop stock Levels.find in GET': 2 });
  });

  it('are worth what they would be with the torn calls whole', () => {
    const shift = { series: 1, strength: 1.2, onset: 3, beforeMs: 4, afterMs: 2000, n: 3, thresholdMs: 20 };
    expect(joined(shift, 5, { now: 0, past: 0 })).toEqual(shift);
    expect(joined(shift, 0, { now: 3, past: 9 }).strength).toBeCloseTo((1.2 * (6 / 8)) / (3 / 5), 6);
    expect(joined(shift, 3, { now: 3, past: 3 }).strength).toBeCloseTo((1.2 * (6 / 8) * (6 / 9)) / ((3 / 5) * (3 / 6)), 6);
  });
});
