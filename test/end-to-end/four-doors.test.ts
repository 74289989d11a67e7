/**
 * One context, four doors: the export file, the REST API, MCP and the prompt for coding agents give the same incident the
 * same content, with the same flags. The incident is a recorded one, with a secret in its alert and a release on its map.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSqliteLedger } from '../../src/adapters/ledgers/sqlite.ts';
import { openRecording } from '../../src/cli/recording.ts';
import { exportCommand } from '../../src/cli/stored.ts';
import { IncidentContext } from '../../src/domain/incident-context.ts';
import { createRedactor } from '../../src/domain/redact.ts';
import { installationKey } from '../../src/redacting.ts';
import { createHttp, type Http } from '../../src/surfaces/http/http.ts';
import { serve } from '../../src/surfaces/http/serve.ts';
import { createMcp } from '../../src/surfaces/mcp/mcp.ts';
import { testProduct } from '../support/app.ts';

const secret = 'hunter2correcthorse';
const recording = openRecording(fileURLToPath(new URL('../scenarios/harbour', import.meta.url)));
const log = { debug() {}, info() {}, warn() {}, error() {} };
const folder = mkdtempSync(join(tmpdir(), 'four-doors-'));
let http: Http;
let mcp: Client;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const redactor = createRedactor({ key: installationKey(folder) });
  const { redactDeep: redact } = redactor;
  const startsAt = recording.alertAt;
  const ledger = createSqliteLedger({ file: join(folder, 'ledger.sqlite'), now: () => startsAt });
  const product = testProduct({ ledger, redactor }, startsAt);
  const { app } = product;
  for (const signal of ['traces', 'logs'] as const) for (const body of recording.bodies(signal)) await app.ingest(signal, body, 'json');
  await app.age();
  const alert = JSON.parse(new TextDecoder().decode(recording.alertBody)) as { alerts: { annotations: Record<string, string> }[] };
  for (const one of alert.alerts) one.annotations['summary'] = `It fails with password=${secret}`;
  const body = new TextEncoder().encode(JSON.stringify(alert));
  await app.receive('alertmanager', { route: '/webhook/alertmanager', headers: {}, body, receivedAt: product.now() });
  const marked = { eventType: `Login password=${secret}`, correlationId: 'txn-1', details: { service: 'checkout', errorCode: 'E1' } };
  await app.receive('event', {
    route: '/webhook/event',
    headers: {},
    body: new TextEncoder().encode(JSON.stringify(marked)),
    receivedAt: product.now(),
  });
  await app.settle();
  await app.vote({
    incidentId: 'INC-1',
    hypothesisId: (await app.context('INC-1'))?.hypotheses[0]?.id ?? '',
    verdict: 'confirm',
    person: 'slack:U1',
    actualService: null,
    note: null,
  });
  await app.settle();
  const { now } = product;
  http = createHttp(app, {}, { log, now, redact, mcp: createMcp({ app, now, redact, version: '1' }) });
  const server = serve(http, { host: '127.0.0.1', port: 0 });
  const { port } = await server.start();
  mcp = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await mcp.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`)));
  stops.push(
    () => mcp.close(),
    () => server.stop(),
    () => product.close(),
    () => ledger.close(),
  );
});
afterAll(async () => {
  for (const stop of stops) await stop();
  rmSync(folder, { recursive: true, force: true });
});

async function file(id: string, format: 'json' | 'prompt'): Promise<string> {
  let written = '';
  const code = await exportCommand(
    folder,
    [id, '--format', format],
    (text) => {
      written += text;
    },
    () => {},
  );
  expect(code).toBe(0);
  return written;
}

const rest = async (id: string, query = '') =>
  (await http.fetch(new Request(`http://localhost/api/incidents/${id}/context${query}`))).json() as Promise<IncidentContext>;

async function tool(id: string, maxTokens: number): Promise<IncidentContext> {
  const answer = await mcp.callTool({ name: 'get_incident_context', arguments: { incidentId: id, maxTokens } });
  return answer.structuredContent as IncidentContext;
}

const inFence = (prompt: string): unknown => JSON.parse(/```json\n([\s\S]*?)\n```/.exec(prompt)?.[1] ?? '');
const unescaped = (html: string) =>
  html
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&');

describe.each(['INC-1', 'INC-2'])('%s', (id) => {
  it('is the same through the file, the API, MCP, the prompt and the page that hands it on', async () => {
    const context = IncidentContext.parse(JSON.parse(await file(id, 'json')));
    expect(await rest(id)).toEqual(context);
    expect(await tool(id, 100_000)).toEqual(context);
    expect(inFence(await file(id, 'prompt'))).toEqual(context);
    const page = await (await http.fetch(new Request(`http://localhost/open/${id}`))).text();
    expect(inFence(unescaped(/<textarea[^>]*>\n([\s\S]*?)<\/textarea>/.exec(page)?.[1] ?? ''))).toEqual(context);
  });

  it('is cut alike, and says what was cut', async () => {
    const small = await rest(id, '?maxTokens=600');
    expect(await tool(id, 600)).toEqual(small);
    expect(small.flags.truncated.length).toBeGreaterThan((await rest(id)).flags.truncated.length);
  });

  it('has no secret at any door', async () => {
    const page = await (await http.fetch(new Request(`http://localhost/open/${id}`))).text();
    for (const text of [await file(id, 'json'), await file(id, 'prompt'), JSON.stringify([await rest(id), await tool(id, 100_000)]), page])
      expect(text).not.toContain(secret);
  });
});

describe('the flags', () => {
  it('name what is missing, and count what was hidden', async () => {
    expect((await rest('INC-1')).flags.missing).toEqual(expect.arrayContaining(['metrics', 'changes']));
    expect((await rest('INC-2')).flags.redacted).toBeGreaterThan(0);
    expect((await rest('INC-1')).hypotheses[0]?.feedback).toEqual({ confirm: 1, reject: 0 });
  });
});
