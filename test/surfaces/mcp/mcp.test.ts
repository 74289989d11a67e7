/** The tools, driven by the official client over HTTP in both eras and over stdio, against the product with a recorded incident. */
import { createHmac } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bridgeMcp } from '../../../src/cli/mcp.ts';
import { openRecording } from '../../../src/cli/recording.ts';
import { createRedactor } from '../../../src/domain/redact.ts';
import { IncidentContext } from '../../../src/domain/incident-context.ts';
import { createHttp, type Http } from '../../../src/surfaces/http/http.ts';
import { serve } from '../../../src/surfaces/http/serve.ts';
import { createMcp } from '../../../src/surfaces/mcp/mcp.ts';
import { testProduct } from '../../support/app.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const recording = openRecording(fileURLToPath(new URL('../../scenarios/harbour', import.meta.url)));
const launcher = fileURLToPath(new URL('../../../bin/tracepulse.mjs', import.meta.url));
const token = 'a-token-of-sufficient-length';
const { redactDeep } = createRedactor({ key: 'test' });

let product: ReturnType<typeof testProduct>;
let http: Http;
let url: URL;
let stop: () => Promise<void>;

const httpWith = (over: Parameters<typeof createHttp>[1]) =>
  createHttp(
    product.app,
    { TRACEPULSE_API_TOKEN: token, TRACEPULSE_MCP_FEEDBACK: 'on', ...over },
    { log, now: product.now, redact: redactDeep, mcp: createMcp({ app: product.app, now: product.now, redact: redactDeep, version: '1' }) },
  );

beforeAll(async () => {
  product = testProduct({}, recording.alertAt);
  for (const signal of ['traces', 'logs', 'metrics'] as const)
    for (const body of recording.bodies(signal)) await product.app.ingest(signal, body, 'json');
  await product.app.age();
  const delivery = { route: '/webhook/alertmanager', headers: {}, body: Buffer.from(recording.alertBody), receivedAt: product.now() };
  await product.app.receive('alertmanager', delivery);
  await product.app.settle();
  http = httpWith({});
  const server = serve(http, { host: '127.0.0.1', port: 0 });
  const { port } = await server.start();
  url = new URL(`http://127.0.0.1:${port}/mcp`);
  stop = () => server.stop();
});

afterAll(async () => {
  await stop();
  await product.close();
});

async function connected(mode: 'legacy' | { pin: string }, bearer = token): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers: { authorization: `Bearer ${bearer}` } } }));
  return client;
}

/** As an editor starts it. */
async function connectedByCommand(mode: 'legacy' | { pin: string }): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, TRACEPULSE_URL: url.origin, TRACEPULSE_API_TOKEN: token };
  await client.connect(new StdioClientTransport({ command: 'node', args: [launcher, 'mcp'], env }));
  return client;
}

const names = [
  'list_incidents',
  'get_incident_context',
  'get_recent_changes',
  'find_similar_incidents',
  'search_logs',
  'get_trace',
  'get_service_map',
  'submit_feedback',
];

describe.each([
  ['of the handshake, over HTTP', 'legacy', connected],
  ['without sessions, over HTTP', { pin: '2026-07-28' }, connected],
  ['of the handshake, over stdio', 'legacy', connectedByCommand],
  ['without sessions, over stdio', { pin: '2026-07-28' }, connectedByCommand],
] as const)('an agent of the era %s', (_, mode, connect) => {
  let client: Client;
  const call = async (name: string, args: Record<string, unknown> = {}) => {
    const answer = await client.callTool({ name, arguments: args });
    const text = (answer.content[0] as { text?: string }).text ?? '';
    return { isError: answer.isError === true, structured: answer.structuredContent as Record<string, unknown>, text };
  };
  beforeAll(async () => {
    client = await connect(mode);
  });
  afterAll(() => client.close());

  it('sees typed tools, in one order', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(names);
    for (const tool of tools) expect([tool.inputSchema.type, tool.outputSchema?.type]).toEqual(['object', 'object']);
    expect(tools.filter(({ annotations }) => annotations?.readOnlyHint !== true).map(({ name }) => name)).toEqual(['submit_feedback']);
  });

  it('finds the incident, its context, and the same content as over the API', async () => {
    const { structured } = await call('list_incidents', { state: 'open' });
    expect(structured['incidents']).toMatchObject([{ id: 'INC-1', state: 'open' }]);
    const context = await call('get_incident_context', { incidentId: 'INC-1', maxTokens: 100_000 });
    const rest = await http.fetch(
      new Request('http://localhost/api/incidents/INC-1/context?maxTokens=100000', { headers: { authorization: `Bearer ${token}` } }),
    );
    expect(IncidentContext.parse(context.structured)).toEqual(await rest.json());
    expect(JSON.parse(context.text)).toEqual(context.structured);
    const small = await call('get_incident_context', { incidentId: 'INC-1', maxTokens: 600 });
    expect(small.text.length).toBeLessThan(context.text.length);
  });

  it('reads lines, a trace, the map and changes, and is told where there is more', async () => {
    const logs = await call('search_logs', { minutes: 60, limit: 3 });
    expect(logs.structured['lines']).toHaveLength(3);
    expect(logs.structured['truncated']).toBe(true);
    const [line] = (await call('search_logs', { minutes: 60, limit: 200 })).structured['lines'] as { traceId: string | null }[];
    const map = await call('get_service_map');
    expect((map.structured['services'] as unknown[]).length).toBeGreaterThan(2);
    if (line?.traceId) expect((await call('get_trace', { traceId: line.traceId })).structured['spans']).not.toEqual([]);
    expect((await call('get_recent_changes', { incidentId: 'INC-1' })).isError).toBe(false);
    expect((await call('get_recent_changes')).structured['gaps']).toMatchObject([{ source: 'changes' }]);
    expect((await call('find_similar_incidents', { incidentId: 'INC-1' })).structured['incidents']).toEqual([]);
  });

  it('turns pages: edges, spans, lines and incidents, each once and to the end', async () => {
    const turn = async (name: string, args: Record<string, unknown>, list: string, cursor = 'after') => {
      const found: unknown[] = [];
      let next: unknown = null;
      for (let pages = 0; pages < 200; pages++) {
        const { structured } = await call(name, { ...args, ...(next === null ? {} : { [cursor]: next }) });
        found.push(...(structured[list] as unknown[]));
        next = structured['next'];
        if (next === null) return { found, pages: pages + 1 };
      }
      throw new Error(`${name} has no end`);
    };
    const whole = (await call('get_service_map')).structured;
    const edges = await turn('get_service_map', { limit: 2 }, 'edges');
    expect(edges.found).toEqual(whole['edges']);
    expect(edges.pages).toBeGreaterThan(1);
    const lines = (await call('search_logs', { minutes: 60, limit: 200 })).structured['lines'] as { traceId: string | null }[];
    const traceId = lines.find((line) => line.traceId !== null)?.traceId;
    const spans = await turn('get_trace', { traceId, limit: 1 }, 'spans');
    expect(spans.found).toEqual((await call('get_trace', { traceId })).structured['spans']);
    expect(spans.pages).toBeGreaterThan(1);
    const until = (lines.at(-1) as unknown as { at: string }).at;
    const minutes = 1;
    const page = (await call('search_logs', { minutes, limit: 5, until })).structured;
    const older = (await call('search_logs', { minutes, limit: 5, until: page['next'] })).structured;
    const [first] = page['lines'] as { at: string }[];
    expect((older['lines'] as { at: string }[]).at(-1)?.at).toBe(first?.at);
    expect((await turn('list_incidents', { limit: 1 }, 'incidents')).found).toHaveLength(1);
  });

  it('is told what is not there, and what it asked wrongly', async () => {
    expect(await call('get_incident_context', { incidentId: 'INC-99' })).toMatchObject({
      isError: true,
      text: expect.stringContaining('no incident INC-99'),
    });
    const wrong = await client.callTool({ name: 'search_logs', arguments: { minutes: -1 } }).then(
      (answer) => (answer.isError === true ? 'refused' : 'taken'),
      () => 'refused',
    );
    expect(wrong).toBe('refused');
    await expect(client.callTool({ name: 'drop_tables', arguments: {} })).rejects.toThrow();
  });

  it('may judge a hypothesis, in its own name', async () => {
    await product.pass(1_000);
    const context = await call('get_incident_context', { incidentId: 'INC-1' });
    const [first] = context.structured['hypotheses'] as { id: string }[];
    const { structured } = await call('submit_feedback', { incidentId: 'INC-1', hypothesisId: first?.id, verdict: 'confirm' });
    expect(structured).toMatchObject({ confirm: 1, reject: 0 });
    expect((await product.ledger.votes('INC-1')).at(-1)?.person).toBe('api:token');
    await product.pass(1_000);
    await call('submit_feedback', { incidentId: 'INC-1', hypothesisId: first?.id, verdict: 'withdraw' });
    await product.app.settle();
  });
});

describe('who may ask', () => {
  const ask = (settings: Parameters<typeof createHttp>[1], headers: Record<string, string>, target = 'http://localhost/mcp') =>
    httpWith(settings).fetch(
      new Request(target, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
      }),
    );
  const bearer = { authorization: `Bearer ${token}` };

  it('needs the token', async () => {
    expect((await ask({}, {})).status).toBe(401);
    expect((await ask({}, { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await ask({}, bearer)).status).toBe(200);
  });

  it('is no page of another origin', async () => {
    expect((await ask({}, { ...bearer, origin: 'https://evil.example' })).status).toBe(403);
    expect((await ask({}, { ...bearer, origin: 'http://localhost:6274' })).status).toBe(200);
  });

  it('sees no tool for feedback unless that is allowed', async () => {
    const answer = await ask({ TRACEPULSE_MCP_FEEDBACK: 'off' }, bearer);
    const data =
      (await answer.text())
        .split('\n')
        .findLast((row) => row.startsWith('data:'))
        ?.slice(5) ?? '';
    const { result } = JSON.parse(data) as { result: { tools: { name: string }[] } };
    expect(result.tools.map(({ name }) => name)).toEqual(names.filter((name) => name !== 'submit_feedback'));
  });

  it.each([
    { scope: undefined, status: 200, sees: 'submit_feedback' },
    { scope: 'read feedback', status: 200, sees: 'submit_feedback' },
    { scope: 'read', status: 200, sees: 'get_service_map' },
    { scope: 'feedback', status: 403, sees: null },
    { scope: '', status: 403, sees: null },
  ])('with a JWT of scope $scope is answered $status, and its last tool is $sees', async ({ scope, status, sees }) => {
    const secret = 'a-jwt-secret-that-is-32-bytes-long';
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part({ alg: 'HS256' })}.${part({ sub: 'ann', ...(scope === undefined ? {} : { scope }) })}`;
    const jwt = `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
    const answer = await ask({ TRACEPULSE_JWT_SECRET: secret }, { authorization: `Bearer ${jwt}` });
    expect(answer.status).toBe(status);
    const said = await answer.text();
    expect(/"name":"(\w+)"(?!.*"name":"\w+")/s.exec(said)?.[1] ?? null).toBe(sees);
  });

  it('may only POST', async () => {
    expect((await http.fetch(new Request('http://localhost/mcp', { headers: bearer }))).status).toBe(405);
  });
});

describe('over stdio', () => {
  async function session(lines: readonly string[], bridge: { url: string; token: string | undefined }): Promise<Record<string, never>[]> {
    const [input, output] = [new PassThrough(), new PassThrough()];
    let said = '';
    output.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
    });
    input.end(`${lines.join('\n')}\n`);
    await bridgeMcp({ ...bridge, input, output }, { fetch: globalThis.fetch, now: Date.now, log });
    return said
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, never>);
  }
  const here = () => ({ url: url.origin, token });
  const initialize = JSON.stringify({
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'editor', version: '1' } },
  });

  it('says so where the address is none', async () => {
    const [answer] = await session([initialize], { url: 'nonsense', token });
    expect(JSON.stringify(answer)).toContain('TRACEPULSE_URL, which is no address');
  });

  it('hands requests of both eras on, and answers no notification', async () => {
    const meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} };
    const answers = await session(
      [
        initialize,
        JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }),
        JSON.stringify({ jsonrpc: '2.0', id: 'a', method: 'tools/call', params: { name: 'list_incidents', arguments: {} } }),
        JSON.stringify({ jsonrpc: '2.0', id: 'b', method: 'tools/call', params: { _meta: meta, name: 'get_service_map', arguments: {} } }),
        'no json',
      ],
      here(),
    );
    const byId = new Map(answers.map((answer) => [answer['id'], answer]));
    expect(byId.get(0 as never)?.['result']).toMatchObject({ serverInfo: { name: 'tracepulse' } });
    expect(JSON.stringify(byId.get('a' as never)?.['result'])).toContain('INC-1');
    expect(byId.get('b' as never)?.['result']).toMatchObject({ resultType: 'complete' });
    expect(byId.get(null as never)?.['error']).toMatchObject({ code: -32_700 });
    expect(answers).toHaveLength(4);
  });

  it('says what is wrong where nobody answers or the token is missing', async () => {
    const [down] = await session([initialize], { url: 'http://127.0.0.1:9', token });
    expect(down?.['error']).toMatchObject({ message: expect.stringContaining('is it running?') });
    const [refused] = await session([initialize], { url: url.origin, token: undefined });
    expect(refused?.['error']).toMatchObject({ message: expect.stringContaining('TRACEPULSE_API_TOKEN') });
  });
});
