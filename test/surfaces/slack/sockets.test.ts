import { WebAPIRequestError } from '@slack/web-api';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { manualClock } from '../../../src/workspace/clock.ts';
import { eventually } from '../../workspace/bolt.ts';
import { type Run, startRun } from './workspace-run.ts';

/** The SDK's `clientPingTimeout` as the product sets it: it tries again after that long. */
const sdkWaitMs = 5_000;

let run: Run;
let before: number;

beforeEach(async () => {
  before = process.listenerCount('unhandledRejection');
  run = await startRun();
});
afterEach(() => run.stop());

/** What Node does with a rejection that nobody caught; other listeners, the test runner's among them, are left out. */
function surface(reason: unknown): void {
  const guard = process.listeners('unhandledRejection').at(-1);
  guard?.(reason, Promise.resolve());
}

function countOpened(): () => number {
  let opened = 0;
  run.server.workspace.faults.setRule(({ method }) => {
    if (method === 'apps.connections.open') opened++;
    return null;
  });
  return () => opened;
}

describe('connections', () => {
  it('replaces one that the SDK has given up, and only that', async () => {
    const { workspace } = run.server;
    const opened: number[] = [];
    workspace.subscribe((change) => {
      if (change.kind === 'sockets') opened.push(change.connections);
    });
    workspace.cutSockets('oldest');
    await eventually(run.server, () => (run.surface.connected() === 1 ? true : undefined));
    surface(new WebAPIRequestError(new Error('socket hang up')));
    await eventually(run.server, () => (run.surface.connected() === 2 && workspace.connections() === 2 ? true : undefined));
    surface(new WebAPIRequestError(new Error('socket hang up')));
    expect(run.surface.connected()).toBe(2);
    expect(Math.max(...opened)).toBe(2);
    expect(await workspace.command('ana', { channel: 'debug' }, '/tracepulse help')).toEqual({ ok: true });
  });

  it('comes back at once when both are refreshed together', async () => {
    const { workspace } = run.server;
    const opened = countOpened();
    run.pass(60_000);
    const delay = globalThis.setTimeout;
    const stretched = (act: () => void, ms?: number) => delay(act, ms === sdkWaitMs ? 2 ** 30 : ms);
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(stretched as typeof setTimeout);
    try {
      workspace.refreshSockets('all');
      // By ourselves: the SDK alone would wait, and here for ever.
      await eventually(run.server, () => (opened() === 2 && workspace.connections() === 4 ? true : undefined));
    } finally {
      vi.restoreAllMocks();
    }
    expect(await workspace.command('ana', { channel: 'debug' }, '/tracepulse help')).toEqual({ ok: true });
  });

  it('does not hurry back where it is turned away at once', async () => {
    const { workspace, apiUrl } = run.server;
    const opened = countOpened();
    workspace.refreshSockets('all');
    await eventually(run.server, () => (run.surface.connected() === 0 && workspace.connections() === 0 ? true : undefined));
    await fetch(`${apiUrl}auth.test`, { method: 'POST' }); // whatever was asked for before this has arrived
    expect(opened()).toBe(0);
  });

  it('says once that the app token is refused, and stops trying', async () => {
    const { workspace } = run.server;
    workspace.cutSockets('oldest');
    await eventually(run.server, () => (run.surface.connected() === 1 ? true : undefined));
    workspace.faults.inject('apps.connections.open', { kind: 'refuse', error: 'invalid_auth' }, 10);
    surface(new WebAPIRequestError(new Error('socket hang up')));
    const problem = await eventually(run.server, () => run.surface.problem() ?? undefined);
    expect(problem).toMatch(/SLACK_APP_TOKEN \(invalid_auth\)/);
    expect(run.log.filter((line) => line.level === 'error' && line.text.includes('refuses the app token'))).toHaveLength(1);
  });

  it('says so and stops where the app token was revoked, which the SDK would try for ever', async () => {
    const { workspace } = run.server;
    const opened = countOpened();
    workspace.revokeTokens();
    run.pass(60_000);
    workspace.refreshSockets('all');
    const problem = await eventually(run.server, () => run.surface.problem() ?? undefined);
    expect(problem).toMatch(/SLACK_APP_TOKEN \(token_revoked\)/);
    expect(run.log.filter((line) => line.level === 'error' && line.text.includes('refuses the app token'))).toHaveLength(1);
    workspace.cutSockets('all');
    const settled = () => fetch(`${run.server.apiUrl}auth.test`, { method: 'POST' }); // whatever was asked for before this is answered
    // Each of the two asked for its successor, and once more when it was lost; neither asks again.
    await eventually(run.server, () => (run.surface.connected() === 0 && opened() === 3 ? true : undefined));
    await settled();
    surface(new WebAPIRequestError(new Error('socket hang up')));
    await eventually(run.server, () => (opened() === 4 ? true : undefined));
    await settled();
    surface(new WebAPIRequestError(new Error('socket hang up')));
    await settled();
    expect(opened()).toBe(4);
  });

  it('leaves faults of others to others', () => {
    expect(() => surface(new Error('a bug elsewhere'))).not.toThrow();
    expect(run.surface.connected()).toBe(2);
  });

  it('leaves nothing behind when it stops, once what was under way has failed without ending the process', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      await run.surface.stop();
      const unsent = Object.assign(new Error('Failed to send a message as the client is not ready'), {
        code: 'slack_socket_mode_send_while_not_ready_error',
      });
      expect(process.listenerCount('unhandledRejection')).toBe(before + 1);
      expect(() => surface(unsent)).not.toThrow();
      vi.advanceTimersByTime(15_000);
      expect(process.listenerCount('unhandledRejection')).toBe(before);
    } finally {
      vi.useRealTimers();
    }
    await eventually(run.server, () => (run.server.workspace.connections() === 0 ? true : undefined));
  });
});

describe('connections that Slack refreshes', () => {
  it.each([
    ['after a warning', 'warning'],
    ['without a word ahead', 'refresh_requested'],
  ] as const)('lose no click %s, also when both are refreshed at once', async (_, reason) => {
    const clock = manualClock(Date.now());
    const other = await startRun({ clock });
    const { workspace } = other.server;
    const at = await other.postCard();
    const blocks = workspace.message(at)?.blocks ?? [];
    const blockId = String(blocks.find((block) => String(block['block_id']).startsWith('h1aaaaa'))?.['block_id']);
    const press = async (person: string) =>
      expect(await workspace.click(person, at, { actionId: 'hypothesis_confirm', blockId })).toEqual({ ok: true });
    try {
      other.pass(60_000);
      workspace.refreshSockets('all', reason);
      await press('ana'); // by the old ones, which are told to go and still there
      await eventually(other.server, () => (workspace.connections() === 4 ? true : undefined));
      await press('ben');
      clock.advance(10_000); // now Slack sends them away
      await press('chris');
      await eventually(other.server, () => (other.votes.length === 3 ? true : undefined));
      expect(other.votes.map(({ person }) => person)).toEqual(['slack:U0ANA', 'slack:U0BEN', 'slack:U0CHRIS']);
      clock.advance(10_000);
      await eventually(other.server, () => (workspace.connections() === 2 && other.surface.connected() === 2 ? true : undefined));
    } finally {
      await other.stop();
    }
  });
});
