/** What can be asked besides logs: measurements, diffs, earlier incidents, the map on both sides, everything once more. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRecording } from '../../src/cli/recording.ts';
import { Failure } from '../../src/domain/failure.ts';
import type { Change } from '../../src/domain/change.ts';
import { type AnswerOptions, answer, type Step } from '../../src/pipeline/answer.ts';
import { createBreaker } from '../../src/pipeline/circuit-breaker.ts';
import type { ChangeSource, LogSource } from '../../src/ports/sources.ts';
import { testProduct } from '../support/app.ts';

const recording = openRecording(fileURLToPath(new URL('../scenarios/harbour', import.meta.url)));
const at = recording.alertAt;
const change: Change = {
  kind: 'release',
  service: 'payment',
  startedAt: at - 120_000,
  steps: [],
  version: 'v2',
  sha: null,
  url: null,
  title: 'Retry less',
  files: ['pay.js'],
  patches: [
    { file: 'pay.js', patch: '@@ -1,2 +1,2 @@\n-zebra\n+-----BEGIN PRIVATE KEY-----\n+MIIEvQIBADANBgkqh\n+-----END PRIVATE KEY-----' },
  ],
};
const github: ChangeSource = { changes: async () => ({ changes: [change], gaps: [] }) };
const searched: { fromMs: number; toMs: number }[] = [];
let isDeaf = false;
const loki: LogSource = {
  async search({ window }) {
    searched.push(window);
    if (isDeaf) throw new Failure('unavailable', 'loki', 'search logs');
    return { lines: [], truncated: false };
  },
};
const product = testProduct({ changeSources: new Map([['github', github]]), logSources: new Map([['loki', loki]]) }, at);
let incidentId = '';
const ask = (text: string, id: string | null = incidentId) => product.app.ask({ incidentId: id, text, person: 'slack:U1' });

beforeAll(async () => {
  for (const signal of ['traces', 'logs'] as const)
    for (const body of recording.bodies(signal)) await product.app.ingest(signal, body, 'json');
  const metric = {
    name: 'pool.in_use',
    unit: '1',
    gauge: { dataPoints: [20, 40, 50].map((value, i) => ({ timeUnixNano: `${at - 30_000 + i * 10_000}000000`, asDouble: value })) },
  };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'payment' } }] };
  const body = { resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [metric] }] }] };
  await product.app.ingest('metrics', new TextEncoder().encode(JSON.stringify(body)), 'json');
  const delivery = { route: '/webhook/alertmanager', headers: {}, body: recording.alertBody, receivedAt: at };
  incidentId = (await product.app.receive('alertmanager', delivery)).ids[0] ?? '';
  await product.app.settle();
});
afterAll(() => product.close());

describe('measurements', () => {
  it('are calls, failures and latency by the minute, then series', async () => {
    const { text, lines, sources } = await ask('metrics of payment');
    expect(text).toMatch(/^What payment did, (by the minute|in steps of \d+ minutes):/);
    expect(lines.filter((line) => /^\d\d:\d\d:00Z \d+ calls, (none failed|\d+ failed \(\d+ %\)), p95 [\d.]+ m?s$/.test(line)).length).toBe(
      2,
    );
    expect(lines.at(-1)).toMatch(/^pool\.in_use: 20 → 50, highest 50, until \d\d:/);
    expect(sources).toEqual([expect.stringMatching(/^telemetry kept here, \d\d:/)]);
  });

  it('are counted from the spans of the service alone', async () => {
    const { lines } = await ask('metrics of payment in the last 2 minutes');
    const window = await product.telemetry.window({ fromMs: at - 120_000, toMs: at + 1 });
    const id = window.strings.find('payment');
    const calls = [...window.spans.service].filter((service, row) => service === id && window.spans.kind[row] === 2).length;
    const told = lines.flatMap((line) => (/ (\d+) calls/.exec(line)?.[1] ?? '').match(/\d+/g) ?? []).map(Number);
    expect(told.reduce((a, b) => a + b, 0)).toBe(calls);
    expect((await ask('metrics of payment', null)).lines.length).toBeGreaterThan(0);
  });

  it('say what is not there', async () => {
    expect((await ask('metrics of db:payment')).text).toMatch(/^Nothing measured of db:payment/);
    expect((await ask('metrics of zzz')).text).toMatch(/^I know no service called zzz/);
  });
});

it('a diff is shown without the key that stands in several of its lines', async () => {
  const { text, lines, sources } = await ask('show diff of payment');
  expect(text).toContain('release payment v2 Retry less');
  expect(lines).toContain('-zebra');
  expect(lines.join('\n')).not.toContain('MIIEvQ');
  expect(sources).toEqual(['github', 'telemetry kept here']);
  expect((await ask('diff of catalog')).text).toMatch(/^I know of no change of catalog/);
});

it('the map is shown on both sides', async () => {
  const { lines } = await ask('map around payment');
  expect(lines[0]).toMatch(/^called by checkout: \d+ calls/);
  expect(lines.at(-1)).toMatch(/^calls db:payment: /);
});

describe('another window', () => {
  it('is what sources are asked for, and where the answer is read', async () => {
    searched.length = 0;
    const { lines, sources } = await ask('logs of payment 1 minute before');
    expect(searched).toEqual([{ fromMs: at - 60_000, toMs: at + 1 }]);
    expect(lines.length).toBeGreaterThan(0);
    expect(sources[0]).toMatch(/^logs kept here, /);
    expect((await ask('what changed in the last minute')).lines).toEqual([expect.stringContaining('release payment 9.0.0')]);
    expect((await ask('what changed in the last 3 minutes')).lines[0]).toContain('release payment v2');
    expect((await ask('what changed since 16:17:10')).text).toBe('I know of no change in that time.');
  });

  it('can be asked of everything that is connected, and what does not answer is said', async () => {
    searched.length = 0;
    const { text, sources } = await ask('ask again in the last 3 minutes');
    expect(text).toMatch(
      /^Asked again: github, loki\. What is here from .*: \d+ spans, \d+ log lines, 1 series of measurements, 2 changes\.$/,
    );
    expect(sources).toEqual(['github', 'loki', 'telemetry kept here']);
    expect(searched.length).toBeGreaterThan(0);
    expect(searched.every(({ fromMs }) => fromMs === at - 180_000)).toBe(true);
    isDeaf = true;
    const told = await ask('ask again in the last 3 minutes');
    isDeaf = false;
    expect(told.lines).toEqual([expect.stringMatching(/^loki: /)]);
    expect(told.text).toMatch(/^Asked again: github\./);
  });
});

describe('earlier incidents', () => {
  it('are compared with this one, and told with what people said of them', async () => {
    expect((await ask('has this happened before?')).text).toBe('I have seen no incident that looks like this one.');
    const context = (await product.ledger.report(incidentId))!;
    const first = context.context.hypotheses[0]!;
    const incident = { ...(await product.ledger.incident(incidentId))!, id: 'INC-90', revision: 1 };
    const report = {
      ...context,
      incidentId: 'INC-90',
      context: { ...context.context, incident: { ...context.context.incident, id: 'INC-90' } },
    };
    await product.ledger.commit({ incidents: [incident], reports: [report] });
    await product.app.vote({ incidentId: 'INC-90', hypothesisId: first.id, verdict: 'confirm', person: 'slack:U2' });
    const { lines, sources } = await ask('earlier incidents');
    expect(lines[0]).toMatch(new RegExp(`^INC-90 of .*: it was ${first.service}; \\d+ % alike`));
    expect(sources).toEqual(['INC-90']);
    expect((await ask('earlier incidents', null)).text).toMatch(/^Ask me that in the thread/);
  });
});

it('outside of an incident, the state is what is open', async () => {
  const { text, lines } = await ask('what is broken right now?', null);
  expect(text).toMatch(/^Open now/);
  expect(lines.some((line) => line.startsWith(`${incidentId} since `))).toBe(true);
});

it('only what asks other systems is told while it is asked', async () => {
  const told: Step[] = [];
  const options: AnswerOptions = {
    ...product,
    lookbackMs: 900_000,
    changeSources: new Map(),
    breaker: createBreaker(product.now),
    redactDeep: <T>(value: T) => ({ value }),
    elsewhere: {
      read: async () => ({ changes: [], conditions: [], gaps: [], isLogComplete: true }),
      lookUp: async () => [],
      refresh: async () => {},
    },
    tell: (step: Step) => void told.push(step),
  };
  await answer('why payment', incidentId, options);
  expect(told).toEqual([]);
  await answer('errors in payment', incidentId, options);
  expect(told.map(({ title, state }) => [title, state])).toEqual([
    ['Errors of payment', 'asking'],
    ['Errors of payment', 'answered'],
  ]);
  expect(told[1]?.id).toBe(told[0]?.id);
});
