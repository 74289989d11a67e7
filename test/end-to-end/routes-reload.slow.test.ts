/**
 * The file of settings is changed while the product runs, as an operator does it: what it says of routes holds for the next
 * incident without a restart, a mistake changes nothing, and a file that is gone leaves the channel of the settings. A real process.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import manifest from '../../manifest.json' with { type: 'json' };
import { startWorkspaceServer, type WorkspaceServer } from '../../src/workspace/server.ts';
import { createWorkspace } from '../../src/workspace/workspace.ts';
import { alertBody } from '../support/app.ts';
import { patience } from '../support/patience.ts';

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts');
const channels = ['debug', 'payments'].map((name) => ({ name, hasApp: true }));

describe('a file of settings that changes while the product runs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'routes-'));
  let slack: WorkspaceServer;
  let child: ChildProcess;
  let said = '';
  let url = '';
  beforeAll(async () => {
    slack = await startWorkspaceServer({ workspace: createWorkspace({ manifest, channels }) });
    const { tokens } = slack.workspace;
    child = spawn(process.execPath, [main, 'start'], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'] ?? '',
        SLACK_BOT_TOKEN: tokens.bot,
        SLACK_APP_TOKEN: tokens.app,
        SLACK_API_URL: slack.apiUrl,
        SLACK_CHANNEL: '#debug',
        TRACEPULSE_DATA: folder,
        PORT: '0',
        HOST: '127.0.0.1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    url = await vi.waitFor(() => {
      const [, listening] = /listens on (\S+)/.exec(said) ?? [];
      if (listening === undefined) throw new Error(`it does not listen: ${said}`);
      return listening;
    }, patience);
  });
  afterAll(async () => {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
    await slack.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** As editors do: another file takes its place. */
  function save(text: string): void {
    writeFileSync(join(folder, 'new.yaml'), text);
    renameSync(join(folder, 'new.yaml'), join(folder, 'tracepulse.config.yaml'));
  }
  const times = (words: string) => said.split(words).length - 1;
  async function afterSaving(text: string | null, words: string): Promise<void> {
    const before = times(words);
    if (text === null) rmSync(join(folder, 'tracepulse.config.yaml'));
    else save(text);
    await expect.poll(() => times(words)).toBe(before + 1);
  }
  const readAgain = 'routes are read again';

  /** Service by service, where its card was to stand. */
  const asked = new Map<string, readonly string[]>();
  const stands = (service: string) =>
    channels.flatMap(({ name }) =>
      slack.workspace.messages(name).flatMap(({ threadTs, text }) => (threadTs === null && text.includes(service) ? [name] : [])),
    );
  async function fire(service: string, expected: readonly string[]): Promise<void> {
    const body = JSON.stringify(alertBody({ service, startsAt: Date.now() }));
    const answer = await fetch(`${url}/webhook/alertmanager`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect(answer.status).toBe(202);
    await expect.poll(() => stands(service)).toEqual(expected);
    asked.set(service, expected);
  }
  /** None came later to where it was not to stand. */
  afterEach(() => {
    for (const [service, expected] of asked) expect(stands(service)).toEqual(expected);
  });

  it('has its routes followed at once, by the next incident, while a card that stands stays alone where it is', async () => {
    await fire('cart', ['debug']);
    await afterSaving(
      'TRACEPULSE_ROUTES:\n  - match: { service: "pay*" }\n    channels: ["#payments"]\n  - match: { service: cart }\n    channels: ["#payments"]\n',
      readAgain,
    );
    await fire('payment', ['payments']);
    await fire('wallet', ['debug']);
    await afterSaving('TRACEPULSE_ROUTES:\n  - match: { service: "wal*" }\n    channels: ["#debug", "#payments"]\n', readAgain);
    await fire('walrus', ['debug', 'payments']);
    await fire('payout', ['debug']);
  });

  it('changes nothing with a mistake in it, which the log names', async () => {
    await afterSaving('TRACEPULSE_ROUTES:\n  - match: { service: 7 }\n', 'the changed configuration is not used');
    expect(said).toMatch(/not used.*TRACEPULSE_ROUTES/s);
    await fire('wallaby', ['debug', 'payments']);
  });

  it('leaves no route when it is gone', async () => {
    await afterSaving(null, readAgain);
    await fire('wallflower', ['debug']);
  });
});
