/** `gate` asks `barn`, and some requests fail in `gate` lately. Does it matter that it has read its configuration anew? */
import { describe, expect, it } from 'vitest';
import type { Change } from '../../../src/domain/change.ts';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf, released } from './made-metrics.ts';
import { learnFrom } from './recorded-case.ts';
import { flatten, type OtlpLog, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;
const recentMs = 11 * minute;
const onset = alertAt - 2 * minute;

interface How {
  /** Of so many requests one fails. */
  readonly every?: number;
  /** `line` is written every minute before as well. */
  readonly habit?: boolean;
  readonly by?: string;
  readonly severity?: number;
  /** When it is written, in seconds before the alert; as it begins where that is not said. */
  readonly at?: readonly number[];
  readonly isLearned?: boolean;
  readonly changes?: readonly Change[];
}

function ranked(
  line: string,
  { every = 9, habit = false, by = 'gate', severity = 9, at = [121], isLearned = true, changes = [] }: How = {},
) {
  const spans = new Map<string, OtlpSpan[]>();
  const lines = new Map<string, OtlpLog[]>();
  const write = (at: number) => {
    const written = { timeUnixNano: nanos(at), severityNumber: severity, body: { stringValue: line } };
    lines.set(by, [...(lines.get(by) ?? []), written]);
  };
  const request = (at: number, n: number) => {
    const failed = at > onset && n % every === 0;
    const traceId = `t${Math.round(at)}`;
    const add = (service: string, id: string, parent: string | null, kind: number, isBad = false) => {
      const times = { startTimeUnixNano: nanos(at), endTimeUnixNano: nanos(at + 20) };
      const span = { traceId, spanId: `${traceId}${id}`, name: id, kind, ...times, status: { code: isBad ? 2 : 0 } };
      spans.set(service, [...(spans.get(service) ?? []), parent === null ? span : { ...span, parentSpanId: `${traceId}${parent}` }]);
    };
    add('gate', 'enter', null, 2, failed);
    add('gate', 'ask', 'enter', 3);
    add('barn', 'serve', 'ask', 2);
  };
  for (let n = 0; n < 225; n++) request(alertAt - recentMs - 15 * minute + n * 4000, n);
  for (let n = 0; n < 90; n++) request(alertAt - 6 * minute + n * 4000, n);
  if (habit) for (let n = 1; n < 15; n++) write(alertAt - recentMs - n * minute);
  for (const before of at) write(alertAt - before * 1000);
  const of = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] });
  const flat = flatten({
    traces: [...spans].map(([name, list]) => ({ resourceSpans: [{ resource: of(name), scopeSpans: [{ spans: list }] }] })),
    logs: [...lines].map(([name, list]) => ({ resourceLogs: [{ resource: of(name), scopeLogs: [{ logRecords: list }] }] })),
    metrics: [],
  });
  const tables = new Tables();
  const past = isLearned ? { baseline: learnFrom(flat, tables, alertAt) } : {};
  const window = windowOf(flat, tables, alertAt - recentMs, alertAt + minute);
  const { verdict, hypotheses, evidence } = rank({ ...inputOf([], changes), window, ...past });
  const weight = hypotheses.find(({ service }) => service === 'gate')?.features['release'];
  return { verdict, weight, says: evidence.map(({ text }) => text).join(' ') };
}

const read = 'read its configuration anew 121 s before the alert';

describe('a service that reads its configuration anew', () => {
  it.each([
    'signal 1 (SIGHUP) received from 7, reconfiguring',
    'configuration reloaded from /srv/gate.toml: limit=4',
    'Reloading config after change',
  ])('was changed then, where other things speak against it: %s', (line) => expect(ranked(line).says).toContain(`gate ${read}`));

  const reloaded = 'configuration reloaded from /srv/gate.toml: limit=4';

  it('counts as much as a release of which nothing more is known', () => expect(ranked(reloaded).weight).toBe(0.5));

  it('was changed when it did so last', () => expect(ranked(reloaded, { at: [240, 121] }).says).toContain(read));

  it('says so at the front of a line, be that a long one', () => {
    expect(ranked(`${'gate '.repeat(40)}: ${reloaded}`).says).toContain(read);
    expect(ranked(`${'gate '.repeat(80)}: ${reloaded}`).says).not.toContain(read);
  });

  it.each<[string, string, How]>([
    ['it does so all the time', 'configuration reloaded from /srv/gate.toml: limit=4', { habit: true }],
    ['it could not', 'configuration reloaded, but line 4 is void', { severity: 17 }],
    ['it reloads something else', 'reloaded 40 bales of hay', {}],
    ['nothing else speaks against it', 'configuration reloaded from /srv/barn.toml: limit=4', { by: 'barn' }],
    ['hardly anything else speaks against it', reloaded, { every: 31 }],
    ['nobody knows whether it does so all the time', reloaded, { isLearned: false }],
    ['it was released as well', reloaded, { changes: [released('gate', 3)] }],
    ['it did so once the alert was there', reloaded, { at: [-20] }],
  ])('was not where %s', (_, line, how) => expect(ranked(line, how).says).not.toContain('read its configuration anew'));

  it('accuses nobody by itself', () => {
    expect(ranked('configuration reloaded from /srv/gate.toml: limit=4', { every: Infinity }).verdict).not.toBe('cause');
  });
});
