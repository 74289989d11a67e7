/**
 * What outsiders write becomes part of a question to another system, and stays a value there: the question about a hostile text has
 * the shape of the question about a harmless one, word for word, once the strings are taken out.
 */
import { describe, expect, it } from 'vitest';
import { clausesOf } from '../../src/adapters/log-sources/elasticsearch/query.ts';
import { having, holding, holdingAnyCase, streamsOf } from '../../src/adapters/log-sources/loki/logql.ts';
import { searchFor } from '../../src/adapters/log-sources/splunk/spl.ts';
import { prometheus } from '../../src/adapters/metric-sources/prometheus/prometheus.ts';
import { quoted as inJql } from '../../src/adapters/sinks/jira/text.ts';
import { tempo } from '../../src/adapters/trace-sources/tempo/tempo.ts';

const hostile = [
  '"',
  '\\',
  '\\"',
  '"} or {job=~".+"} | json | line_format "',
  '" | delete index=* | search "',
  '`drop`',
  '[ search index=_audit ]',
  '" OR project = SECRET ORDER BY created DESC //',
  "' OR 1=1 --",
  '" && { true } || "',
  '"}) or vector(1) #',
  'a\nb\r\nc\u2028d',
  '\ud800',
  '*) | ?(.+)+$ .{1,}',
  `\${jndi:ldap://x} {{.}} %s \u0000`,
  '","boost":9}}],"script":{"source":"x"}',
];
const harmless = 'cart';

/** Strings as Go, SPL, JQL and TraceQL write them; a service that goes by two names is asked for by both. */
const withoutStrings = (query: string) => query.replace(/"(?:[^"\\]|\\[\s\S])*"/g, '""').replace(/(?: OR ""="")+/g, ' OR ""=""');

function expectSame(question: (text: string) => string) {
  const shape = withoutStrings(question(harmless));
  for (const text of hostile) expect(withoutStrings(question(text)), JSON.stringify(text)).toBe(shape);
}

describe('LogQL', () => {
  it.each([
    ['a stream', (text: string) => streamsOf('service_name', [text])],
    ['one of several streams', (text: string) => streamsOf('service_name', ['x', text])],
    ['text in a line', holding],
    ['text in a line, in any case', holdingAnyCase],
    ['a field', (text: string) => having(['trace_id'], [text])],
  ])('keeps its shape: %s', (_, question) => {
    expectSame(question);
    // A line end inside a string would end it for Loki.
    for (const text of hostile) expect(question(text)).not.toMatch(/[\n\r]/);
  });

  it('reads what is a pattern as the text it is', () => {
    const pattern = JSON.parse(/"(?:[^"\\]|\\.)*"/.exec(holdingAnyCase('a.*b(c)+'))?.[0] ?? '""') as string;
    expect(new RegExp(pattern.replace('(?i)', ''), 'i').test('A.*B(C)+')).toBe(true);
    expect(new RegExp(pattern.replace('(?i)', ''), 'i').test('axxbc')).toBe(false);
  });
});

const window = { fromMs: 0, toMs: 60_000 };

describe('the search languages of logs', () => {
  it.each(['service', 'correlationId', 'traceId', 'contains'] as const)('of Splunk: %s', (field) => {
    const question = (text: string) => searchFor({ window, limit: 10, [field]: text }, ['main']);
    expectSame(question);
    for (const text of hostile) expect(question(text)).not.toMatch(/[\n\r`]/);
  });

  it.each(['service', 'correlationId', 'traceId', 'contains'] as const)('of Elasticsearch: %s', (field) => {
    const shape = (text: string) =>
      JSON.stringify(clausesOf({ window, limit: 10, [field]: text }), (_, value: unknown) =>
        value === text ? '?' : Array.isArray(value) && value.includes(text) ? ['?'] : value,
      );
    for (const text of hostile) expect(shape(text)).toBe(shape(harmless));
  });
});

it('JQL keeps its shape', () => expectSame((text) => `project = ${inJql(text)} AND labels = ${inJql(text)} ORDER BY created DESC`));

/** Every parameter that an adapter sends, decoded. */
async function asked(ask: (fetch: typeof globalThis.fetch) => Promise<unknown>): Promise<string> {
  const sent: string[] = [];
  const fetch = (async (input: string | URL | Request, init?: RequestInit) => {
    const url = new URL(input instanceof Request ? input.url : String(input));
    const body = typeof init?.body === 'string' || init?.body instanceof URLSearchParams ? String(init.body) : '';
    for (const [name, value] of [...url.searchParams, ...new URLSearchParams(body)])
      if (/^(q|query|match\[\])$/.test(name)) sent.push(value);
    expect(url.hostname).toBe('source.test');
    return Response.json({ status: 'success', data: { resultType: 'matrix', result: [] }, traces: [] });
  }) as typeof globalThis.fetch;
  await ask(fetch).catch(() => {});
  return sent.sort().join('\n');
}

const tools = (fetch: typeof globalThis.fetch) => ({ fetch, now: () => 0, log: { debug() {}, info() {}, warn() {}, error() {} } });

describe('questions that adapters send', () => {
  it.each([
    {
      name: 'TraceQL, to Tempo',
      ask: (text: string) =>
        asked((fetch) =>
          tempo
            .create(tempo.settings.parse({ TEMPO_URL: 'http://source.test' }), tools(fetch))
            .search({ window, service: text, limit: 5 }, AbortSignal.timeout(5_000)),
        ),
    },
    {
      name: 'PromQL, to Prometheus',
      ask: (text: string) =>
        asked((fetch) =>
          prometheus
            .create(prometheus.settings.parse({ PROMETHEUS_URL: 'http://source.test' }), tools(fetch))
            .points({ window, services: [text] }, AbortSignal.timeout(5_000)),
        ),
    },
  ])('$name, keep their shape', async ({ ask }) => {
    const shape = withoutStrings(await ask(harmless));
    expect(shape).not.toBe('');
    for (const text of hostile) expect(withoutStrings(await ask(text)), JSON.stringify(text)).toBe(shape);
  });
});
