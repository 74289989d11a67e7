/** `orders` puts each order into the queue `paid`; `mailer` and `printer` take it from there, and nobody waits for either. */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const queue = [text('messaging.system', 'kafka'), text('messaging.destination.name', 'paid')];
const sender = 4;
const taker = 5;

interface Plan {
  /** When `mailer` takes what was sent at that time; null: never. */
  readonly mailed: (at: number) => number | null;
  /** What is done with the queue, by who sends and by who takes. */
  readonly named?: readonly [sending: string, taking: string];
  readonly isSent?: (at: number) => boolean;
  /** The messages do not get into the queue. */
  readonly isRejected?: (at: number) => boolean;
}

const isLate = (at: number): boolean => at > alertAt - 2 * minute;
const never = (): boolean => false;

function suspected({ mailed, named = ['send paid', 'process paid'], isSent = () => true, isRejected = never }: Plan) {
  const spans = new Map<string, OtlpSpan[]>();
  const [sending, taking] = named;
  for (let i = 0; i < 400; i++) {
    const at = alertAt - (400 - i) * 2000;
    const add = (service: string, name: string, kind: number, [parent, from, to]: readonly [string | null, number, number]) => {
      if (to > alertAt) return;
      const times = { startTimeUnixNano: nanos(from), endTimeUnixNano: nanos(to) };
      const isBad = kind === sender && isRejected(at);
      const more = { ...(kind > 3 ? { attributes: queue } : {}), ...(parent === null ? {} : { parentSpanId: `${i}${parent}` }) };
      const span = { traceId: `t${i}`, spanId: `${i}${service}${kind}`, name, kind, ...times, status: { code: isBad ? 2 : 0 }, ...more };
      spans.set(service, [...(spans.get(service) ?? []), span]);
    };
    add('orders', 'POST /orders', 2, [null, at, at + 40]);
    if (isSent(at)) add('orders', sending, sender, ['orders2', at + 20, at + 22]);
    if (!isSent(at) || isRejected(at)) continue;
    add('printer', taking, taker, ['orders4', at + 30, at + 90]);
    const mailedAt = mailed(at);
    if (mailedAt !== null) add('mailer', taking, taker, ['orders4', mailedAt, mailedAt + 50]);
  }
  const traces = [...spans].map(([name, list]) => ({
    resourceSpans: [{ resource: { attributes: [text('service.name', name)] }, scopeSpans: [{ spans: list }] }],
  }));
  const window = windowOf(flatten({ traces, logs: [], metrics: [] }), new Tables(), alertAt - 20 * minute, alertAt + 1);
  const { verdict, hypotheses, evidence } = rank({ ...inputOf([]), window });
  const [first] = hypotheses;
  const says = evidence.filter(({ id }) => first?.evidence.includes(id)).map((one) => one.text);
  return { verdict, service: first?.service, says: says.join(' '), unanswered: hypotheses.map((one) => one.features['unanswered'] ?? 0) };
}

const atOnce = (at: number): number => at + 35;
const notLately = (at: number): number | null => (isLate(at) ? null : atOnce(at));
/** It comes by once a minute, and takes all there is. */
const byTheMinute = (at: number): number => Math.ceil(at / minute) * minute + 200;

describe('who no longer takes messages', () => {
  it.each([
    ['by the action first', ['send paid', 'process paid']],
    ['by the queue first', ['paid publish', 'paid receive']],
    ['in words of a library', ['paid-topic send', 'Consume paid']],
  ] as const)('is at fault though nothing fails and another takes them as ever; spans are named %s', (_, named) => {
    const { verdict, service, says } = suspected({ mailed: notLately, named });
    expect({ verdict, service }).toEqual({ verdict: 'cause', service: 'mailer' });
    expect(says).toContain('no sign of mailer taking them');
  });

  it('is at fault though it used to come by once a minute, after several', () => {
    const { verdict, service } = suspected({ mailed: (at) => (at > alertAt - 5 * minute ? null : byTheMinute(at)) });
    expect({ verdict, service }).toEqual({ verdict: 'cause', service: 'mailer' });
  });

  it('is not while its messages wait no longer than they do', () => {
    const { verdict, unanswered } = suspected({ mailed: byTheMinute });
    expect(verdict).not.toBe('cause');
    expect(Math.max(0, ...unanswered)).toBe(0);
  });

  it.each([
    ['none are sent', { isSent: (at: number) => !isLate(at) }],
    ['the queue takes none', { isRejected: isLate }],
  ])('is not where %s', (_, more) => expect(suspected({ mailed: notLately, ...more }).service).not.toBe('mailer'));
});
