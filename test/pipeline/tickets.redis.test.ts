/** Two replicas that share a real Redis: fifty presses by ten people on both make one issue. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRedisLedger } from '../../src/adapters/ledgers/redis.ts';
import { connectRedis, parseRedisAddress, type RedisClient } from '../../src/adapters/redis-connection.ts';
import { jira } from '../../src/adapters/sinks/jira/jira.ts';
import { hasRedis, type RedisServer, startRedis } from '../redis-server.ts';
import { type JiraStandIn, startJira } from '../stand-ins/jira.ts';
import { alertBody, delivery, rememberingSink, start as startsAt, testProduct } from '../support/app.ts';

const token = 'atlassian-token-77';
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const wish = { project: 'OPS', type: 'Task', priority: null, assignee: null, summary: 'Fix it', description: 'It is broken' };

describe.skipIf(!hasRedis)('an issue, with replicas on Redis', () => {
  let redis: RedisServer;
  let client: RedisClient;
  let server: JiraStandIn;
  let now = () => startsAt;
  beforeAll(async () => {
    redis = await startRedis();
    client = connectRedis(parseRedisAddress(redis.url)!);
    server = await startJira({ flavour: 'cloud', token, email: 'bot@example.com', now: () => now() });
  });
  afterAll(async () => {
    client.disconnect();
    await server.stop();
    await redis.stop();
  });

  it('is one, whoever presses and on whichever replica', async () => {
    const settings = { JIRA_URL: server.url, JIRA_EMAIL: 'bot@example.com', JIRA_TOKEN: token, JIRA_PROJECT: 'OPS' };
    const sinks = () =>
      new Map([
        ['slack', rememberingSink().sink],
        ['jira', jira.create(jira.settings.parse(settings), { fetch: globalThis.fetch, now: () => now(), log: silent })],
      ]);
    const replica = () => testProduct({ sinks: sinks(), ledger: createRedisLedger({ client, now: () => now() }) });
    const [product, other] = [replica(), replica()];
    now = product.now;
    await product.app.receive('alertmanager', delivery('/webhook/alertmanager', alertBody({ service: 'cart', status: 'firing' })));
    await product.pass(3_000);
    server.lag(1);
    const asked = Array.from({ length: 50 }, (_, i) =>
      (i % 2 === 0 ? product : other).app.openTicket({ incidentId: 'INC-1', wish, person: `slack:U${i % 10}` }),
    );
    await Promise.all(asked);
    // Second by second together: the clock of one may not run past the lease of what the other is just sending.
    for (let second = 0; second < 60; second++) await Promise.all([product.pass(1_000), other.pass(1_000)]);
    expect(server.issues.map(({ key }) => key)).toEqual(['OPS-1']);
    await Promise.all([product.close(), other.close()]);
  });
});
