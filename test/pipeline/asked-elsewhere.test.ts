/** The whole product over sources alone: nothing was ever pushed. */
import { afterEach, describe, expect, it } from 'vitest';
import { loki } from '../../src/adapters/log-sources/loki/loki.ts';
import type { LogSource, TraceSource } from '../../src/ports/sources.ts';
import { alertBody, delivery, start, testProduct } from '../support/app.ts';
import { type LokiStandIn, startLoki } from '../stand-ins/loki.ts';

const never = () => {};
const log = { debug: never, info: never, warn: never, error: never };
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const trace = {
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'checkout' } }] },
      scopeSpans: [
        {
          spans: [
            {
              traceId,
              spanId: '00f067aa0ba902b7',
              name: 'pay',
              startTimeUnixNano: `${start - 900}000000`,
              endTimeUnixNano: `${start - 800}000000`,
            },
          ],
        },
      ],
    },
  ],
};
const tempo: TraceSource = {
  trace: async (id) => (id === traceId ? trace : null),
  search: async () => ({ requests: [], truncated: false }),
};

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function product(logSources: (server: LokiStandIn) => Record<string, LogSource>) {
  const server = await startLoki();
  stops.push(() => server.stop());
  const made = testProduct({ logSources: new Map(Object.entries(logSources(server))), traceSources: new Map([['tempo', tempo]]) });
  stops.push(() => made.close());
  return { server, ...made };
}

const sourceOf = (server: LokiStandIn) => {
  const settings = loki.settings.parse({ LOKI_URL: server.url, LOKI_TOKEN: server.token, LOKI_TENANT: server.tenant });
  return loki.create(settings, { fetch: globalThis.fetch, now: () => start, log });
};

describe('an alert about a service whose telemetry lies elsewhere', () => {
  it('is reported with what its sources know, and with what they could not say', async () => {
    const { server, app } = await product((loki) => ({ loki: sourceOf(loki), splunk: { search: () => new Promise(never) } }));
    for (let i = 0; i < 20; i++) server.put({ at: start - 20_000 + i * 500, service: 'checkout', text: 'ERROR card processor refused' });
    const { ids } = await app.receive('alertmanager', delivery('/webhook/alertmanager', alertBody({ service: 'checkout' })));
    await app.settle();
    const context = await app.context(ids[0]!);
    expect(context?.gaps).toContainEqual({ source: 'splunk', reason: 'splunk: search logs of checkout (timeout)' });
    expect(context?.gaps.filter(({ source }) => source === 'loki')).toEqual([]);
    const { text, lines } = await app.ask({ incidentId: ids[0]!, text: 'errors in checkout', person: 'slack:U1' });
    expect(lines.at(-1)).toContain('card processor refused');
    expect(text).toContain('Could not be asked: splunk: search logs (timeout)');
  });

  it('answers a question about a trace that only a source keeps', async () => {
    const { app } = await product(() => ({}));
    const asked = await app.ask({ incidentId: null, text: `show trace ${traceId}`, person: 'slack:U1' });
    expect(asked.text).toContain('1 spans');
    expect((await app.ask({ incidentId: null, text: `show trace ${traceId.replace('4', '5')}`, person: 'slack:U1' })).text).toContain(
      'not kept here',
    );
  });

  it('gives machines what only a source keeps, and says what could not be asked', async () => {
    const { server, app } = await product((loki) => ({ loki: sourceOf(loki), splunk: { search: () => new Promise(never) } }));
    server.put({ at: start - 5_000, service: 'checkout', text: 'ERROR card processor refused, password=hunter2hunter2' });
    const { lines, gaps } = await app.logs({ window: { fromMs: start - 60_000, toMs: start }, service: 'checkout', limit: 5 });
    expect(lines.map(({ text }) => text)).toEqual([expect.stringContaining('card processor refused')]);
    expect(JSON.stringify(lines)).not.toContain('hunter2hunter2');
    expect(gaps).toEqual([{ source: 'splunk', reason: 'splunk: search logs (timeout)' }]);
    expect((await app.trace(traceId)).spans).toMatchObject([{ operation: 'pay' }]);
  });
});
