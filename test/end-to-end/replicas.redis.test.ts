/** Two whole products on one Redis and one Slack: what either is told is known to both, and people see one of everything. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import manifest from '../../manifest.json' with { type: 'json' };
import { compose, plan } from '../../src/compose.ts';
import type { IncidentContext } from '../../src/domain/incident-context.ts';
import { makeTools } from '../../src/tools.ts';
import { startWorkspaceServer, type WorkspaceServer } from '../../src/workspace/server.ts';
import { createWorkspace } from '../../src/workspace/workspace.ts';
import { hasRedis, type RedisServer, startRedis } from '../redis-server.ts';
import { alertBody } from '../support/app.ts';
import { movedRecording } from './moved-recording.ts';

const harbour = join(import.meta.dirname, '..', 'scenarios', 'harbour');

describe.skipIf(!hasRedis)('two replicas', () => {
  let redis: RedisServer;
  let slack: WorkspaceServer;
  let stops: (() => Promise<void>)[] = [];
  beforeEach(async () => {
    redis = await startRedis(['--appendonly', 'yes']);
    slack = await startWorkspaceServer({ workspace: createWorkspace({ manifest }) });
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    await slack.stop();
    await redis.stop();
    stops = [];
  });

  async function replica(more: Readonly<Record<string, string>> = {}) {
    const folder = mkdtempSync(join(tmpdir(), 'replica-'));
    const { tokens } = slack.workspace;
    const environment = {
      SLACK_BOT_TOKEN: tokens.bot,
      SLACK_APP_TOKEN: tokens.app,
      SLACK_API_URL: slack.apiUrl,
      SLACK_CHANNEL: '#debug',
      REDIS_URL: redis.url,
      TRACEPULSE_DATA: folder,
      PORT: '0',
      HOST: '127.0.0.1',
      ...more,
    };
    const tools = makeTools(null, () => {});
    const { settings, states } = plan(environment, tools);
    if (settings === null) throw new Error('the settings are good');
    const { url, app, stop } = await compose(environment, settings, states, tools);
    let isStopped = false;
    const end = async () => {
      if (isStopped) return;
      isStopped = true;
      await stop();
      rmSync(folder, { recursive: true, force: true });
    };
    stops.push(end);
    const headers = { 'content-type': 'application/json' };
    const post = (path: string, body: string) => fetch(`${url}${path}`, { method: 'POST', headers, body });
    return {
      stop: end,
      app,
      post,
      async fire(body: string) {
        const response = await post('/webhook/alertmanager', body);
        const { ids = [] } = (await response.json()) as { ids?: string[] };
        return { status: response.status, ids, retryAfter: response.headers.get('retry-after') };
      },
      async push(requests: ReturnType<typeof movedRecording>['requests']) {
        for (const { signal, body } of requests) expect((await post(`/v1/${signal}`, body)).status).toBe(200);
      },
      async context(id: string): Promise<IncidentContext | null> {
        const response = await fetch(`${url}/api/incidents/${id}/context`);
        return response.ok ? ((await response.json()) as IncidentContext) : null;
      },
      problems: async () => ((await (await fetch(`${url}/readyz`)).json()) as { problems: string[] }).problems,
    };
  }

  const cards = () =>
    slack.workspace
      .messages('debug')
      .filter(({ metadata }) => (metadata as { event_type?: string } | null)?.event_type === 'tracepulse_incident');
  const fire = (service: string) => JSON.stringify(alertBody({ service, startsAt: Date.now() }));

  it('find the cause with what the other was told, show one card, and let people speak to either', async () => {
    const [a, b] = [await replica(), await replica()];
    const { requests, alert } = movedRecording(harbour, Date.now());
    await a.push(requests.filter((_, i) => i % 2 === 0));
    await b.push(requests.filter((_, i) => i % 2 === 1));
    const [ofA, ofB] = [await a.fire(alert), await b.fire(alert)];
    expect([ofA.status, ofB.status, ofB.ids]).toEqual([202, 202, ofA.ids]);
    const [id = ''] = ofA.ids;
    for (const each of [a, b]) await expect.poll(async () => (await each.context(id))?.hypotheses[0]?.service).toBe('payment');
    await expect.poll(() => cards().length).toBe(1);
    // Slack gives each act to one of the two, in turn.
    for (const user of ['ana', 'ben']) await slack.workspace.command(user, { channel: 'debug' }, `/tracepulse report ${id}`);
    for (const user of ['ana', 'ben'])
      await expect.poll(() => slack.workspace.ephemerals('debug', user).at(-1)?.text ?? '').toContain('payment');
    const suspect = (await b.context(id))?.hypotheses[0]?.id ?? '';
    const said = await b.post(`/api/incidents/${id}/feedback`, JSON.stringify({ hypothesis: suspect, verdict: 'confirm' }));
    expect(said.status).toBe(200);
    await expect.poll(async () => (await a.context(id))?.hypotheses[0]?.feedback.confirm).toBe(1);
    expect(cards()).toHaveLength(1);
  });

  it('make one incident and one card of a storm that reaches both', async () => {
    const [a, b] = [await replica(), await replica()];
    const body = fire('cart');
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? a : b).fire(body)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.flatMap(({ ids }) => ids)).size).toBe(1);
    await expect.poll(() => cards().length).toBe(1);
    const others = await Promise.all(
      ['orders', 'stock', 'mail', 'login', 'search'].map((service, i) => (i % 2 === 0 ? a : b).fire(fire(service))),
    );
    const all = new Set([...answers, ...others].flatMap(({ ids }) => ids));
    await expect.poll(() => cards().length).toBe(all.size);
  });

  it('lose nothing of what they accepted while one after the other is replaced', async () => {
    let live = [await replica(), await replica()];
    const accepted: string[] = [];
    let isOver = false;
    let number = 0;
    const sending = (async () => {
      while (!isOver) {
        const target = live[number % live.length]!;
        const sent = await target.fire(fire(`svc-${number++ % 6}`)).catch(() => null);
        if (sent?.status === 202) accepted.push(...sent.ids);
      }
    })();
    for (let i = 0; i < 2; i++) {
      await expect.poll(() => number).toBeGreaterThan(15 * (i + 1));
      const [old, other] = live;
      live = [other!];
      await old!.stop();
      live = [other!, await replica()];
    }
    await expect.poll(() => number).toBeGreaterThan(45);
    isOver = true;
    await sending;
    const ids = new Set(accepted);
    expect(ids.size).toBeGreaterThan(0);
    const kept = new Set((await live[0]!.app.incidents({ limit: 1_000 })).incidents.map(({ card }) => card.incident.id));
    expect([...ids].filter((id) => !kept.has(id))).toEqual([]);
    for (const id of ids) await expect.poll(async () => (await live[1]!.context(id)) !== null).toBe(true);
    // One a second goes to a channel, whoever sends it.
    await expect.poll(() => cards().length).toBeGreaterThanOrEqual(ids.size);
    expect(new Set(cards().map(({ metadata }) => JSON.stringify(metadata?.event_payload))).size).toBe(cards().length);
  });

  it('refuse alerts with 503 while Redis is gone, and go on by themselves when it is back', async () => {
    const [a, b] = [await replica(), await replica()];
    const before = await a.fire(fire('cart'));
    expect(before.status).toBe(202);
    await redis.kill();
    expect(await b.fire(fire('orders'))).toMatchObject({ status: 503, retryAfter: expect.stringMatching(/^\d+$/) });
    expect(await a.problems()).toContainEqual(expect.stringMatching(/Redis/));
    await redis.restart();
    await expect.poll(async () => (await b.fire(fire('orders'))).status).toBe(202);
    const kept = (await b.app.incidents({ limit: 10 })).incidents.map(({ card }) => card.incident.id);
    expect(kept).toEqual(expect.arrayContaining(before.ids));
    for (const id of kept) await expect.poll(async () => (await a.context(id)) !== null).toBe(true);
    await expect.poll(() => cards().length).toBe(kept.length);
  });

  it('refuse alerts with 503 and say why while Redis keeps less than was promised', async () => {
    const a = await replica({ TRACEPULSE_REDIS_DURABILITY: 'fsync' });
    expect(await a.fire(fire('cart'))).toMatchObject({ status: 503, retryAfter: expect.stringMatching(/^\d+$/) });
    expect(await a.problems()).toContainEqual(expect.stringMatching(/TRACEPULSE_REDIS_DURABILITY asks for fsync/));
  });
});
