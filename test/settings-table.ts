/** Every setting there is, in groups, made from the schemas: what the code reads is what docs/configuration.md says. */
import { z } from 'zod';
import type { Adapter } from '../src/adapter.ts';
import { alertFormats } from '../src/adapters/alert-formats/index.ts';
import { changeSources, storedChangeSources } from '../src/adapters/change-sources/index.ts';
import { clusterSources } from '../src/adapters/cluster-sources/index.ts';
import { logSources } from '../src/adapters/log-sources/index.ts';
import { mapSources } from '../src/adapters/map-sources/index.ts';
import { metricSources } from '../src/adapters/metric-sources/index.ts';
import { models } from '../src/adapters/models/index.ts';
import { sinks } from '../src/adapters/sinks/index.ts';
import { traceSources } from '../src/adapters/trace-sources/index.ts';
import { CoreSettings } from '../src/config.ts';
import { slackSurface } from '../src/surfaces/slack/slack.ts';

export interface Setting {
  readonly name: string;
  readonly field: z.ZodType;
  readonly about: string;
}

interface Group {
  readonly heading: string;
  readonly about: string;
  readonly holds: RegExp;
}

/** The first whose pattern fits holds a setting; one that fits none is in no group, which a test says. */
const groups: readonly Group[] = [
  {
    heading: 'Redis, for more than one replica',
    about:
      'Without `REDIS_URL` everything is in the embedded store of one process; with it, any number of replicas share one: [running with Redis](redis.md).',
    holds: /^(REDIS_URL|TRACEPULSE_REDIS_.*)$/,
  },
  {
    heading: 'Store and retention',
    about: 'How long things are kept, and in how much space.',
    holds: /^TRACEPULSE_(DATA|WINDOW_.*|RETENTION_DAYS)$/,
  },
  {
    heading: 'Access',
    about:
      'Secrets that others present. On any address but loopback the webhook token and the API token or the JWT secret are needed, and with the workspace its password; `tracepulse check` says so.',
    holds: /^TRACEPULSE_(WEBHOOK_TOKEN|API_TOKENS?|JWT_SECRET|MCP_FEEDBACK|TRUSTED_PROXIES)$/,
  },
  { heading: 'The built-in workspace', about: "A page at `/chat` in Slack's place.", holds: /^TRACEPULSE_WORKSPACE/ },
  {
    heading: 'Incidents and routes',
    about: 'What becomes an incident, and who hears of it: [routes](slack.md#who-gets-what).',
    holds: /^TRACEPULSE_(SERVICE_LABELS|TRIGGERS|ROUTES|LOG_LOOKBACK_MINUTES)$/,
  },
  { heading: 'Redaction', about: 'Secrets are always hidden where text goes out; these hide more.', holds: /^TRACEPULSE_REDACT_/ },
  { heading: 'Model', about: 'Words for reports and answers: [with a model](model.md).', holds: /^(OPENAI_|TRACEPULSE_MODEL_)/ },
  { heading: 'Slack', about: '[Slack](slack.md): setup, buttons, commands.', holds: /^SLACK_/ },
  { heading: 'Email', about: '[Letters about incidents](email-and-jira.md).', holds: /^(SMTP|EMAIL)_/ },
  { heading: 'Jira', about: '[One issue for each incident](email-and-jira.md#jira).', holds: /^JIRA_/ },
  {
    heading: "Senders' own secrets",
    about: 'Of tools that sign what they send, and bodies of a form of your own: [alerts in](integrations/alerts.md).',
    holds: /^((GRAFANA|PAGERDUTY|SENTRY|INCIDENTIO)_WEBHOOK_SECRET|GENERIC_MAPPINGS)$/,
  },
  {
    heading: 'GitHub',
    about: 'Releases, commits and the hunk that matters: asked for with a token or an App, told by webhooks with their secret.',
    holds: /^GITHUB_/,
  },
  { heading: 'Loki', about: 'Lines, read when an incident is looked at.', holds: /^LOKI_/ },
  { heading: 'Elasticsearch and OpenSearch', about: 'Lines, read when an incident is looked at.', holds: /^ELASTICSEARCH_/ },
  { heading: 'Splunk', about: 'Lines, read when an incident is looked at.', holds: /^SPLUNK_/ },
  { heading: 'Tempo', about: 'Traces, read when an incident is looked at.', holds: /^TEMPO_/ },
  { heading: 'Jaeger', about: 'Traces and who calls whom.', holds: /^JAEGER_/ },
  {
    heading: 'Prometheus, Mimir, Thanos, VictoriaMetrics',
    about: 'Measurements, and who calls whom by Istio and Linkerd.',
    holds: /^PROMETHEUS_/,
  },
  { heading: 'Kiali', about: 'Who calls whom.', holds: /^KIALI_/ },
  { heading: 'Kubernetes', about: 'What runs the services. In a cluster it is on by itself; `get` and `list` are enough.', holds: /^KUBE/ },
  {
    heading: 'The product itself',
    about: 'Where it listens and what it says of itself.',
    holds: /^(PORT|HOST|LOG_LEVEL|TRACEPULSE_URL|OTEL_EXPORTER_OTLP_ENDPOINT)$/,
  },
];
/** The page begins with these. */
const first = ['The product itself', 'Access', 'Slack', 'The built-in workspace', 'Incidents and routes', 'Store and retention'];

/** The dozen that README shows; whoever needs more reads on. */
const inReadme = [
  ...['PORT', 'HOST', 'TRACEPULSE_WEBHOOK_TOKEN', 'TRACEPULSE_API_TOKEN', 'TRACEPULSE_URL', 'SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN'],
  ...['SLACK_CHANNEL', 'TRACEPULSE_WORKSPACE', 'TRACEPULSE_DATA', 'REDIS_URL', 'TRACEPULSE_ROUTES', 'GITHUB_TOKEN', 'OPENAI_API_KEY'],
];

const asked = [logSources, traceSources, metricSources, mapSources, clusterSources].flat();
const adapters: readonly Pick<Adapter<unknown>, 'id' | 'settings' | 'anyOf'>[] = [
  ...[...sinks, slackSurface, ...asked, ...changeSources, ...storedChangeSources, ...alertFormats, ...models],
];

export function allSettings(): Setting[] {
  const found = new Map<string, Setting>();
  for (const settings of [CoreSettings, ...adapters.map((adapter) => adapter.settings)])
    for (const [name, field] of Object.entries(settings.shape as Record<string, z.ZodType>)) {
      // Shared by several adapters: the one that says what it is for is shown.
      if (!found.get(name)?.about) found.set(name, { name, field, about: field.description ?? '' });
    }
  return [...found.values()];
}

const groupOf = (name: string) => groups.find(({ holds }) => holds.test(name));

export const ungrouped = () => allSettings().filter(({ name }) => groupOf(name) === undefined);

export function readmeTable(): string {
  const known = allSettings();
  const chosen = inReadme.flatMap((name) => known.find((setting) => setting.name === name) ?? []);
  return ['| variable | default | what it is |', '|---|---|---|', ...chosen.map((one) => rowOf(one, false))].join('\n');
}

/** All groups, each a heading, what turns it on, and a table. */
export function settingsPage(): string {
  const known = allSettings();
  const ordered = [
    ...first.flatMap((heading) => groups.find((group) => group.heading === heading) ?? []),
    ...groups.filter(({ heading }) => !first.includes(heading)),
  ];
  return ordered
    .map((group) => {
      const held = known.filter(({ name }) => groupOf(name) === group);
      const turnedOn = whatTurnsOn(group);
      return [
        `## ${group.heading}\n\n${group.about}${turnedOn === '' ? '' : ` ${turnedOn}`}\n`,
        '| variable | default | kind | what it is |',
        '|---|---|---|---|',
        ...held.map((one) => rowOf(one, true)),
      ].join('\n');
    })
    .join('\n\n');
}

/** As `enabled` in src/config.ts decides it: what has no default and is not optional, or any of several. */
function whatTurnsOn(group: Group): string {
  const ways = adapters.flatMap(({ settings, anyOf }) => {
    const needed = anyOf ?? Object.entries(settings.shape).flatMap(([name, field]) => (isNeeded(field as z.ZodType) ? [name] : []));
    const isHere = needed.length > 0 && needed.every((name) => groupOf(name) === group);
    return isHere ? [needed.map((name) => `\`${name}\``).join(anyOf === undefined ? ' and ' : ' or ')] : [];
  });
  // The longest says all that a shorter one says: Slack's surface and sink share a token.
  const whole = [...new Set(ways)].filter((way) => !ways.some((other) => other !== way && other.startsWith(`${way} and`)));
  return whole.length === 0 ? '' : `On with ${whole.join(', or with ')}.`;
}

const isNeeded = (field: z.ZodType) => !field.safeParse(undefined).success;

function rowOf({ name, field, about }: Setting, withKind: boolean): string {
  const unset = field.safeParse(undefined);
  const fallback = unset.success && unset.data !== undefined ? `\`${String(unset.data)}\`` : '';
  const cells = [`\`${name}\``, fallback, ...(withKind ? [kindOf(name, field, about)] : []), about.replaceAll('|', '\\|')];
  return `| ${cells.join(' | ')} |`;
}

/** What has the form of a file, in the file; JSON in the environment. */
export const structures: readonly string[] = ['TRACEPULSE_ROUTES', 'TRACEPULSE_API_TOKENS', 'GENERIC_MAPPINGS', 'PROMETHEUS_QUERIES'];
export const isList = (about: string) => about.includes('comma-separated');
const isSecret = (name: string) => /(TOKENS?|SECRET|PASSWORD|API_KEY|PRIVATE_KEY)$/.test(name);

function kindOf(name: string, field: z.ZodType, about: string): string {
  if (structures.includes(name)) return 'structure';
  const shape = z.toJSONSchema(field, { io: 'input', unrepresentable: 'any' });
  if (shape.enum !== undefined) return shape.enum.map((word) => `\`${String(word)}\``).join(', ');
  if (shape.type === 'integer' || shape.type === 'number')
    return shape.minimum === undefined
      ? 'number'
      : `number, ${shape.minimum}${shape.maximum === undefined ? ' or more' : ` to ${shape.maximum}`}`;
  if (isSecret(name)) return 'secret';
  if (isList(about)) return 'list';
  return /_URL$|_ENDPOINT$/.test(name) ? 'address' : 'text';
}
