/**
 * Environment → settings and enabled adapters. Read once; every problem is listed at once; secrets are never printed.
 */
import { z } from 'zod';
import type { Adapter, Tools } from './adapter.ts';
import { ApiTokensText } from './domain/access.ts';
import { problemText } from './domain/problem-text.ts';
import { RoutesText } from './domain/routing.ts';

/** An unset variable and an empty one are the same: container files often pass empty ones. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Said by the setting, and by whoever reads it further. */
export const redisForms =
  'must be redis://host, rediss://host (TLS), redis+sentinel://host,host/master or redis+cluster://host,host; a port is at most 65535, a database a number';

const flag = z.enum(['on', 'off']);
const wholeNumber = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

/** What belongs to no adapter. Names are the contract's. */
export const CoreSettings = z.object({
  PORT: wholeNumber(0, 65_535).default(3000).describe('Port of webhooks, telemetry, API and page'),
  HOST: z.string().min(1).default('127.0.0.1').describe('Address to listen on; any other than loopback needs tokens'),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Least severe line that is logged'),
  TRACEPULSE_DATA: z.string().min(1).default('./data').describe('Folder of the embedded store'),
  REDIS_URL: z
    .string()
    .regex(/^rediss?(\+sentinel|\+cluster)?:\/\/[^/?#\s]+/i, redisForms)
    .optional()
    .describe(
      'Where replicas keep everything together: a Redis server, Sentinel or Cluster; without it, one process on the embedded store',
    ),
  TRACEPULSE_REDIS_DURABILITY: z
    .enum(['fsync', 'everysec', 'memory'])
    .default('everysec')
    .describe("What Redis's settings must make of an alert before it is accepted: on disk, on disk within a second or two, in memory"),
  TRACEPULSE_REDIS_REPLICAS: wholeNumber(0, 16)
    .default(0)
    .describe('Redis replicas that must have an alert before it is accepted (WAIT); not with Cluster'),
  TRACEPULSE_REDIS_CA: z.string().min(1).optional().describe("File with the authority that signed Redis's certificate"),
  TRACEPULSE_REDIS_CERT: z.string().min(1).optional().describe('File with the certificate to show Redis'),
  TRACEPULSE_REDIS_KEY: z.string().min(1).optional().describe('File with the key of that certificate'),
  TRACEPULSE_WEBHOOK_TOKEN: z.string().optional().describe('Secret that senders of alerts and telemetry present'),
  TRACEPULSE_API_TOKEN: z.string().optional().describe('Secret that readers of the API present'),
  TRACEPULSE_API_TOKENS: ApiTokensText.optional().describe(
    'Secrets of readers who may not do everything, as a list of { name, token, scopes }; scopes are read, feedback, ticket and forget',
  ),
  TRACEPULSE_JWT_SECRET: z.string().optional().describe('Key of HS256 tokens for the API'),
  GITHUB_WEBHOOK_SECRET: z.string().optional().describe('Secret of the webhook that GitHub sends to /webhook/github'),
  TRACEPULSE_TRUSTED_PROXIES: z
    .string()
    .regex(/^[\s\d.,:a-fA-F/]*$/, 'must be addresses or networks such as 10.0.0.0/8, separated by commas')
    .optional()
    .describe('Proxies in front of us, as addresses or networks, comma-separated: only what they say of who asks is believed'),
  TRACEPULSE_MCP_FEEDBACK: flag.default('off').describe('`on`: coding agents may confirm and reject hypotheses through MCP'),
  TRACEPULSE_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'Where people and editors reach the product: cards then link to it, and `tracepulse mcp` goes there; without it, at PORT on this machine',
    ),
  TRACEPULSE_WORKSPACE: flag.default('off').describe('`on`: the built-in workspace takes the place of Slack'),
  TRACEPULSE_WORKSPACE_PASSWORD: z.string().optional().describe('Password of the workspace page'),
  TRACEPULSE_REDACT_EMAILS: flag.default('off').describe('`on`: e-mail addresses are hidden like secrets wherever text goes out'),
  TRACEPULSE_REDACT_IPS: flag.default('off').describe('`on`: IP addresses too'),
  TRACEPULSE_SERVICE_LABELS: z.string().optional().describe('Alert labels that name a service, best first, comma-separated'),
  TRACEPULSE_TRIGGERS: flag.default('on').describe('`off`: bursts of errors, new errors and silence in telemetry open no incidents'),
  TRACEPULSE_ROUTES: RoutesText.optional().describe(
    'Which channels get the cards of which incidents, by service, team, severity or label; best written in tracepulse.config.yaml, which is read again when it changes',
  ),
  TRACEPULSE_LOG_LOOKBACK_MINUTES: wholeNumber(1, 60).default(5).describe('Minutes before an alert for which log sources are searched'),
  TRACEPULSE_WINDOW_MINUTES: wholeNumber(15, 1_440).default(60).describe('Minutes of pushed telemetry kept'),
  TRACEPULSE_WINDOW_BYTES: wholeNumber(16 * 2 ** 20, 2 ** 40)
    .default(2 ** 30)
    .describe('Bytes of pushed telemetry kept'),
  TRACEPULSE_RETENTION_DAYS: wholeNumber(1, 3_650)
    .default(90)
    .describe('Days that resolved incidents, their reports and messages are kept; verdicts stay, since ranking learns from them'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("Where TracePulse's own traces and metrics go, as OTLP over HTTP; without it none are sent"),
  TRACEPULSE_MODEL_TOKENS_PER_REPORT: wholeNumber(0, 10_000_000)
    .default(60_000)
    .describe('Tokens that wording one report may take in all, however often it changes'),
  TRACEPULSE_MODEL_TOKENS_PER_DAY: wholeNumber(0, 1_000_000_000)
    .default(2_000_000)
    .describe('Tokens that wording reports may take in a day (UTC); past it, reports keep the words of the rules'),
});
export type CoreSettings = z.infer<typeof CoreSettings>;

/** One thing that must be mended before the product starts. */
export interface Problem {
  readonly variable: string;
  readonly problem: string;
}

/** Whether an adapter is on, and if not, what would turn it on. */
export interface AdapterState {
  readonly port: string;
  readonly id: string;
  readonly isOn: boolean;
  /** Variables that would have to be set. */
  readonly missing: readonly string[];
  /** What is to be known of one that is on. */
  readonly note?: string;
}

export function readCore(environment: Environment): { settings: CoreSettings | null; problems: Problem[] } {
  const values = given(CoreSettings, environment);
  const read = CoreSettings.safeParse(values);
  const wrong = read.success ? [] : problemsOf(read.error, values);
  // What is wrong elsewhere must not hide that the address is open: every problem is said at once.
  const problems = [...wrong, ...exposureProblems(read.success ? read.data : bestOf(environment))];
  return { settings: read.success ? read.data : null, problems };
}

/** The settings that can be read one by one, defaults for the others. */
function bestOf(environment: Environment): CoreSettings {
  const readable = Object.entries(given(CoreSettings, environment)).filter(
    ([key, value]) => CoreSettings.safeParse({ [key]: value }).success,
  );
  return CoreSettings.parse(Object.fromEntries(readable));
}

/** Short secrets work but can be guessed; said at `check` and at start. */
export function weakSecrets(settings: CoreSettings): Problem[] {
  const least = {
    TRACEPULSE_WEBHOOK_TOKEN: 16,
    TRACEPULSE_API_TOKEN: 16,
    TRACEPULSE_JWT_SECRET: 32,
    TRACEPULSE_WORKSPACE_PASSWORD: 10,
  } as const;
  return Object.entries(least).flatMap(([variable, length]) => {
    const value = settings[variable as keyof typeof least];
    return value !== undefined && value.length < length
      ? [{ variable, problem: `is shorter than ${length} characters and can be guessed` }]
      : [];
  });
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** On an address that others can reach, nothing may be open: contract, HOST rule. */
function exposureProblems(settings: CoreSettings): Problem[] {
  if (isLoopback(settings.HOST)) return [];
  const because = `is needed because HOST is ${settings.HOST}, which others can reach`;
  const problems: Problem[] = [];
  if (settings.TRACEPULSE_WEBHOOK_TOKEN === undefined) problems.push({ variable: 'TRACEPULSE_WEBHOOK_TOKEN', problem: because });
  const { TRACEPULSE_API_TOKEN, TRACEPULSE_API_TOKENS = [], TRACEPULSE_JWT_SECRET } = settings;
  if (TRACEPULSE_API_TOKEN === undefined && TRACEPULSE_API_TOKENS.length === 0 && TRACEPULSE_JWT_SECRET === undefined)
    problems.push({ variable: 'TRACEPULSE_API_TOKEN', problem: `or TRACEPULSE_JWT_SECRET ${because}` });
  if (settings.TRACEPULSE_WORKSPACE === 'on' && settings.TRACEPULSE_WORKSPACE_PASSWORD === undefined)
    problems.push({ variable: 'TRACEPULSE_WORKSPACE_PASSWORD', problem: because });
  return problems;
}

/**
 * Makes what the environment turns on. An adapter is off when none of the settings it needs is set; when some are set and
 * others are missing or wrong, each is a problem.
 */
export function enabled<Port>(port: string, list: readonly Adapter<Port>[], environment: Environment, tools: Tools) {
  const on = new Map<string, Port>();
  const states: AdapterState[] = [];
  const problems: Problem[] = [];
  for (const adapter of list) {
    const needed = Object.keys(adapter.settings.shape).filter((key) => !isOptional(adapter.settings, key));
    const isAsked = adapter.anyOf?.some((key) => isSet(environment[key]));
    const missing = isAsked === false ? [adapter.anyOf?.join(' or ') ?? ''] : needed.filter((key) => !isSet(environment[key]));
    const isWanted = isAsked ?? (needed.length === 0 || missing.length < needed.length);
    const values = given(adapter.settings, environment);
    const read = isWanted ? adapter.settings.safeParse(values) : null;
    if (read?.success) on.set(adapter.id, adapter.create(read.data, tools));
    else if (read) problems.push(...problemsOf(read.error, values));
    states.push({ port, id: adapter.id, isOn: read?.success === true, missing });
  }
  return { on, states, problems };
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}

function isOptional(settings: z.ZodObject, key: string): boolean {
  const field = settings.shape[key];
  return field !== undefined && z.safeParse(field, undefined).success;
}

function given(settings: z.ZodObject, environment: Environment): Record<string, string> {
  const values: Record<string, string> = {};
  for (const key of Object.keys(settings.shape)) {
    const value = environment[key];
    if (isSet(value)) values[key] = value;
  }
  return values;
}

/** Says what is wrong without repeating the value, which may be a secret. */
function problemsOf(error: z.ZodError, values: Readonly<Record<string, string>>): Problem[] {
  return error.issues.map((issue) => {
    const variable = String(issue.path[0] ?? '?');
    return { variable, problem: values[variable] === undefined ? 'is missing' : problemText(issue) };
  });
}
