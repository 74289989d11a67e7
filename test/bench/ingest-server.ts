/**
 * The product's HTTP surface over its telemetry, and beside it routes that only read and decode a body: what the intake is
 * measured against. Run by `ingest.bench.ts`, which reads the port from the first line.
 */
import { Hono } from 'hono';
import { redactDeep } from '../../src/domain/redact.ts';
import { createHttp } from '../../src/surfaces/http/http.ts';
import { serve } from '../../src/surfaces/http/serve.ts';
import { createTelemetry } from '../../src/telemetry.ts';
import { messages } from '../support/otlp-protobuf.ts';
import { testProduct } from '../support/app.ts';

const startedAtMs = Number(process.argv[2]);
const telemetry = createTelemetry({ file: null, now: () => startedAtMs + 60_000, windowMinutes: 60, maxBytes: 2 ** 31 });
const { app } = testProduct({ telemetry }, startedAtMs + 60_000);
const log = { debug() {}, info() {}, warn() {}, error: (text: string, fields?: unknown) => console.error(text, fields) };
const product = createHttp(app, {}, { log, now: () => startedAtMs + 60_000, redact: redactDeep });

const floors = new Hono();
floors.post('/floor/json', async (c) => {
  JSON.parse(await c.req.text());
  return c.json({});
});
floors.post('/floor/protobufjs', async (c) => {
  messages.traces.decode(new Uint8Array(await c.req.arrayBuffer()));
  return c.json({});
});
floors.get('/spans', (c) => c.json(telemetry.stats()));
/** µs of the processor this whole process has taken, threads of its pools among them. */
floors.get('/processor', (c) => {
  const { user, system } = process.cpuUsage();
  return c.json(user + system);
});

/**
 * Leaves nothing of the turn before for the collector to do in the next: what a floor threw away is not ours to clear up.
 * `false` would only ask for it, and it would come within the next turn. A burst comes before the clock, so that what is begun anew has begun.
 */
floors.get('/collected', (c) => {
  (globalThis as { Bun?: { gc(force: boolean): void } }).Bun?.gc(true);
  return c.json(0);
});

const fetch = async (request: Request): Promise<Response> =>
  request.url.includes('/v1/') ? product.fetch(request) : floors.fetch(request);
const { port } = await serve({ fetch }, { host: '127.0.0.1', port: 0 }).start();
console.log(port);
