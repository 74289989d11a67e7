/** `shop` calls `cart`, which takes every call or none, and then `ads`. Whose silence is it when both lose their far side? */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { peerKind } from '../../../src/domain/telemetry.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, type OtlpSpan, type OtlpTraces, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const nanos = (at: number) => `${Math.round(at)}000000`;

/** Every call is to `down` in vain for two minutes; half of the requests do not call `cart` at all, and who was refused stops. */
function tracesWithout(down: string): OtlpTraces[] {
  const spans = new Map<string, OtlpSpan[]>();
  const add = (service: string, span: OtlpSpan) => spans.set(service, [...(spans.get(service) ?? []), span]);
  for (let i = 0; i < 240; i++) {
    const at = alertAt - 12 * minute + i * 3000;
    const traceId = `t${i}`;
    let now = at + 5;
    for (const callee of i % 2 === 0 ? ['cart', 'ads'] : ['ads']) {
      const isDown = callee === down && at > alertAt - 2 * minute;
      const times = { startTimeUnixNano: nanos(now), endTimeUnixNano: nanos(now + 10) };
      add('shop', {
        traceId,
        spanId: `${i}${callee}c`,
        parentSpanId: `${i}e`,
        name: 'call',
        kind: 3,
        ...times,
        attributes: [text('server.address', callee)],
      });
      now += 12;
      if (isDown) break;
      add(callee, { traceId, spanId: `${i}${callee}s`, parentSpanId: `${i}${callee}c`, name: `serve ${callee}`, kind: 2, ...times });
    }
    add('shop', { traceId, spanId: `${i}e`, name: 'enter', kind: 2, startTimeUnixNano: nanos(at), endTimeUnixNano: nanos(now) });
  }
  return [...spans].map(([service, list]) => ({
    resourceSpans: [{ resource: { attributes: [text('service.name', service)] }, scopeSpans: [{ spans: list }] }],
  }));
}

function suspectsWithout(down: string): string[] {
  const window = windowOf(
    flatten({ traces: tracesWithout(down), logs: [], metrics: [] }),
    new Tables(),
    alertAt - 20 * minute,
    alertAt + 1,
  );
  const { spans, strings } = window;
  for (let row = 0; row < spans.length; row++) {
    if (spans.peer[row]! < 0) continue;
    spans.peer[row] = strings.id(`ext:${strings.text(spans.peer[row]!).replace(/^ext:/, '')}`);
    spans.peerKind[row] = peerKind.host;
  }
  return rank({ ...inputOf([]), window })
    .hypotheses.filter(({ features }) => (features['unanswered'] ?? 0) > 0)
    .map(({ service }) => service);
}

describe('a call that nobody takes any more', () => {
  it('speaks against the one it is to, and not against one that is no longer called', () => {
    expect(suspectsWithout('cart')).not.toContain('ads');
    expect(suspectsWithout('ads')).toEqual(['ads']);
  });
});
