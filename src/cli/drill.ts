/**
 * `tracepulse drill`: is everything that an alarm needs in order? A marked incident is fired through the running product, the
 * way a monitoring system would fire it, and followed leg by leg to everywhere people and machines would see it; then it is
 * resolved. Which systems there are is asked of the product itself, so that the drill never knows better than what runs.
 */
import { randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { z } from 'zod';
import { bridgeMcp } from './mcp.ts';
import { type Answer, type ProductWay, type Way, wayTo } from './product-way.ts';

export interface DrillOptions extends ProductWay {
  readonly pause: (ms: number) => Promise<void>;
}

type Say = (text: string) => void;

export interface Leg {
  readonly leg: string;
  readonly state: 'good' | 'bad' | 'off';
  readonly text: string;
}

const usageError = 64;
/** Long enough for a first try that fails and a second one; a person waits for it. */
const defaultDeadlineSeconds = 30;
const pollMs = 200;
const sinkNames: Readonly<Record<string, string>> = { slack: 'SLACK_BOT_TOKEN', email: 'SMTP_URL', jira: 'JIRA_URL' };

/** 0: every leg is good; 1: one is not, and is named. */
export async function drillCommand(args: readonly string[], options: DrillOptions, print: Say, complain: Say): Promise<number> {
  const asked = read(args);
  if (asked === null) {
    complain('usage: tracepulse drill [--timeout SECONDS] [--severity critical|warning|info] [--service NAME] [--without jira,…] [--json]');
    return usageError;
  }
  const legs: Leg[] = [];
  const tell = (leg: Leg) => {
    legs.push(leg);
    print(asked.isJson ? JSON.stringify(leg) : `${{ good: 'good', bad: 'BAD ', off: 'off ' }[leg.state]}  ${leg.leg}: ${leg.text}`);
  };
  await drill(asked, options, tell);
  const bad = legs.filter(({ state }) => state === 'bad').map(({ leg }) => leg);
  if (!asked.isJson) {
    print(bad.length === 0 ? 'An alarm reaches everybody it should.' : `Not in order: ${bad.join(', ')}.`);
    if (bad.length === 0) print(afterwards(options.url));
  }
  return bad.length === 0 ? 0 : 1;
}

/** Those who see a drill work for the first time have nothing yet that a report could be made of. */
function afterwards(url: string): string {
  return `Next: send ${new URL(url).origin} your alerts (docs/integrations/alerts.md) and telemetry (docs/integrations/telemetry.md); a report names causes by what arrives there.`;
}

interface Asked {
  readonly deadlineMs: number;
  readonly severity: string;
  readonly service: string;
  readonly without: ReadonlySet<string>;
  readonly isJson: boolean;
}

function read(args: readonly string[]): Asked | null {
  const values = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const [name = '', inline] = (args[i] ?? '').split('=');
    if (name === '--json') values.set(name, 'on');
    else if (['--timeout', '--severity', '--service', '--without'].includes(name)) values.set(name, inline ?? args[++i] ?? '');
    else return null;
  }
  const seconds = Number(values.get('--timeout') ?? defaultDeadlineSeconds);
  const severity = values.get('--severity') ?? 'warning';
  const service = values.get('--service') ?? 'tracepulse-drill';
  if (!(seconds > 0 && seconds <= 600) || !['critical', 'warning', 'info'].includes(severity) || service.trim() === '') return null;
  const without = new Set((values.get('--without') ?? '').split(',').filter((name) => name !== ''));
  if ([...without].some((name) => !Object.hasOwn(sinkNames, name))) return null;
  return { deadlineMs: seconds * 1_000, severity, service, without, isJson: values.has('--json') };
}

const Readiness = z.object({ ready: z.boolean(), problems: z.array(z.string()).default([]) });
const Accepted = z.object({ ids: z.array(z.string()).min(1) });
const Incident = z.object({
  verdict: z.string().nullable(),
  deliveries: z.array(z.object({ sink: z.string(), channel: z.string(), jiraKey: z.string().optional() })),
});
type Incident = z.infer<typeof Incident>;

async function drill(asked: Asked, options: DrillOptions, tell: (leg: Leg) => void): Promise<void> {
  const way = wayTo(options, 'drill', ['read', 'ticket']);
  const { now } = options.tools;
  const ready = await way.ask('GET', '/readyz', null, way.reader, Readiness);
  // Not ready is an answer: what is wrong is said leg by leg.
  if (ready.status !== 200 && ready.status !== 503) return tell({ leg: 'product', state: 'bad', text: ready.problem });
  tell({ leg: 'product', state: 'good', text: `it answers at ${new URL(options.url).host}` });

  const connected = await connectedSinks(way);
  const alert = alarm(asked, now());
  const fired = await way.ask('POST', '/webhook/generic', alert, options.webhookToken, Accepted);
  if (fired.value === null) return tell({ leg: 'alert', state: 'bad', text: `the webhook did not take it: ${fired.problem}` });
  const id = fired.value.ids[0] ?? '';
  tell({ leg: 'alert', state: 'good', text: `the webhook took it as ${id}` });
  try {
    await follow(id, connected, asked, options, way, tell);
  } finally {
    const over = { ...alert, status: 'resolved', endsAt: new Date(now()).toISOString() };
    const ended = await way.ask('POST', '/webhook/generic', over, options.webhookToken, Accepted);
    tell({ leg: 'end', ...(ended.value === null ? bad(`${id} stays open: ${ended.problem}`) : good(`${id} is resolved again`)) });
  }
}

const good = (text: string) => ({ state: 'good', text }) as const;
const bad = (text: string) => ({ state: 'bad', text }) as const;

/** Marked in everything that people read, and by a label that routes and mail filters can use. */
function alarm({ severity, service }: Asked, at: number) {
  return {
    title: 'DRILL: a test alarm, nothing is wrong',
    description: 'Fired by `tracepulse drill` to see whether alarms reach everybody they should. It ends by itself.',
    severity,
    service,
    labels: { tracepulse_drill: 'true' },
    fingerprint: `drill-${randomBytes(8).toString('hex')}`,
    startsAt: new Date(at).toISOString(),
  };
}

/** The report, every connected sink, the API and MCP: each is told when it is there, or at the end why it is not. */
async function follow(
  id: string,
  connected: ReadonlyMap<string, boolean>,
  { deadlineMs, without }: Asked,
  { tools, pause, url }: DrillOptions,
  way: Way,
  tell: (leg: Leg) => void,
): Promise<void> {
  const wanted = [...connected].filter(([sink, isOn]) => isOn && !without.has(sink)).map(([sink]) => sink);
  for (const [sink, isOn] of connected) {
    if (!isOn) tell({ leg: sink, state: 'off', text: `not connected; ${sinkNames[sink] ?? 'its settings'} would connect it` });
    else if (without.has(sink)) tell({ leg: sink, state: 'off', text: 'left out of this drill' });
  }
  const begunAt = tools.now();
  const after = () => `after ${((tools.now() - begunAt) / 1_000).toFixed(1)} s`;
  const missing = new Set(['report', ...wanted]);
  let ticket: string | null = wanted.includes('jira') ? 'not asked for yet' : null;
  let seen: Answer<Incident> = { status: 0, value: null, problem: 'it was not asked' };
  // Remembered: a card of another incident that gets through takes a problem away again.
  const problems = new Set<string>();
  while (tools.now() < begunAt + deadlineMs) {
    seen = await way.ask('GET', `/api/incidents/${id}`, null, way.reader, Incident);
    if (seen.value === null && seen.status > 0 && seen.status < 500) break; // it will not be answered otherwise
    if (seen.value?.verdict && missing.delete('report')) tell({ leg: 'report', ...good(`ranked (${seen.value.verdict}) ${after()}`) });
    // An issue is opened when somebody asks for it; with the report there, it says what one would say.
    if (ticket !== null && !missing.has('report')) ticket = await askForIssue(id, way);
    for (const { sink, channel, jiraKey } of seen.value?.deliveries ?? [])
      if (missing.delete(sink)) tell({ leg: sink, ...good(`${jiraKey ?? channel} has it ${after()}`) });
    if (missing.size === 0) break;
    for (const problem of (await way.ask('GET', '/readyz', null, way.reader, Readiness)).value?.problems ?? []) problems.add(problem);
    await pause(pollMs);
  }
  for (const leg of missing) {
    const known = [...problems].filter((problem) => problem.startsWith(`${leg}:`) || (leg === 'report' && problem.startsWith('work:')));
    const why =
      known.join('; ') || (leg === 'jira' && ticket) || (seen.value === null ? 'the API does not tell' : 'routes may send it elsewhere');
    tell({ leg, ...bad(`nothing ${after()}: ${why}`) });
  }
  tell({ leg: 'api', ...(seen.value === null ? bad(seen.problem) : good(`it shows ${id}`)) });
  tell({ leg: 'mcp', ...(await throughMcp(id, url, way.reader, tools)) });
}

/** Null once it is on its way. */
async function askForIssue(id: string, way: Way): Promise<string | null> {
  const { value, problem } = await way.ask('POST', `/api/incidents/${id}/ticket`, {}, way.reader, z.object({ ticket: z.object({}) }));
  return value === null ? problem : null;
}

/** `tracepulse_connection_configured{id="slack",port="sink"} 1` */
async function connectedSinks({ text }: Way): Promise<Map<string, boolean>> {
  const lines = (await text('/metrics')).matchAll(/^tracepulse_connection_configured\{id="(\w+)",port="sink"\} ([01])$/gm);
  return new Map([...lines].map(([, sink = '', state]) => [sink, state === '1']));
}

/** As an editor asks: the bridge that it starts, a handshake, and the context of the incident. */
async function throughMcp(
  id: string,
  url: string,
  token: string | undefined,
  tools: DrillOptions['tools'],
): Promise<Pick<Leg, 'state' | 'text'>> {
  const ask = (number: number, method: string, params: object) => `${JSON.stringify({ jsonrpc: '2.0', id: number, method, params })}\n`;
  const clientInfo = { name: 'tracepulse-drill', version: '1' };
  const input = Readable.from([
    ask(1, 'initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo }),
    ask(2, 'tools/call', { name: 'get_incident_context', arguments: { incidentId: id } }),
  ]);
  const output = new PassThrough();
  const said: Buffer[] = [];
  output.on('data', (chunk: Buffer) => said.push(chunk));
  await bridgeMcp({ url, token, input, output }, tools);
  const answers = Buffer.concat(said)
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map((row) => McpAnswer.safeParse(JSON.parse(row)).data);
  const trouble = answers.find((answer) => answer?.error !== undefined)?.error?.message;
  const result = answers.find((answer) => answer?.id === 2)?.result;
  if (trouble !== undefined) return bad(trouble);
  if (result === undefined || result.isError === true) return bad('it was asked for the context of the incident and has none');
  return JSON.stringify(result).includes(id) ? good(`it gives the context of ${id}`) : bad('it answers, but not about this incident');
}

const McpAnswer = z.object({
  id: z.number().nullish(),
  error: z.object({ message: z.string() }).optional(),
  result: z.looseObject({ isError: z.boolean().optional() }).optional(),
});
