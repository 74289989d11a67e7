import { describe, expect, it } from 'vitest';
import { generic } from '../../../src/adapters/alert-formats/generic.ts';
import { at } from '../../../src/adapters/alert-formats/mapping.ts';
import type { Alert } from '../../../src/domain/alert.ts';
import { enabled } from '../../../src/config.ts';

const never = () => {
  throw new Error('a format does no I/O');
};
const tools = { fetch: never, now: never, log: { debug: never, info: never, warn: never, error: never } };
const receivedAt = Date.UTC(2026, 10, 25, 10, 40);

function formatWith(mappings: unknown) {
  return generic.create(generic.settings.parse({ GENERIC_MAPPINGS: JSON.stringify(mappings) }), tools);
}

function read(mappings: unknown, body: unknown): Alert[] {
  return formatWith(mappings).parse({
    route: '/webhook/generic',
    headers: {},
    body: new TextEncoder().encode(JSON.stringify(body)),
    receivedAt,
  });
}

const checks = {
  title: ['/check/name', '/name'],
  description: '/output',
  status: '/state',
  resolved: ['PASS', '0'],
  severity: '/state',
  severities: { critical: ['2'], warning: ['1'] },
  service: '/host/labels/app~1name',
  startsAt: '/since',
  fingerprint: '/id',
  correlationId: '/request',
  links: ['/url', '/other'],
  labels: { host: '/host/name', team: ['/team', '/host/labels/team'] },
};
const check = {
  check: { name: 'HTTP' },
  output: 'connection refused',
  state: 2,
  host: { name: 'web-1', labels: { 'app/name': 'cart', team: 'shop' } },
  since: 1795602960,
  id: 77,
  request: 'r-1',
  url: 'https://checks.example/77',
  other: 'javascript:alert(1)',
};

describe('a mapping', () => {
  it('reads a body of any shape', () => {
    expect(read(checks, check)).toMatchObject([
      {
        fingerprint: '77',
        format: 'generic',
        status: 'firing',
        title: 'HTTP',
        description: 'connection refused',
        severity: 'critical',
        service: 'cart',
        correlationIds: ['r-1'],
        labels: { host: 'web-1', team: 'shop' },
        startsAt: Date.UTC(2026, 10, 25, 10, 36),
        links: [{ title: 'Link', url: 'https://checks.example/77' }],
      },
    ]);
  });

  it.each(['PASS', 0, 'OK', 'Resolved'])('takes the state %s for an end', (state) => {
    expect(read(checks, { ...check, state })[0]?.status).toBe('resolved');
  });

  it('takes each entry of a list', () => {
    const alerts = read({ each: '/checks', title: '/name', service: '/svc' }, { checks: [{ name: 'a', svc: 'x' }, { name: 'b' }] });
    expect(alerts.map(({ title, service }) => [title, service])).toEqual([
      ['a', 'x'],
      ['b', null],
    ]);
  });

  it('applies only where it says so; our own form is read beside it', () => {
    const mappings = [
      { when: { '/kind': 'probe' }, title: '/probe' },
      { when: { '/kind': 'job' }, title: '/job' },
    ];
    expect(read(mappings, { kind: 'job', job: 'nightly', probe: 'x' })[0]?.title).toBe('nightly');
    expect(read(mappings, { kind: 'other', title: 'ours' })[0]?.title).toBe('ours');
    expect(() => read(mappings, { kind: 'other' })).toThrow(expect.objectContaining({ code: 'rejected', path: 'title' }));
  });

  it.each([{ each: '/checks', title: '/name' }])('refuses an entry without a title', (mapping) => {
    expect(() => read(mapping, { checks: [{}] })).toThrow(expect.objectContaining({ code: 'rejected', path: 'title' }));
  });

  it('refuses a time that is none', () => {
    expect(() => read({ title: '/t', startsAt: '/s' }, { t: 'a', s: 'soon' })).toThrow(expect.objectContaining({ path: 'startsAt' }));
  });

  it.each([
    { mappings: [{ service: '/a' }], problem: /0\.title/ },
    { mappings: [{ title: 'a' }], problem: /0\.title.*JSON pointer/ },
    { mappings: [{ title: '/a', sevice: '/b' }], problem: /sevice/ },
    { mappings: [{ title: '/a~2' }], problem: /0\.title/ },
  ])('that is wrong is named when it is configured: $problem', ({ mappings, problem }) => {
    const { problems } = enabled('alert-format', [generic], { GENERIC_MAPPINGS: JSON.stringify(mappings) }, tools);
    expect(problems).toEqual([{ variable: 'GENERIC_MAPPINGS', problem: expect.stringMatching(problem) }]);
  });
});

describe('a JSON pointer', () => {
  // RFC 6901, section 5
  const document = { foo: ['bar', 'baz'], '': 0, 'a/b': 1, 'm~n': 8, ' ': 7 };
  it.each([
    ['', document],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/m~0n', 8],
    ['/ ', 7],
    ['/none/deeper', undefined],
    ['/constructor/name', undefined],
    ['/foo/length', undefined],
    ['/__proto__', undefined],
  ])('"%s"', (pointer, value) => expect(at(pointer, document)).toEqual(value));
});
