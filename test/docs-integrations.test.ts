/** The blocks people copy from docs/integrations, read and tried: configurations parse, bodies arrive, addresses and settings exist. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { plan, settingNames } from '../src/compose.ts';
import { createRedactor } from '../src/domain/redact.ts';
import { configFile, withFile } from '../src/file-config.ts';
import { createHttp, type Http } from '../src/surfaces/http/http.ts';
import { createMcp } from '../src/surfaces/mcp/mcp.ts';
import { enabled } from '../src/config.ts';
import { alertFormats } from '../src/adapters/alert-formats/index.ts';
import { testProduct } from './support/app.ts';

const folder = join(import.meta.dirname, '..', 'docs', 'integrations');
const pages = readdirSync(folder).map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));
const log = { debug() {}, info() {}, warn() {}, error() {} };

interface Block {
  readonly file: string;
  readonly heading: string;
  readonly language: string;
  readonly text: string;
}

const blocks: Block[] = pages.flatMap(({ file, text }) =>
  [...text.matchAll(/```(\w+)\n([\s\S]*?)```/g)].map((found) => ({
    file,
    heading:
      text
        .slice(0, found.index)
        .match(/^## .*$/gm)
        ?.at(-1)
        ?.slice(3) ?? file,
    language: found[1] ?? '',
    text: found[2] ?? '',
  })),
);
const inLanguage = (language: string) => blocks.filter((block) => block.language === language);
const block = (heading: string, language: string) => blocks.find((one) => one.heading === heading && one.language === language)?.text ?? '';

/** What pushes telemetry, by the contract. */
const telemetryRoutes = [
  '/loki/api/v1/push',
  '/services/collector',
  '/ingest/logs',
  '/api/v2/alerts',
  '/v1/traces',
  '/v1/logs',
  '/v1/metrics',
  '/_bulk',
  '/mcp',
];

let product: ReturnType<typeof testProduct>;
let http: Http;

beforeAll(() => {
  const { environment, problems } = withFile({}, block('Anything else', 'yaml'), settingNames());
  expect(problems).toEqual([]);
  const tools = { fetch: globalThis.fetch, now: Date.now, log };
  const read = enabled('alert-format', alertFormats, environment, tools);
  expect(read.problems).toEqual([]);
  product = testProduct({ alertFormats: read.on });
  const redact = createRedactor({ key: 'test' }).redactDeep;
  const mcp = createMcp({ app: product.app, now: product.now, redact, version: '1' });
  http = createHttp(product.app, {}, { log, now: product.now, redact, mcp });
});
afterAll(() => product.close());

async function send(path: string, body: string, type = 'application/json'): Promise<string> {
  const answer = await http.fetch(new Request(`http://localhost${path}`, { method: 'POST', headers: { 'content-type': type }, body }));
  const text = await answer.text();
  expect([200, 202, 204], `${path}: ${answer.status} ${text}`).toContain(answer.status);
  return text;
}

const incidents = async () => (await product.app.incidents({ limit: 100 })).incidents.map(({ card }) => card.incident);

describe('what docs/integrations says', () => {
  it.each(inLanguage('yaml'))('parses as YAML: $file, $heading', ({ text }) => expect(parse(text)).toBeTypeOf('object'));
  it.each(inLanguage('json'))('parses as JSON: $file, $heading', ({ text }) => expect(JSON.parse(text)).toBeTypeOf('object'));

  it('has a section with the address for every sender there is', () => {
    const ids = alertFormats.map(({ id }) => id).filter((id) => id !== 'prometheus');
    const said = pages.map(({ text }) => text).join('\n');
    const routes = [...ids.map((id) => `/webhook/${id}`), '/webhook/github', ...telemetryRoutes];
    expect(routes.length).toBeGreaterThan(20);
    expect(routes.filter((route) => !said.includes(route))).toEqual([]);
  });

  it("is what PagerDuty's and GitHub's own interfaces take, and asks for what is read here", () => {
    const { webhook_subscription: subscription } = JSON.parse(block('PagerDuty', 'json'));
    expect(subscription).toMatchObject({ type: 'webhook_subscription', filter: { type: 'account_reference' } });
    expect(new URL(subscription.delivery_method.url).pathname).toBe('/webhook/pagerduty');
    expect(subscription.events.every((event: string) => /^incident\.\w+$/.test(event))).toBe(true);
    const hook = JSON.parse(block('Changes from GitHub', 'json'));
    expect(hook).toMatchObject({ name: 'web', config: { content_type: 'json' } });
    expect(hook.events.toSorted()).toEqual(['deployment', 'deployment_status', 'push', 'release']);
  });

  it("lets Splunk's allow list through what Splunk is told to call", () => {
    const [search = '', actions = ''] = inLanguage('ini')
      .filter(({ heading }) => heading === 'Splunk')
      .map(({ text }) => text);
    const url = /^action\.webhook\.param\.url = (\S+)$/m.exec(search)?.[1] ?? '';
    expect(new URL(url).searchParams.get('token')).toBe('TOKEN');
    expect(url).toMatch(new RegExp(/^allowlist\.\w+ = (\S+)$/m.exec(actions)?.[1] ?? 'nothing'));
    for (const line of `${search}${actions}`.trim().split('\n')) expect(line).toMatch(/^(#.*|\[.+\]|[\w.]+ = \S.*)$/);
  });

  it('turns on every system that is read elsewhere with the settings it shows', () => {
    const { environment, problems } = withFile({}, block('Read elsewhere', 'yaml'), settingNames());
    const planned = plan(environment, { fetch: globalThis.fetch, now: Date.now, log }, problems);
    expect(planned.problems).toEqual([]);
    const off = planned.states.filter(({ port, isOn }) => port.endsWith('-source') && !isOn).map(({ id }) => id);
    // Each is said in words: another way into the same system, or one that tells by itself.
    expect(off).toEqual(['kubernetes-in-cluster', 'github-app', 'github-webhook']);
  });

  it('names only addresses that are there', async () => {
    const paths = new Set(
      pages.flatMap(({ text }) =>
        [...text.matchAll(/(?:tracepulse|localhost|example\.com)(?::3000)?(\/[\w/.-]+)/g)].map((m) => m[1] ?? ''),
      ),
    );
    expect(paths.size).toBeGreaterThan(15);
    for (const path of paths) {
      const statuses = await Promise.all(
        ['GET', 'POST'].map(async (method) => (await http.fetch(new Request(`http://localhost${path}`, { method }))).status),
      );
      // Nothing of the kind is 404 for both; an unknown incident is 404 by itself.
      if (!path.includes('INC-12'))
        expect(
          statuses.some((status) => status !== 404),
          path,
        ).toBe(true);
    }
  });

  it('names only settings that there are', () => {
    const known = settingNames();
    const named = new Set(
      pages.flatMap(({ text }) => [...text.matchAll(/(?:`|^)([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:=\w+`|`|:)/gm)].map((m) => m[1] ?? '')),
    );
    expect([...named].filter((name) => !known.has(name))).toEqual([]);
    expect(named.size).toBeGreaterThan(15);
  });

  it.each(['CloudEvents', 'Anything else', 'Your own events'])('sends what curl would: %s', async (heading) => {
    const text = block(heading, 'sh');
    const path = /localhost:3000(\/\S+)/.exec(text)?.[1] ?? '';
    const type = /content-type: ([^']+)'/.exec(text)?.[1] ?? '';
    const body = /-d '([\s\S]*)'/.exec(text)?.[1] ?? '';
    expect(JSON.parse(await send(path, body, type))).toMatchObject({ accepted: 1 });
  });

  it('maps the body it shows a mapping for', async () => {
    await send(
      '/webhook/generic',
      JSON.stringify({ kind: 'check', check: { name: 'Disk' }, host: 'db-7', state: 'BAD', level: 'page', dc: 'fra' }),
    );
    expect((await incidents()).find(({ service }) => service === 'db-7')).toMatchObject({ title: 'Disk', severity: 'critical' });
  });

  it("reads Datadog's and Kibana's templates once they are filled", async () => {
    const now = new Date(product.now()).toISOString();
    const datadog: Readonly<Record<string, string>> = {
      ALERT_TRANSITION: 'Triggered',
      EVENT_TITLE: '[Triggered] Latency of search',
      TAGS: 'service:search,env:prod',
      ALERT_PRIORITY: 'P1',
      DATE: String(product.now()),
      LAST_UPDATED: String(product.now()),
      LINK: 'https://app.datadoghq.com/monitors/1',
    };
    const filled = block('Datadog', 'json').replace(/\$([A-Z_]+)/g, (_, name: string) => datadog[name] ?? '1');
    await send('/webhook/datadog', filled);
    expect((await incidents()).some(({ service }) => service === 'search')).toBe(true);
    const kibana: Readonly<Record<string, string>> = {
      date: now,
      'alert.id': 'host-1',
      'rule.id': 'r1',
      'rule.name': 'CPU of host-1',
      'alert.actionGroup': 'threshold met',
      'context.reason': 'cpu is 99 %',
      'rule.tags': 'service:billing',
      'rule.url': 'https://kibana.example/r1',
    };
    await send(
      '/webhook/kibana',
      block('Kibana', 'json').replace(/\{\{([\w.]+)\}\}/g, (_, name: string) => kibana[name] ?? ''),
    );
    expect((await incidents()).some(({ title }) => title.includes('CPU of host-1'))).toBe(true);
  });

  it('writes its own settings into its own file', () => expect(block('Anything else', 'yaml')).toContain(configFile));
});
