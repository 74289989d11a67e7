/** From a signed delivery through the store to what an investigation is told; the bodies are octokit's examples, trimmed. */
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { githubWebhook } from '../../../src/adapters/change-sources/github/webhook.ts';
import { createSqliteLedger } from '../../../src/adapters/ledgers/sqlite.ts';
import type { RunningVersion } from '../../../src/domain/service.ts';
import { createHttp } from '../../../src/surfaces/http/http.ts';
import { start, testProduct } from '../../support/app.ts';

const secret = "It's a Secret to Everybody";
const minute = 60_000;
const never = () => {};
const log = { debug: never, info: never, warn: never, error: never };
const iso = (at: number) => new Date(at).toISOString();

let folder = '';
let file = '';
let product: ReturnType<typeof testProduct>;
let ledger: ReturnType<typeof createSqliteLedger>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'github-webhook-'));
  file = join(folder, 'ledger.sqlite');
  ledger = createSqliteLedger({ file, now: () => start });
  product = testProduct({ ledger });
});

afterEach(async () => {
  await ledger.close();
  await product.close();
  rmSync(folder, { recursive: true, force: true });
});

const signed = (body: string, key = secret) => `sha256=${createHmac('sha256', key).update(body).digest('hex')}`;

function send(event: string, body: unknown, over: { delivery?: string; headers?: Record<string, string>; set?: string | null } = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const settings = over.set === null ? {} : { GITHUB_WEBHOOK_SECRET: secret };
  const http = createHttp(product.app, settings, { log, now: () => start, redact: (value) => ({ value }) });
  const headers = {
    'content-type': 'application/json',
    'x-github-event': event,
    'x-github-delivery': over.delivery ?? crypto.randomUUID(),
    'x-hub-signature-256': signed(text),
    ...over.headers,
  };
  return http.fetch(new Request('http://localhost/webhook/github', { method: 'POST', headers, body: text }));
}

async function accepted(answer: Promise<Response>): Promise<number> {
  return ((await (await answer).json()) as { accepted: number }).accepted;
}

async function told(services = ['cart', 'pay'], running: RunningVersion[] = [], from = ledger) {
  const settings = { GITHUB_WEBHOOK_SECRET: secret, GITHUB_REPOSITORIES: 'acme/shop:services/cart=cart,acme/shop:services/pay=pay' };
  const source = githubWebhook.create(settings, { fetch: globalThis.fetch, now: () => start, log })(from);
  const window = { fromMs: start - 24 * 60 * minute, toMs: start };
  return (await source.changes(window, services, new AbortController().signal, running)).changes;
}

const repository = { full_name: 'acme/shop', default_branch: 'main' };
const sha = 'f95f852bd8fca8fcc58a9a2d6c842781e32a215e';
const push = {
  ref: 'refs/heads/main',
  deleted: false,
  commits: [
    {
      id: sha,
      message: 'Limit carts\n\nmore',
      timestamp: iso(start - 30 * minute),
      url: 'https://github.com/c/1',
      added: [],
      modified: ['services/cart/cart.js'],
      removed: [],
    },
  ],
  repository,
};
const deployment = {
  id: 7,
  sha,
  ref: 'main',
  task: 'deploy',
  environment: 'production',
  description: null,
  created_at: iso(start - 20 * minute),
  payload: {},
};
const status = (state: string, at: number) => ({
  action: 'created',
  deployment,
  deployment_status: { state, created_at: iso(at) },
  repository,
});

describe('POST /webhook/github', () => {
  it('takes the signature of GitHub’s own example', () => {
    expect(signed('Hello, World!')).toBe('sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17');
  });

  it('keeps what it is told over a restart, and merged is not deployed until a status says so', async () => {
    const answer = await send('push', push);
    expect([answer.status, await answer.json()]).toEqual([202, { accepted: 1, ids: [] }]);
    expect(await told()).toMatchObject([{ kind: 'commit', service: 'cart', sha, title: 'Limit carts', deployedBy: null }]);
    await send('deployment', { action: 'created', deployment, repository });
    expect(await told()).toMatchObject([{ kind: 'deployment', service: 'cart', deployedBy: null }]);
    await send('deployment_status', status('in_progress', start - 19 * minute));
    await send('deployment_status', status('success', start - 17 * minute));
    await ledger.close();
    ledger = createSqliteLedger({ file, now: () => start });
    expect(await told()).toMatchObject([
      {
        kind: 'deployment',
        service: 'cart',
        startedAt: start - 19 * minute,
        sha,
        title: 'Limit carts',
        files: ['services/cart/cart.js'],
        deployedBy: 'deployment',
      },
    ]);
  });

  it('stores a delivery once however often it is sent', async () => {
    const delivery = crypto.randomUUID();
    expect(await accepted(send('push', push, { delivery }))).toBe(1);
    expect(await accepted(send('push', push, { delivery }))).toBe(0);
    expect(await told()).toHaveLength(1);
  });

  it('takes a release, for running only when telemetry carries its version', async () => {
    const release = { tag_name: 'v2.0.0', name: '', html_url: 'https://github.com/r', draft: false, published_at: iso(start - 5 * minute) };
    await send('release', { action: 'published', release, repository });
    await send('release', { action: 'edited', release, repository });
    const runs = { service: 'pay', version: '2.0.0', firstSeenAt: start - 4 * minute, repositoryUrl: null, revision: null };
    expect((await told(undefined, [runs])).map(({ service, deployedBy }) => [service, deployedBy])).toEqual([
      ['cart', null],
      ['pay', 'telemetry'],
    ]);
  });

  it('gives a deployment to the service it names, and keeps nothing else of what goes along', async () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const body = JSON.stringify({
      action: 'created',
      deployment: { ...deployment, payload: { service: 'pay', more: 'DEEP' } },
      repository,
    });
    expect((await send('deployment', body.replace('"DEEP"', deep))).status).toBeLessThan(500);
    await send('deployment', body);
    expect((await told()).map(({ service }) => service)).toEqual(['pay']);
  });

  it('takes a form, and answers a ping', async () => {
    const form = new URLSearchParams({ payload: JSON.stringify(push) }).toString();
    expect(await accepted(send('push', form, { headers: { 'content-type': 'application/x-www-form-urlencoded' } }))).toBe(1);
    expect((await send('ping', { zen: 'Keep it logically awesome.' })).status).toBe(202);
  });

  it.each([
    ['another branch', { ...push, ref: 'refs/heads/feature' }],
    ['a deleted branch', { ...push, deleted: true, commits: [] }],
    ['a tag', { ...push, ref: 'refs/tags/main' }],
  ])('is not interested in %s', async (_, body) => {
    expect(await accepted(send('push', body))).toBe(0);
    expect(await told()).toEqual([]);
  });

  it.each([
    ['unsigned', { headers: { 'x-hub-signature-256': '' } }, 401],
    ['signed with another secret', { headers: { 'x-hub-signature-256': signed(JSON.stringify(push), 'other') } }, 401],
    ['signed for another body', { headers: { 'x-hub-signature-256': signed('{}') } }, 401],
    ['without the secret set here', { set: null }, 401],
    ['without its number', { delivery: '' }, 400],
    ['of another type', { headers: { 'content-type': 'text/plain' } }, 415],
  ] as const)('refuses what is %s, and stores nothing', async (_, over, expected) => {
    expect((await send('push', push, over)).status).toBe(expected);
    expect(await told()).toEqual([]);
  });

  it.each([
    ['no JSON', '{"ref":', undefined],
    ['a wrong field', { ...push, commits: [{ ...push.commits[0], timestamp: 'yesterday' }] }, 'commits.0.timestamp'],
  ])('says what is wrong with %s', async (_, body, path) => {
    const answer = await send('push', body);
    expect([answer.status, ((await answer.json()) as { error: { path?: string } }).error.path]).toEqual([400, path]);
    expect(await told()).toEqual([]);
  });
});
