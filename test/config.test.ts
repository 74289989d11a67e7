import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { definer, type Tools } from '../src/adapter.ts';
import { enabled, readCore } from '../src/config.ts';

const tools = { fetch: globalThis.fetch, now: () => 0, log: { debug() {}, info() {}, warn() {}, error() {} } } satisfies Tools;
const adapter = definer<{ url: string }>()({
  id: 'loki',
  settings: z.object({ LOKI_URL: z.url(), LOKI_TOKEN: z.string().optional(), LOKI_TENANT: z.string().default('main') }),
  create: ({ LOKI_URL }) => ({ url: LOKI_URL }),
});

describe('API tokens with scopes', () => {
  const read = (tokens: unknown) => readCore({ TRACEPULSE_API_TOKENS: JSON.stringify(tokens) });

  it('may read and nothing more unless they say so', () => {
    const { settings, problems } = read([{ name: 'dashboard', token: 'hunter2-hunter2-hunter2' }]);
    expect(problems).toEqual([]);
    expect(settings?.TRACEPULSE_API_TOKENS).toEqual([{ name: 'dashboard', token: 'hunter2-hunter2-hunter2', scopes: ['read'] }]);
  });

  it.each([
    ['a short token', [{ name: 'a', token: 'hunter2' }]],
    ['a scope that is not known', [{ name: 'a', token: 'hunter2-hunter2-hunter2', scopes: ['everything'] }]],
    ['two of one name', [1, 2].map((n) => ({ name: 'a', token: `hunter2-hunter2-hunter2-${n}` }))],
    ['one token twice', ['a', 'b'].map((name) => ({ name, token: 'hunter2-hunter2-hunter2' }))],
    ['a name that would not stand in a line', [{ name: 'a\nb', token: 'hunter2-hunter2-hunter2' }]],
  ])('are refused with %s, without being shown', (_, tokens) => {
    const { problems } = read(tokens);
    expect(problems.map(({ variable }) => variable)).toEqual(['TRACEPULSE_API_TOKENS']);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });
});

describe('readCore', () => {
  it('has defaults for an empty environment, and takes an empty variable for an unset one', () => {
    expect(readCore({ PORT: '' })).toMatchObject({ settings: { PORT: 3000, HOST: '127.0.0.1' }, problems: [] });
  });

  it('lists every problem at once and never the value', () => {
    const { problems } = readCore({ PORT: 'hunter2', LOG_LEVEL: 'loud', TRACEPULSE_WINDOW_MINUTES: '1' });
    expect(problems.map((p) => p.variable).sort()).toEqual(['LOG_LEVEL', 'PORT', 'TRACEPULSE_WINDOW_MINUTES']);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  it('says that the address is open also when something else is wrong', () => {
    const { problems } = readCore({ HOST: '0.0.0.0', PORT: 'abc' });
    expect(problems.map((p) => p.variable)).toEqual(['PORT', 'TRACEPULSE_WEBHOOK_TOKEN', 'TRACEPULSE_API_TOKEN']);
    expect(problems[0]?.problem).toBe('must be a number');
  });

  it.each(['127.0.0.1', 'localhost', '::1', '127.4.5.6'])('is content with loopback address %s and no token', (HOST) => {
    expect(readCore({ HOST }).problems).toEqual([]);
  });

  it.each(['0.0.0.0', '::', '10.0.0.7', 'example.com', '127.0.0.1.example.com'])('wants tokens on %s', (HOST) => {
    expect(readCore({ HOST }).problems.map((p) => p.variable)).toEqual(['TRACEPULSE_WEBHOOK_TOKEN', 'TRACEPULSE_API_TOKEN']);
    expect(readCore({ HOST, TRACEPULSE_WORKSPACE: 'on' }).problems.map((p) => p.variable)).toContain('TRACEPULSE_WORKSPACE_PASSWORD');
    const secrets = { TRACEPULSE_WEBHOOK_TOKEN: 'w'.repeat(20), TRACEPULSE_JWT_SECRET: 'j'.repeat(40) };
    expect(readCore({ HOST, ...secrets }).problems).toEqual([]);
    const tokens = JSON.stringify([{ name: 'dashboard', token: 't'.repeat(16) }]);
    expect(readCore({ HOST, TRACEPULSE_WEBHOOK_TOKEN: 'w'.repeat(20), TRACEPULSE_API_TOKENS: tokens }).problems).toEqual([]);
  });
});

describe('enabled', () => {
  it('leaves an adapter off when nothing it needs is set, and says what would turn it on', () => {
    const { on, states, problems } = enabled('log-source', [adapter], { LOKI_TOKEN: 'x' }, tools);
    expect([...on.keys()]).toEqual([]);
    expect(problems).toEqual([]);
    expect(states).toEqual([{ port: 'log-source', id: 'loki', isOn: false, missing: ['LOKI_URL'] }]);
  });

  it('turns it on with good settings', () => {
    expect(enabled('log-source', [adapter], { LOKI_URL: 'http://127.0.0.1:3100' }, tools).on.get('loki')).toEqual({
      url: 'http://127.0.0.1:3100',
    });
  });

  it('says which of several needed settings is missing', () => {
    const two = { ...adapter, settings: z.object({ LOKI_URL: z.url(), LOKI_KEY: z.string() }) };
    const { problems } = enabled('log-source', [two], { LOKI_URL: 'http://127.0.0.1:3100' }, tools);
    expect(problems).toEqual([{ variable: 'LOKI_KEY', problem: 'is missing' }]);
  });

  it('reports a setting that is there but wrong, without its value', () => {
    const { problems, on } = enabled('log-source', [adapter], { LOKI_URL: 'token-in-the-wrong-place' }, tools);
    expect(on.size).toBe(0);
    expect(problems.map((p) => p.variable)).toEqual(['LOKI_URL']);
    expect(JSON.stringify(problems)).not.toContain('token-in-the-wrong-place');
  });
});
