/**
 * A replica is killed without warning in the middle of a report: another finishes it within 15 s, which is promised, and people
 * see one card.
 * Real processes, a real Redis, a log store that never answers so that there is a middle to be killed in.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import manifest from '../../manifest.json' with { type: 'json' };
import { startWorkspaceServer, type WorkspaceServer } from '../../src/workspace/server.ts';
import { createWorkspace } from '../../src/workspace/workspace.ts';
import { hasRedis, type RedisServer, startRedis } from '../redis-server.ts';
import { alertBody } from '../support/app.ts';

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts');

interface Replica {
  readonly url: string;
  kill(signal: NodeJS.Signals): Promise<void>;
}

describe.skipIf(!hasRedis)('a replica that is killed in the middle of a report', () => {
  let redis: RedisServer;
  let slack: WorkspaceServer;
  let logs: Server;
  let asked: (() => void)[] = [];
  let children: ChildProcess[] = [];
  let folders: string[] = [];
  beforeEach(async () => {
    redis = await startRedis(['--appendonly', 'yes']);
    slack = await startWorkspaceServer({ workspace: createWorkspace({ manifest }) });
    logs = createServer(() => {
      for (const tell of asked.splice(0)) tell();
    }).listen(0, '127.0.0.1');
    await once(logs, 'listening');
  });
  afterEach(async () => {
    for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    logs.closeAllConnections();
    logs.close();
    await slack.stop();
    await redis.stop();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    [asked, children, folders] = [[], [], []];
  });

  async function replica(): Promise<Replica> {
    const folder = mkdtempSync(join(tmpdir(), 'replica-'));
    folders.push(folder);
    const address = logs.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { tokens } = slack.workspace;
    const env = {
      PATH: process.env['PATH'] ?? '',
      SLACK_BOT_TOKEN: tokens.bot,
      SLACK_APP_TOKEN: tokens.app,
      SLACK_API_URL: slack.apiUrl,
      SLACK_CHANNEL: '#debug',
      REDIS_URL: redis.url,
      LOKI_URL: `http://127.0.0.1:${port}`,
      TRACEPULSE_DATA: folder,
      PORT: '0',
      HOST: '127.0.0.1',
    };
    const child = spawn(process.execPath, [main, 'start'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'ignore'] });
    children.push(child);
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const listening = () => /listens on (\S+)/.exec(said)?.[1];
    await expect.poll(listening).toBeDefined();
    return {
      url: listening() ?? '',
      async kill(signal) {
        child.kill(signal);
        await once(child, 'exit');
      },
    };
  }

  const cards = () =>
    slack.workspace
      .messages('debug')
      .filter(({ metadata }) => (metadata as { event_type?: string } | null)?.event_type === 'tracepulse_incident');
  const fire = async (url: string) => {
    const body = JSON.stringify(alertBody({ service: 'cart', startsAt: Date.now() }));
    const response = await fetch(`${url}/webhook/alertmanager`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect(response.status).toBe(202);
    return ((await response.json()) as { ids: string[] }).ids[0] ?? '';
  };

  it('is followed by another within 15 s, with one card', async () => {
    const first = await replica();
    const reading = new Promise<void>((resolve) => asked.push(resolve));
    const id = await fire(first.url);
    await reading;
    await first.kill('SIGKILL');
    const killedAt = performance.now();
    // It was not there when the work was asked for: nothing woke it but the ledger.
    const second = await replica();
    const report = async () => (await fetch(`${second.url}/api/incidents/${id}/context`)).status;
    await expect.poll(report).toBe(200);
    const tookMs = performance.now() - killedAt;
    process.stdout.write(`a report was taken over ${Math.round(tookMs)} ms after its replica was killed\n`);
    expect(tookMs).toBeLessThan(15_000);
    await expect.poll(() => cards().length).toBe(1);
    await second.kill('SIGTERM');
    expect(cards()).toHaveLength(1);
  });
});
