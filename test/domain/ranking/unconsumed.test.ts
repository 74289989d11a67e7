/** `orders` puts a message into the queue `jobs`, which `worker` takes, and waits for what comes of it. */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;
const queue = [
  { key: 'messaging.system', value: { stringValue: 'rabbitmq' } },
  { key: 'messaging.destination.name', value: { stringValue: 'jobs' } },
];

/** What still happens lately in requests that fail. */
function suspectOf({
  isSent,
  isTaken,
  taking = 'jobs receive',
  isRejected = false,
}: {
  readonly isSent: boolean;
  readonly isTaken: boolean;
  readonly taking?: string;
  /** The queue does not take it. */
  readonly isRejected?: boolean;
}) {
  const spans = new Map<string, OtlpSpan[]>();
  for (let i = 0; i < 240; i++) {
    const at = alertAt - 12 * minute + i * 3000;
    const isLate = at > alertAt - 2 * minute;
    const add = (service: string, id: string, parent: string | null, kind: number, from: number, to: number, isBad = false) => {
      const times = { startTimeUnixNano: nanos(at + from), endTimeUnixNano: nanos(at + to) };
      const more = { ...(kind > 3 ? { attributes: queue } : {}), ...(parent === null ? {} : { parentSpanId: `${i}${parent}` }) };
      const span = { traceId: `t${i}`, spanId: `${i}${id}`, name: id, kind, ...times, status: { code: isBad ? 2 : 0 }, ...more };
      spans.set(service, [...(spans.get(service) ?? []), span]);
    };
    add('orders', 'POST /orders', null, 2, 0, isLate ? 500 : 60, isLate);
    if (isSent || !isLate) add('orders', 'jobs publish', 'POST /orders', 4, 5, 7, isLate && isRejected);
    if (isTaken || !isLate)
      add('worker', taking, taking === 'jobs receive' ? 'jobs publish' : 'POST /orders', taking === 'jobs receive' ? 5 : 2, 10, 40);
    if (!isLate) add('orders', 'confirm', 'POST /orders', 1, 45, 50);
  }
  const traces = [...spans].map(([name, list]) => ({
    resourceSpans: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: name } }] }, scopeSpans: [{ spans: list }] }],
  }));
  const window = windowOf(flatten({ traces, logs: [], metrics: [] }), new Tables(), alertAt - 20 * minute, alertAt + 1);
  const { hypotheses, evidence } = rank({ ...inputOf([]), window });
  const texts = evidence.filter(({ id }) => hypotheses[0]?.evidence.includes(id)).map(({ text }) => text);
  return { service: hypotheses[0]?.service, says: texts.join(' ') };
}

describe('a service that waits for what comes of its message', () => {
  it('is not at fault where nobody takes it any more', () => {
    const { service, says } = suspectOf({ isSent: true, isTaken: false });
    expect(service).toBe('worker');
    expect(says).toContain('fail in orders, whose messages worker no longer takes');
  });

  it.each([
    ['its messages are taken', { isSent: true, isTaken: true }],
    ['a request that is named like the queue is not made', { isSent: true, isTaken: false, taking: 'POST /jobs' }],
    ['the queue does not take them', { isSent: true, isTaken: false, isRejected: true }],
    ['it sends none', { isSent: false, isTaken: false }],
  ])('is at fault where %s', (_, what) => expect(suspectOf(what).service).toBe('orders'));
});
