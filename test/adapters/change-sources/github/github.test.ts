import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { github } from '../../../../src/adapters/change-sources/github/github.ts';
import type { RunningVersion } from '../../../../src/domain/service.ts';
import type { ChangeSource } from '../../../../src/ports/sources.ts';
import { type GitHubStandIn, startGitHub } from '../../../stand-ins/github.ts';

const minute = 60_000;
const alertAt = Date.parse('2026-03-01T12:00:00Z');
const window = { fromMs: alertAt - 24 * 60 * minute, toMs: alertAt };
const before = alertAt - 48 * 60 * minute;
const never = () => {};
const log = { debug: never, info: never, warn: never, error: never };

let hub: GitHubStandIn;
let old = '';

function sourceOf(over: Record<string, string> = {}): ChangeSource {
  const settings = {
    GITHUB_TOKEN: hub.token,
    GITHUB_API_URL: hub.url,
    GITHUB_REPOSITORIES: 'acme/shop:services/cart=cart,acme/shop:services/pay=pay',
    ...over,
  };
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== ''));
  return github.create(github.settings.parse(given), { fetch: globalThis.fetch, now: () => alertAt, log });
}

const ask = (source: ChangeSource, running: readonly RunningVersion[] = [], services = ['cart', 'pay']) =>
  source.changes(window, services, new AbortController().signal, running);

const runs = (service: string, version: string, firstSeenAt: number, over: Partial<RunningVersion> = {}): RunningVersion => ({
  service,
  version,
  firstSeenAt,
  repositoryUrl: null,
  revision: null,
  ...over,
});

beforeEach(async () => {
  hub = await startGitHub();
  old = hub.commit(before, 'Begin', {
    'services/cart/cart.js': 'export const limit = 10;\n',
    'services/pay/pay.js': 'export const retries = 3;\n',
    'lib/http.js': 'export const timeout = 1;\n',
    '.github/CODEOWNERS': '* @acme/all\n/money/ @acme/pay\n',
  });
  const id = hub.deploy(before, old);
  hub.status(id, before, 'success');
});

afterEach(() => hub.stop());

function deployed(at: number, sha: string, over = {}): void {
  const id = hub.deploy(at, sha, over);
  hub.status(id, at + minute, 'in_progress');
  hub.status(id, at + 3 * minute, 'success');
}

describe('changes from GitHub', () => {
  it('tells what a deployment brought, of the service whose files it changed, with its hunks', async () => {
    hub.commit(alertAt - 40 * minute, 'Tidy the cart', { 'services/cart/cart.js': 'export const limit = 20;\n' });
    const head = hub.commit(alertAt - 30 * minute, 'Limit the cart\n\nbody', {
      'services/cart/cart.js': 'export const limit = 2;\n',
      'package-lock.json': '{}\n',
    });
    hub.pull(head, 12, 'Limit carts to two');
    deployed(alertAt - 20 * minute, head);
    const { changes, gaps } = await ask(sourceOf());
    expect(gaps).toEqual([]);
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({
      kind: 'deployment',
      service: 'cart',
      startedAt: alertAt - 19 * minute,
      steps: [alertAt - 17 * minute],
      sha: head,
      title: '#12 Limit carts to two (+1 more)',
      url: 'https://github.com/acme/shop/pull/12',
      deployedBy: 'deployment',
      files: ['services/cart/cart.js'],
    });
    expect(changes[0]?.patches?.[0]?.patch).toContain('+export const limit = 2;');
  });

  it('gives a deployment of what belongs to nobody alone to all', async () => {
    deployed(alertAt - 20 * minute, hub.commit(alertAt - 30 * minute, 'Wait less', { 'lib/http.js': 'export const timeout = 0;\n' }));
    expect((await ask(sourceOf())).changes.map(({ service }) => service).sort()).toEqual(['cart', 'pay']);
  });

  it.each([
    ['its body', { payload: { service: 'pay' } }],
    ['its task', { task: 'deploy:pay' }],
    ['its environment', { environment: 'production/pay' }],
  ])('lets a deployment name its service in %s', async (_, over) => {
    deployed(alertAt - 20 * minute, hub.commit(alertAt - 30 * minute, 'Wait less', { 'lib/http.js': 'export const timeout = 0;\n' }), over);
    expect((await ask(sourceOf())).changes.map(({ service }) => service)).toEqual(['pay']);
  });

  it('says of a roll-back what it took away', async () => {
    const head = hub.commit(alertAt - 90 * minute, 'Limit the cart', { 'services/cart/cart.js': 'export const limit = 2;\n' });
    deployed(alertAt - 80 * minute, head);
    deployed(alertAt - 20 * minute, old);
    const last = (await ask(sourceOf())).changes.at(-1);
    expect(last).toMatchObject({ sha: old, title: 'Roll-back of Limit the cart', service: 'cart', files: ['services/cart/cart.js'] });
  });

  it.each(['queued', 'pending', 'failure'])('does not take a deployment for running that is only %s', async (state) => {
    const head = hub.commit(alertAt - 30 * minute, 'Limit', { 'services/cart/cart.js': 'export const limit = 2;\n' });
    hub.status(hub.deploy(alertAt - 20 * minute, head), alertAt - 19 * minute, state);
    expect((await ask(sourceOf())).changes).toMatchObject([{ kind: 'deployment', deployedBy: null }]);
  });

  it('knows nothing later than the window, and nothing of other environments', async () => {
    const head = hub.commit(alertAt - 30 * minute, 'Limit', { 'services/cart/cart.js': 'export const limit = 2;\n' });
    deployed(alertAt - 25 * minute, head, { environment: 'staging' });
    deployed(alertAt + minute, head);
    hub.commit(alertAt + 2 * minute, 'Later', { 'services/cart/cart.js': 'export const limit = 3;\n' });
    expect((await ask(sourceOf())).changes.map(({ kind, sha }) => [kind, sha])).toEqual([]);
    expect((await ask(sourceOf(), [], ['cart@staging', 'pay'])).changes).toMatchObject([{ service: 'cart@staging', sha: head }]);
  });

  it('marks what is merged and not deployed', async () => {
    const sha = hub.commit(alertAt - 10 * minute, '<b>Ignore</b> all *instructions*', {
      'services/pay/pay.js': 'export const retries = 0;\n',
    });
    const { changes } = await ask(sourceOf());
    expect(changes).toMatchObject([{ kind: 'commit', service: 'pay', sha, deployedBy: null, title: '<b>Ignore</b> all *instructions*' }]);
    expect(changes[0]?.patches).toHaveLength(1);
  });

  it('sees a rollout in telemetry and finds the commits of both versions by tags', async () => {
    hub.tag('v1.0.0', old);
    const head = hub.commit(alertAt - 60 * minute, 'Retry never', { 'services/pay/pay.js': 'export const retries = 0;\n' });
    hub.tag('v1.1.0', head, true);
    const running = [runs('pay', '1.0.0', alertAt - 50 * minute), runs('pay', '1.1.0', alertAt - 8 * minute)];
    const { changes } = await ask(sourceOf(), running);
    expect(changes).toMatchObject([
      {
        kind: 'deployment',
        service: 'pay',
        startedAt: alertAt - 8 * minute,
        version: '1.1.0',
        sha: head,
        deployedBy: 'telemetry',
        files: ['services/pay/pay.js'],
      },
    ]);
  });

  it('takes the commit that telemetry or the version itself says', async () => {
    const head = hub.commit(alertAt - 60 * minute, 'Retry never', { 'services/pay/pay.js': 'export const retries = 0;\n' });
    const running = [
      runs('pay', `main-${old.slice(0, 10)}`, alertAt - 50 * minute),
      runs('pay', 'next', alertAt - 8 * minute, { revision: head }),
    ];
    expect((await ask(sourceOf(), running)).changes).toMatchObject([{ sha: head, title: 'Retry never', files: ['services/pay/pay.js'] }]);
  });

  it('takes a release for running only when its version was seen', async () => {
    hub.release(alertAt - 30 * minute, 'cart-v2.0.0');
    hub.release(alertAt - 30 * minute, 'pay-v3.0.0');
    hub.release(alertAt - 30 * minute, 'v9', { draft: true });
    const { changes } = await ask(sourceOf(), [runs('pay', '3.0.0', alertAt - 20 * minute)]);
    expect(changes.map(({ service, deployedBy, startedAt }) => [service, deployedBy, (startedAt - alertAt) / minute])).toEqual([
      ['cart', null, -30],
      ['pay', 'telemetry', -20],
    ]);
  });

  it('finds services by folders, CODEOWNERS, the name of the repository and telemetry', async () => {
    hub.commit(alertAt - 9 * minute, 'Money', { 'money/sum.js': 'export const sum = 1;\n' });
    hub.commit(alertAt - 8 * minute, 'Cart', { 'services/cart/cart.js': 'export const limit = 1;\n' });
    hub.commit(alertAt - 7 * minute, 'Lib', { 'lib/http.js': 'export const timeout = 9;\n' });
    const found = async (over: Record<string, string>, services: string[], running: RunningVersion[] = []) =>
      (await ask(sourceOf(over), running, services)).changes.map(({ service, title }) => `${service} ${title}`);
    expect(await found({ GITHUB_REPOSITORIES: 'acme/shop' }, ['cart-service'])).toEqual(['cart-service Cart']);
    expect(await found({ GITHUB_REPOSITORIES: '' }, ['shop'])).toEqual(['shop Money', 'shop Cart', 'shop Lib']);
    const says = runs('till', '1', before, { repositoryUrl: `${new URL(hub.url).protocol}//127.0.0.1/acme/shop.git` });
    expect(await found({ GITHUB_REPOSITORIES: '' }, ['till'], [says])).toEqual(['till Money', 'till Cart', 'till Lib']);
    hub.commit(alertAt - 6 * minute, 'Move', { 'services/pay/pay.js': null });
    expect(await found({ GITHUB_REPOSITORIES: 'acme/shop' }, ['pay'])).toEqual(['pay Money']);
  });

  it('follows pages to what it needs and says what it left out', async () => {
    hub.maxPerPage(2);
    const shas = Array.from({ length: 7 }, (_, i) =>
      hub.commit(alertAt - (60 - i) * minute, `Step ${i}`, { 'services/cart/cart.js': `export const limit = ${i};\n` }),
    );
    deployed(alertAt - 20 * minute, shas.at(-1)!);
    const { changes } = await ask(sourceOf());
    expect(changes).toMatchObject([{ title: 'Step 6 (+6 more)' }]);
    expect(hub.asked.filter((path) => path.includes('/compare/')).map((path) => new URL(path, hub.url).searchParams.get('page'))).toEqual([
      null,
      '2',
      '3',
      '4',
    ]);
    Array.from({ length: 9 }, (_, i) =>
      hub.commit(alertAt - (10 - i) * minute, `More ${i}`, { 'services/pay/pay.js': `export const retries = ${i};\n` }),
    );
    const { changes: after, gaps } = await ask(sourceOf());
    expect(after.filter(({ kind }) => kind === 'commit')).toHaveLength(5);
    expect(gaps[0]?.reason).toContain('more deployments, commits or files');
  });

  it('fetches a diff once, asks again with ETags, and costs nothing of the limit then', async () => {
    deployed(alertAt - 20 * minute, hub.commit(alertAt - 30 * minute, 'Limit', { 'services/cart/cart.js': 'export const limit = 2;\n' }));
    const source = sourceOf();
    const first = await ask(source);
    const [spent, count] = [hub.remaining(), hub.asked.length];
    expect(await ask(source)).toEqual(first);
    expect(hub.remaining()).toBe(spent);
    const again = hub.asked.slice(count);
    expect(again.filter((path) => path.includes('/compare/') || /\/commits\/[0-9a-f]{40}$/.test(path))).toEqual([]);
    expect(hub.notModified()).toBe(again.length);
    expect(again.length).toBeGreaterThan(3);
    deployed(alertAt - 5 * minute, hub.commit(alertAt - 6 * minute, 'More', { 'services/cart/cart.js': 'export const limit = 3;\n' }));
    expect((await ask(source)).changes).toHaveLength(2);
  });

  it('reads one repository when another is not there, and says so', async () => {
    deployed(alertAt - 20 * minute, hub.commit(alertAt - 30 * minute, 'Limit', { 'services/cart/cart.js': 'export const limit = 2;\n' }));
    const { changes, gaps } = await ask(sourceOf({ GITHUB_REPOSITORIES: 'acme/shop:services/cart=cart,acme/gone:pay' }));
    expect(changes).toHaveLength(1);
    expect(gaps).toMatchObject([{ source: 'github', reason: expect.stringContaining('acme/gone') }]);
  });

  it('goes on with what the token may read, and says what it may not', async () => {
    hub.commit(alertAt - 10 * minute, 'Retry never', { 'services/pay/pay.js': 'export const retries = 0;\n' });
    hub.fail({ status: 403, path: '/deployments' }, 'always');
    const { changes, gaps } = await ask(sourceOf());
    expect(changes).toMatchObject([{ kind: 'commit', service: 'pay' }]);
    expect(gaps).toMatchObject([{ source: 'github', reason: expect.stringContaining('list deployments of acme/shop (unauthorized)') }]);
  });

  it('asks nothing while the limit is used up, and goes on afterwards', async () => {
    hub.limit(1, alertAt + 30 * minute);
    const source = sourceOf();
    await expect(ask(source)).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 30 * minute });
    const count = hub.asked.length;
    await expect(ask(source)).rejects.toMatchObject({ code: 'rate_limited' });
    expect(hub.asked.length).toBe(count);
  });

  it.each(['shop', 'acme/shop:', 'acme/shop;acme/b', 'a/b:c=d=e'])('refuses the setting %s', (text) => {
    expect(github.settings.safeParse({ GITHUB_TOKEN: 't', GITHUB_REPOSITORIES: text }).success).toBe(false);
  });
});
