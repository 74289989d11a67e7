import { afterEach, expect, it } from 'vitest';
import { tempo } from '../../../../src/adapters/trace-sources/tempo/tempo.ts';
import { startTempo, type TempoStandIn } from '../../../stand-ins/tempo.ts';

const now = Date.parse('2026-03-01T12:00:00Z');
const never = () => {};
const log = { debug: never, info: never, warn: never, error: never };
const open: TempoStandIn[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.stop();
});

async function standIn(settings: Record<string, string> = {}) {
  const server = await startTempo();
  open.push(server);
  const source = tempo.create(tempo.settings.parse({ TEMPO_URL: server.url, ...settings }), {
    fetch: globalThis.fetch,
    now: () => now,
    log,
  });
  return { server, source };
}

const span = (number: number, isFailed: boolean) => ({
  traceId: number.toString(16).padStart(32, '0'),
  spanId: number.toString(16).padStart(16, 'b'),
  service: 'cart',
  name: 'GET /',
  startMs: now - 60_000 - number,
  durationMs: 5,
  isFailed,
});
const signal = new AbortController().signal;

it('reads a trace from a Tempo that knows the older API only', async () => {
  const { server, source } = await standIn();
  server.grow('old');
  server.keep(span(7, false));
  const request = await source.trace(span(7, false).traceId, signal);
  expect(JSON.stringify(request)).toContain(`"spanId":"${span(7, false).spanId}"`);
  expect(server.questions().map(({ path }) => path.split('/').slice(1, 3).join('/'))).toEqual(['api/v2', 'api/traces']);
});

it('names its tenant, and its user with the token as a password', async () => {
  const { server, source } = await standIn({ TEMPO_TENANT: 'a|b', TEMPO_USER: '4711', TEMPO_TOKEN: 'secret' });
  await source.search({ window: { fromMs: now - 1_000, toMs: now }, service: null, limit: 1 }, signal);
  expect(server.questions()[0]?.headers).toMatchObject({
    'x-scope-orgid': 'a|b',
    authorization: `Basic ${Buffer.from('4711:secret').toString('base64')}`,
  });
});

it('prefers traces that failed where there are more than may be read', async () => {
  const { server, source } = await standIn();
  server.keep(...Array.from({ length: 12 }, (_, i) => span(i + 1, i === 11)));
  const { requests, truncated } = await source.search({ window: { fromMs: now - 600_000, toMs: now }, service: 'cart', limit: 3 }, signal);
  expect([requests.length, truncated]).toEqual([3, true]);
  expect(JSON.stringify(requests)).toContain('STATUS_CODE_ERROR');
});

it('keeps the traces that could be read when others could not', async () => {
  const { server, source } = await standIn();
  server.keep(span(1, false), span(2, false));
  server.fail({ status: 500, path: span(2, false).traceId });
  const { requests, truncated } = await source.search({ window: { fromMs: now - 600_000, toMs: now }, service: 'cart', limit: 9 }, signal);
  expect([requests.length, truncated]).toEqual([1, true]);
});
