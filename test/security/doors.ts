/** What each door gives out, as text. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { plainCard, renderCard } from '../../src/adapters/sinks/slack/card.ts';
import { letterAbout } from '../../src/adapters/sinks/email/letter.ts';
import { auditCommand, exportCommand, incidentsCommand, mapCommand } from '../../src/cli/stored.ts';
import { reportText } from '../../src/domain/report-text.ts';
import { ticketDescription, ticketSummary } from '../../src/domain/ticket.ts';
import { createHttp } from '../../src/surfaces/http/http.ts';
import { createMcp } from '../../src/surfaces/mcp/mcp.ts';
import { runCommand } from '../../src/surfaces/slack/commands.ts';
import { answerText } from '../../src/surfaces/slack/answer-text.ts';
import { homeView } from '../../src/surfaces/slack/home.ts';
import { plantedTraceId, type World } from './world.ts';

const person = 'slack:U024BE7LH';
const log = { debug() {}, info() {}, warn() {}, error() {} };

export interface Asked {
  /** Words that select the planted log lines, a page at a time. */
  readonly marks: readonly string[];
  readonly traces: number;
  readonly service: string;
}

export async function doorsOf(world: World, { marks, traces, service }: Asked): Promise<Map<string, string>> {
  const given = new Map<string, Set<string>>();
  const put = (door: string, text: unknown) => {
    const texts = given.get(door) ?? new Set<string>();
    given.set(door, texts.add(typeof text === 'string' ? text : JSON.stringify(text)));
  };
  const { app, now, redactDeep, memory, folder } = world;
  const { incidents } = await app.incidents({ limit: 200 });
  const ids = incidents.map(({ card }) => card.incident.id);
  await httpDoors(world, ids, { marks, traces, service }, put);

  for (const shipment of memory.shipped) {
    if (shipment.kind === 'text') put('Slack texts', shipment.text);
    if (shipment.kind !== 'card') continue;
    put('Slack cards', renderCard(shipment.card));
    put('Slack cards, plain', plainCard(shipment.card));
    const address = { name: 'T', address: 't@example.com' };
    const about = { sender: { from: address, unsubscribeUrl: null }, to: address, messageId: '<1@x>', inReplyTo: null, rootId: '<1@x>' };
    put('letters', letterAbout(shipment.card, 'opened', about));
    put('tickets', ticketSummary(shipment.card) + ticketDescription(shipment.card));
  }
  for (const mark of marks)
    put('answers in threads', answerText(await app.ask({ incidentId: ids[0] ?? null, text: `logs of ${service} about ${mark}`, person })));
  for (const text of ['why', 'what changed', 'evidence', 'status', 'what is missing', 'who is affected', `who calls ${service}`])
    for (const id of ids.slice(0, 3)) put('answers in threads', answerText(await app.ask({ incidentId: id, text, person })));
  for (let n = 0; n < traces; n++)
    put('traces in threads', answerText(await app.ask({ incidentId: null, text: `show trace ${plantedTraceId(n)}`, person })));
  for (const text of ['incidents', 'map', 'status', 'check', 'stats', ...ids.flatMap((id) => [`report ${id}`, `export ${id}`])])
    put('commands', redactDeep(await runCommand(app, text, person, now)).value);
  put('Home', await homeView(app, person));

  const written: string[] = [];
  const write = (data: string | Uint8Array) => void written.push(String(data));
  const command = async (door: string, run: () => Promise<unknown>) => {
    await run();
    put(door, written.splice(0).join('\n'));
  };
  await command('incidents as JSON', () => incidentsCommand(folder, ['--json'], write, write));
  await command('incidents command', () => incidentsCommand(folder, [], write, write));
  await command('audit command', () => auditCommand(folder, [], write, write));
  for (const format of ['json', 'markdown', 'prompt'])
    for (const id of ids) await command(`export as ${format}`, () => exportCommand(folder, [id, '--format', format], write, write));
  await command('map command', () => mapCommand(folder, ['--format', 'json'], write, write));
  for (const id of ids) {
    const context = await app.context(id);
    if (context !== null) put('text of a report', reportText(context));
  }
  return new Map([...given].map(([door, texts]) => [door, [...texts].join('\n')]));
}

async function httpDoors(
  { app, now, redactDeep }: World,
  ids: readonly string[],
  { marks, traces, service }: Asked,
  put: (door: string, text: string) => void,
) {
  const http = createHttp(app, {}, { log, now, redact: redactDeep, mcp: createMcp({ app, now, redact: redactDeep, version: '1' }) });
  const fetchText = async (path: string, init?: RequestInit) =>
    (await http.fetch(new Request(`http://127.0.0.1${path}`, init), '127.0.0.1')).text();
  const get = async (door: string, path: string) => put(door, await fetchText(path));
  await get('API: incidents', '/api/incidents?limit=200');
  await get('API: map', '/api/map');
  await get('metrics', '/metrics');
  await get('readiness', '/readyz');
  for (const id of ids) {
    await get('API: incident', `/api/incidents/${id}`);
    await get('API: context', `/api/incidents/${id}/context`);
  }
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  const fetch = (url: string | URL, init?: RequestInit) => http.fetch(new Request(url, init), '127.0.0.1');
  await client.connect(
    new StreamableHTTPClientTransport(new URL('http://127.0.0.1/mcp'), { fetch: async (url, init) => fetch(url, init) }),
  );
  const tool = async (name: string, args: Record<string, unknown>) => {
    const answer = await client.callTool({ name, arguments: args });
    if (answer.isError === true) throw new Error(`${name}: ${JSON.stringify(answer.content)}`);
    put(`MCP: ${name}`, JSON.stringify(answer));
  };
  await tool('list_incidents', {});
  await tool('get_recent_changes', {});
  await tool('get_service_map', {});
  for (const incidentId of ids.slice(0, 3)) {
    await tool('get_incident_context', { incidentId, maxTokens: 100_000 });
    await tool('find_similar_incidents', { incidentId });
    await tool('get_recent_changes', { incidentId });
  }
  for (const contains of new Set(marks.map((mark) => mark.slice(0, -1))))
    await tool('search_logs', { service, contains, minutes: 60, limit: 200 });
  for (let n = 0; n < traces; n++) await tool('get_trace', { traceId: plantedTraceId(n) });
}
