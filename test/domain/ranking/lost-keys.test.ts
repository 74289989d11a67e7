/** `catalog`, `home` and `desk` look things up in `cache`, and write back what they did not find. Lately they find less. */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const nanos = (at: number) => `${Math.round(at)}000000`;

interface Plan {
  /** Who finds nothing any more, of nine that it found in ten look-ups before. */
  readonly lost: readonly string[];
  readonly clients?: readonly string[];
  /** What such a client does after it found nothing, and how it calls that. */
  readonly writes?: string;
}

function foremost({ lost, clients = ['catalog', 'home'], writes = 'SETEX' }: Plan) {
  const traces = clients.map((client, salt) => {
    const spans: OtlpSpan[] = [];
    const add = (span: Omit<OtlpSpan, 'startTimeUnixNano' | 'endTimeUnixNano'>, from: number, to: number) =>
      spans.push({ ...span, startTimeUnixNano: nanos(from), endTimeUnixNano: nanos(to) });
    for (let i = 0; i < 240; i++) {
      const at = alertAt - 12 * minute + i * 3000 + 100 * salt;
      const isLost = lost.includes(client) && at > alertAt - 3 * minute;
      const isFound = isLost ? i % 10 === 0 : i % 10 !== 0;
      const traceId = `${client}${i}`;
      const attributes = [text('db.system', 'redis'), text('server.address', 'cache')];
      const call = (name: string, from: number) =>
        add({ traceId, spanId: `${i}${name}`, parentSpanId: `${i}e`, name, kind: 3, attributes }, from, from + 2 + (i % 3) / 4);
      add({ traceId, spanId: `${i}e`, name: 'GET /page', kind: 2 }, at, at + 20 + (i % 5));
      call('GET', at + 2);
      if (!isFound) call(writes, at + 12);
    }
    return { resourceSpans: [{ resource: { attributes: [text('service.name', client)] }, scopeSpans: [{ spans }] }] };
  });
  const window = windowOf(flatten({ traces, logs: [], metrics: [] }), new Tables(), alertAt - 20 * minute, alertAt + 1);
  const ranking = rank({ ...inputOf([]), window });
  const [first] = ranking.hypotheses;
  const found = ranking.evidence.find(({ text: said }) => said.includes('look-ups'));
  return { service: found === undefined ? null : first?.service, confidence: first?.confidence ?? 0, says: found?.text ?? '' };
}

describe('clients that write back far more of what they look up', () => {
  it('speak against the cache where several do at once', () => {
    const { service, says } = foremost({ lost: ['catalog', 'home'] });
    expect(service).toMatch(/cache$/);
    expect(says).toContain('catalog, home write to');
    expect(says).toContain('before after 10 %');
  });

  it('speak against the one that does where others do as ever', () => {
    expect(foremost({ lost: ['catalog'] }).service).toBe('catalog');
    expect(foremost({ lost: ['home'], clients: ['catalog', 'home', 'desk'] }).service).toBe('home');
  });

  it('speak against the only client of a cache, but not for sure', () => {
    const { service, confidence } = foremost({ lost: ['catalog'], clients: ['catalog'] });
    expect(service).toBe('catalog');
    expect(confidence).toBeLessThanOrEqual(0.78);
  });

  it.each<[string, Plan]>([
    ['they find as much as ever', { lost: [] }],
    ['two do and two do not', { lost: ['catalog', 'home'], clients: ['catalog', 'home', 'desk', 'door'] }],
    ['what they do then is no writing', { lost: ['catalog', 'home'], writes: 'PUBLISH' }],
  ])('speak against nobody where %s', (_, plan) => expect(foremost(plan).service).toBeNull());
});
