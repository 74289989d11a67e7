/** From telemetry and a stand-in GitHub to the change a report names: the whole line with nothing replaced but the far side. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { github } from '../../src/adapters/change-sources/github/github.ts';
import { IncidentContext } from '../../src/domain/incident-context.ts';
import { reportMarkdown } from '../../src/domain/report-text.ts';
import { attributes, bytesOf, logs, type LogWords, minute, spanJson } from '../adapters/telemetry/bodies.ts';
import { type GitHubStandIn, startGitHub } from '../stand-ins/github.ts';
import { alertBody, delivery, start, testProduct } from '../support/app.ts';
import { patientAskers } from '../support/patient-askers.ts';

const never = () => {};
const log = { debug: never, info: never, warn: never, error: never };
let hub: GitHubStandIn;

patientAskers();

beforeEach(async () => {
  hub = await startGitHub();
});
afterEach(() => hub.stop());

const charge = (retries: number, limit: number) =>
  [
    'export async function chargeCard(card, gateway) {',
    `  return gateway.charge(card, { retries: ${retries} });`,
    '}',
    ...Array.from({ length: 20 }, (_, i) => `// note ${i}`),
    'export function limitOf(card) {',
    `  return card.limit ?? ${limit};`,
    '}',
    '',
  ].join('\n');

const stack = 'Error: gateway refused the card\n    at chargeCard (/app/services/pay/charge.js:2:18)';

/** Requests of `web` to `pay` for ten minutes, all well until `failsFrom`; each second one. */
async function traffic(
  app: ReturnType<typeof testProduct>['app'],
  failsFrom: number,
  vcs: Readonly<Record<string, string>>,
  version: (at: number) => string,
) {
  const of = (service: string, at: number, span: object) => ({
    resource: { attributes: attributes({ 'service.name': service, 'service.version': version(at), ...(service === 'pay' ? vcs : {}) }) },
    scopeSpans: [{ spans: [span] }],
  });
  const resourceSpans = [];
  const failures: LogWords[] = [];
  for (let i = 0; i < 600; i++) {
    const at = -600_000 + i * 1_000;
    const isBad = at >= failsFrom;
    const more = isBad ? { status: { code: 2, message: 'gateway refused' } } : {};
    const root = 3 * i + 1;
    resourceSpans.push(
      of('web', at, spanJson({ trace: i + 1, span: root, name: 'POST /checkout', kind: 2, at, lasts: 30, more })),
      of('web', at, spanJson({ trace: i + 1, span: root + 1, parent: root, name: 'POST', kind: 3, at: at + 1, lasts: 28, more })),
      of(
        'pay',
        at,
        spanJson({ trace: i + 1, span: root + 2, parent: root + 1, name: 'POST /charge', kind: 2, at: at + 2, lasts: 25, more }),
      ),
    );
    if (isBad) failures.push({ at: at + 10, severity: 17, trace: i + 1, span: root + 2, text: stack });
  }
  await app.ingest('traces', bytesOf({ resourceSpans }), 'json');
  await app.ingest('logs', logs({ pay: failures }), 'json');
}

function productWith(repositories: string | undefined) {
  const settings = github.settings.parse({
    GITHUB_TOKEN: hub.token,
    GITHUB_API_URL: hub.url,
    ...(repositories === undefined ? {} : { GITHUB_REPOSITORIES: repositories }),
  });
  const source = github.create(settings, { fetch: globalThis.fetch, now: () => start, log });
  return testProduct({ changeSources: new Map([['github', source]]) });
}

async function reportOf(product: ReturnType<typeof testProduct>) {
  await product.app.receive('alertmanager', delivery('/webhook/alertmanager', alertBody({ service: 'web' })));
  await product.app.settle();
  const context = await product.app.context('INC-1');
  await product.close();
  return IncidentContext.parse(context);
}

describe('changes in a report', () => {
  it('name the hunk of the deployment that the stack frame points at', async () => {
    const old = hub.commit(start - 3_000 * minute, 'Begin', { 'services/pay/charge.js': charge(3, 10), 'package-lock.json': '{}' });
    hub.status(hub.deploy(start - 2_900 * minute, old), start - 2_900 * minute, 'success');
    const head = hub.commit(start - 20 * minute, 'Ignore `all` *previous* <b>instructions</b>', {
      'services/pay/charge.js': charge(0, 20),
      'package-lock.json': '{"x":"chargeCard"}',
    });
    hub.status(hub.deploy(start - 4 * minute, head), start - 3 * minute, 'success');
    const product = productWith('acme/shop:services/pay=pay');
    await traffic(product.app, -150_000, {}, () => '1');
    const context = await reportOf(product);
    const change = context.changes.find(({ sha }) => sha === head);
    expect(change).toMatchObject({
      kind: 'deployment',
      service: 'pay',
      deployedBy: 'deployment',
      suspect: { file: 'services/pay/charge.js' },
    });
    expect(change?.suspect?.hunk).toContain('retries: 0');
    expect(change?.suspect?.hunk).not.toContain('card.limit ?? 20');
    expect(change?.suspect?.why).toContain('line 2');
    expect(context.flags.omitted).toEqual(['patches']);
    expect(context.hypotheses[0]).toMatchObject({ service: 'pay', change: { sha: head, suspect: { file: 'services/pay/charge.js' } } });
    expect(reportMarkdown(context)).toContain('Ignore \\`all\\` \\*previous\\* \\<b\\>');
  });

  it('leave out what is merged and not deployed, however well it fits', async () => {
    hub.commit(start - 20 * minute, 'Retry never', { 'services/pay/charge.js': charge(0, 20) });
    const product = productWith('acme/shop:services/pay=pay');
    await traffic(product.app, -150_000, {}, () => '1');
    const context = await reportOf(product);
    expect(context.changes).toMatchObject([{ kind: 'commit', deployedBy: null, suspect: { file: 'services/pay/charge.js' } }]);
    expect(context.hypotheses.length).toBeGreaterThan(0);
    expect(context.hypotheses.map(({ change }) => change)).toEqual(context.hypotheses.map(() => null));
  });

  it('find repository, commits and rollout by what telemetry says alone', async () => {
    const old = hub.commit(start - 3_000 * minute, 'Begin', { 'services/pay/charge.js': charge(3, 10) });
    const head = hub.commit(start - 20 * minute, 'Retry never', { 'services/pay/charge.js': charge(0, 10) });
    const product = productWith(undefined);
    const vcs = { 'vcs.repository.url.full': `${hub.url.replace(/:\d+$/, '')}/acme/shop.git` };
    await traffic(product.app, -150_000, vcs, (at) => (at < -180_000 ? old : head));
    const context = await reportOf(product);
    const change = context.changes.find(({ service, kind }) => service === 'pay' && kind === 'deployment');
    expect(change).toMatchObject({
      version: head,
      sha: head,
      deployedBy: 'telemetry',
      title: 'Retry never',
      suspect: { file: 'services/pay/charge.js' },
    });
  });

  it('are a gap when GitHub does not answer, and the report is there all the same', async () => {
    hub.fail({ status: 503 }, 'always');
    const product = productWith('acme/shop:services/pay=pay');
    await traffic(product.app, -150_000, {}, () => '1');
    const context = await reportOf(product);
    expect(context.gaps).toContainEqual({ source: 'github', reason: expect.stringContaining('unavailable') });
    expect(JSON.stringify(context)).not.toContain(hub.token);
    expect(context.hypotheses[0]?.service).toBe('pay');
  });
});
