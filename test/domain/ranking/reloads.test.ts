/** `gate` asks `barn`, and some requests fail in `gate` lately. Does it matter that it has read its configuration anew? */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { learnFrom } from './recorded-case.ts';
import { flatten, type OtlpLog, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;
const recentMs = 11 * minute;
const onset = alertAt - 2 * minute;

/** `line` is written when it begins, and every minute before that too where it is a habit. */
function ranked(line: string, { every = 9, habit = false, by = 'gate', severity = 9 } = {}) {
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
  write(onset - 1000);
  const of = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] });
  const flat = flatten({
    traces: [...spans].map(([name, list]) => ({ resourceSpans: [{ resource: of(name), scopeSpans: [{ spans: list }] }] })),
    logs: [...lines].map(([name, list]) => ({ resourceLogs: [{ resource: of(name), scopeLogs: [{ logRecords: list }] }] })),
    metrics: [],
  });
  const tables = new Tables();
  const baseline = learnFrom(flat, tables, alertAt);
  const { verdict, evidence } = rank({ ...inputOf([]), window: windowOf(flat, tables, alertAt - recentMs, alertAt + 1), baseline });
  return { verdict, says: evidence.map(({ text }) => text).join(' ') };
}

const read = 'read its configuration anew 121 s before the alert';

describe('a service that reads its configuration anew', () => {
  it.each([
    'signal 1 (SIGHUP) received from 7, reconfiguring',
    'configuration reloaded from /srv/gate.toml: limit=4',
    'Reloading config after change',
  ])('was changed then, where other things speak against it: %s', (line) => expect(ranked(line).says).toContain(`gate ${read}`));

  it.each([
    ['it does so all the time', 'configuration reloaded from /srv/gate.toml: limit=4', { habit: true }],
    ['it could not', 'configuration reloaded, but line 4 is void', { severity: 17 }],
    ['it reloads something else', 'reloaded 40 bales of hay', {}],
    ['nothing else speaks against it', 'configuration reloaded from /srv/barn.toml: limit=4', { by: 'barn' }],
  ])('was not where %s', (_, line, how) => expect(ranked(line, how).says).not.toContain(read));

  it('accuses nobody by itself', () => {
    expect(ranked('configuration reloaded from /srv/gate.toml: limit=4', { every: Infinity }).verdict).not.toBe('cause');
  });
});
