/** README's dozen settings, docs/configuration.md and the schema for editors are what the code reads. */
import { readFileSync, writeFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { plan, settingNames } from '../src/compose.ts';
import { withFile } from '../src/file-config.ts';
import { settingsSchema } from './settings-schema.ts';
import { allSettings, readmeTable, settingsPage, ungrouped } from './settings-table.ts';

const at = (path: string) => new URL(`../${path}`, import.meta.url);
const begin = '<!-- settings: made by UPDATE_GOLDEN=1 npm test -->';
const end = '<!-- /settings -->';
const isUpdate = process.env['UPDATE_GOLDEN'] === '1';

function holdTo(path: string, table: string): void {
  const text = readFileSync(at(path), 'utf8');
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  expect(after, `${path} has lost the marks around its settings`).toBeDefined();
  if (isUpdate) writeFileSync(at(path), `${before}${begin}\n${table}\n${end}${after}`);
  else expect(text).toContain(`${begin}\n${table}\n${end}`);
}

describe('the pages of settings', () => {
  it('list in docs/configuration.md what the code reads', () => holdTo('docs/configuration.md', settingsPage()));
  it('show the most needed in README', () => holdTo('README.md', readmeTable()));
  it('explain every setting', () => expect(allSettings().filter(({ about }) => about === '')).toEqual([]));
  it('have a group for every setting', () => expect(ungrouped().map(({ name }) => name)).toEqual([]));
  it('leave none out', () => {
    const page = settingsPage();
    expect([...settingNames()].filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([]);
  });
});

const schemaFile = 'docs/tracepulse.config.schema.json';
const schema = `${JSON.stringify(settingsSchema(), null, 2)}\n`;

describe('the schema for editors', () => {
  const ajv = formats.default(new Ajv({ allErrors: true, allowUnionTypes: true }));
  const isGood = ajv.compile(JSON.parse(schema));
  const tools = { fetch: globalThis.fetch, now: Date.now, log: { debug() {}, info() {}, warn() {}, error() {} } };
  /** What the product itself says of the file. */
  const problemsOf = (text: string) => {
    const { environment, problems } = withFile({}, text, settingNames());
    return plan(environment, tools, problems).problems;
  };

  it('is what the code makes of its schemas', () => {
    if (isUpdate) writeFileSync(at(schemaFile), schema);
    else expect(readFileSync(at(schemaFile), 'utf8')).toBe(schema);
  });

  const page = readFileSync(at('docs/configuration.md'), 'utf8');
  const shown = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map((found) => found[1] ?? '');

  it('is what the page tells editors of', () => {
    expect(shown.length).toBeGreaterThan(0);
    expect(shown[0]).toMatch(/^# yaml-language-server: \$schema=\S+tracepulse\.config\.schema\.json\n/);
  });

  it.each([
    ...shown,
    readFileSync(at('deploy/kubernetes/base/tracepulse.config.yaml'), 'utf8'),
    'PORT: 8080\nTRACEPULSE_TRIGGERS: off\nLOKI_URL: http://localhost:3100\nLOKI_USER: 1234\n',
    'TRACEPULSE_WORKSPACE: true\nTRACEPULSE_SERVICE_LABELS: [service, app]\nKUBERNETES_NAMESPACES: shop,pay\n',
    'REDIS_URL: redis+sentinel://a:26379,b:26379/tracepulse\n',
    'TRACEPULSE_ROUTES:\n  - channels: []\n  - match: { service: [a, b*], severity: warning, team: x, labels: { env: [a, b] } }\n    channels: ["#a"]\n    continue: true\n',
    'GENERIC_MAPPINGS:\n  title: /check/name\n  resolved: [OK, 0]\n',
    'PROMETHEUS_URL: http://localhost:9090\nPROMETHEUS_QUERIES:\n  - { name: jobs.waiting, query: "jobs_waiting{service=~\\"$services\\"}" }\n',
  ])('takes what the product takes: %j', (text) => {
    expect(isGood(parse(text)), JSON.stringify(isGood.errors)).toBe(true);
    expect(problemsOf(text)).toEqual([]);
  });

  it.each([
    ['a name that is none', 'PROT: 3000\n'],
    ['a port that is none', 'PORT: http\n'],
    ['a number out of bounds', 'TRACEPULSE_LOG_LOOKBACK_MINUTES: 99\n'],
    ['a word that is none', 'LOG_LEVEL: loud\n'],
    ['an address without a host', 'REDIS_URL: "localhost:6379"\n'],
    ['a route without channels', 'TRACEPULSE_ROUTES:\n  - match: { service: a }\n'],
    ['a route with a mistyped word', 'TRACEPULSE_ROUTES:\n  - { match: { servce: a }, channels: [] }\n'],
    ['a severity that is none', 'TRACEPULSE_ROUTES:\n  - { match: { severity: loud }, channels: [] }\n'],
    ['a mapping without a title', 'GENERIC_MAPPINGS:\n  - service: /host\n'],
    ['a pointer that is none', 'GENERIC_MAPPINGS:\n  - title: check.name\n'],
    ['a query without a name', 'PROMETHEUS_URL: http://localhost:9090\nPROMETHEUS_QUERIES:\n  - { query: up }\n'],
  ])('refuses what the product refuses: %s', (_, text) => {
    expect(isGood(parse(text))).toBe(false);
    expect(problemsOf(text)).not.toEqual([]);
  });
});
