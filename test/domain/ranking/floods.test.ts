/**
 * `mails` begins requests of its own accord and asks `people`, which asks its store; `pages` asks `people` for those that come to it.
 * Lately one of the two may ask far more often, and `people` may be slow and turn some away. Who is at fault?
 */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf, released } from './made-metrics.ts';
import { learnFrom } from './recorded-case.ts';
import { flatten, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;

const kinds = { itself: 1, consumer: 5, named: 2, asked: 2, path: 2 };
const names: Readonly<Record<string, string>> = { named: 'Queue/mails/Consumer', path: 'GET /consumer/offers' };

interface Plan {
  /** Requests a second lately that `mails` begins, and that come to `pages`; one in four seconds and two in three are usual. */
  readonly mails?: number;
  readonly pages?: number;
  /** How `mails` begins them: of its own accord, as a consumer by kind or by name alone, or since somebody asks, be it on a path of that name. */
  readonly begins?: 'itself' | 'consumer' | 'named' | 'asked' | 'path';
  /** How long `people` takes lately, and how many of the requests of `pages` it turns away: one in so many. */
  readonly takesMs?: number;
  readonly turns?: number;
  /** `people` answers nothing well lately. */
  readonly breaks?: boolean;
  /** For so many minutes before the alert more come, and `people` does worse. */
  readonly since?: number;
  readonly worseSince?: number;
  /** Who was released as `people` did worse. */
  readonly changed?: string;
}

function suspected(plan: Plan) {
  const { mails = 1 / 4, pages = 2 / 3, begins = 'itself', takesMs = 10, turns = 0, breaks = false, since = 2 } = plan;
  const { worseSince = since, changed } = plan;
  const spans = new Map<string, OtlpSpan[]>();
  let n = 0;
  const add = (service: string, span: Omit<OtlpSpan, 'startTimeUnixNano' | 'endTimeUnixNano'>, from: number, to: number) => {
    const list = spans.get(service) ?? [];
    spans.set(service, list);
    list.push({ ...span, startTimeUnixNano: nanos(from), endTimeUnixNano: nanos(to) });
  };
  const request = (at: number, caller: 'mails' | 'pages', ms: number, isBad: boolean) => {
    const traceId = (n++).toString(16).padStart(32, '0');
    const status = { code: isBad ? 2 : 0 };
    const ids = { entry: `${n}e`, call: `${n}c`, taken: `${n}t` };
    const kind = caller === 'pages' ? 2 : kinds[begins];
    const name = caller === 'pages' ? 'GET /page' : (names[begins] ?? 'send mails');
    add(caller, { traceId, spanId: ids.entry, name, kind, status }, at, at + ms + 8);
    add(caller, { traceId, spanId: ids.call, parentSpanId: ids.entry, name: 'ask', kind: 3, status }, at + 2, at + ms + 6);
    add('people', { traceId, spanId: ids.taken, parentSpanId: ids.call, name: 'GET /one', kind: 2, status }, at + 3, at + ms + 4);
    const attributes = [
      { key: 'server.address', value: { stringValue: 'people-db' } },
      { key: 'db.system', value: { stringValue: 'mysql' } },
    ];
    if (!isBad) add('people', { traceId, spanId: `${n}s`, parentSpanId: ids.taken, name: 'SELECT', kind: 3, attributes }, at + 4, at + 6);
  };
  const began = alertAt - since * minute;
  const send = (caller: 'mails' | 'pages', perSecond: number, from: number, to: number) => {
    let i = 0;
    for (let at = from; at < to; at += 1000 / perSecond, i++) {
      const isLate = at >= alertAt - worseSince * minute;
      const isTurned = caller === 'pages' && turns > 0 && i % turns === 0;
      request(at, caller, isLate ? takesMs + (i % 3) : 10 + (i % 3), isLate && (breaks || isTurned));
    }
  };
  send('mails', 1 / 4, alertAt - 20 * minute, began);
  send('pages', 2 / 3, alertAt - 20 * minute, began);
  send('mails', mails, began, alertAt);
  send('pages', pages, began, alertAt);
  const resource = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] });
  const traces = [...spans].map(([name, list]) => ({ resourceSpans: [{ resource: resource(name), scopeSpans: [{ spans: list }] }] }));
  const flat = flatten({ traces, logs: [], metrics: [] });
  const tables = new Tables();
  const baseline = learnFrom(flat, tables, alertAt);
  const window = windowOf(flat, tables, alertAt - 11 * minute, alertAt + 1);
  const changes = changed === undefined ? [] : [released(changed, worseSince)];
  const { verdict, hypotheses } = rank({ ...inputOf([], changes), window, baseline });
  return { first: verdict === 'cause' ? hypotheses[0]!.service : verdict, sure: hypotheses[0]?.confidence ?? 0 };
}

const busy = { takesMs: 300, turns: 3 } as const;

describe('who floods another with calls in requests that it begins itself', () => {
  it('is at fault for what the other does, be it slow or turning others away', () => {
    expect(suspected({ mails: 12, ...busy })).toMatchObject({ first: 'mails', sure: 0.97 });
    expect(suspected({ mails: 12, takesMs: 300 }).first).toBe('mails');
    expect(suspected({ mails: 12, turns: 3 }).first).toBe('mails');
  });

  it.each(['consumer', 'named'] as const)('not for sure where it takes messages (%s): somebody may have sent more', (begins) => {
    const { first, sure } = suspected({ mails: 12, begins, ...busy });
    expect(first).toBe('mails');
    expect(sure).toBeLessThan(0.8);
  });

  it('is not where nobody is the worse for it', () => expect(suspected({ mails: 12 }).first).toBe('healthy'));

  it.each([
    ['it asks no more than it did', {}],
    ['it asks three times as often', { mails: 3 / 4 }],
    ['others ask more as well', { mails: 12, pages: 4 }],
    ['it is asked itself', { mails: 12, begins: 'asked' }],
    ['it is asked itself for what consumers want', { mails: 12, begins: 'path' }],
    ['the other was released since', { mails: 12, since: 8, worseSince: 2, changed: 'people' }],
  ] as const)('is not where %s', (_, plan) => expect(suspected({ ...busy, ...plan }).first).toBe('people'));

  it('is not where the other fails from the first of these calls on, and messages are put back', () =>
    expect(suspected({ mails: 12, begins: 'consumer', breaks: true }).first).toBe('people'));
});
