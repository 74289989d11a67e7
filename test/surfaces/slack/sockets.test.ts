import { WebAPIRequestError } from '@slack/web-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../workspace/bolt.ts';
import { type Run, startRun } from './workspace-run.ts';

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
    workspace.refreshSockets('all');
    // The SDK alone would wait five seconds, longer than anything here waits.
    await eventually(run.server, () => (opened() > 0 && run.surface.connected() === 1 && workspace.connections() === 1 ? true : undefined));
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

  it('leaves faults of others to others', () => {
    expect(() => surface(new Error('a bug elsewhere'))).not.toThrow();
    expect(run.surface.connected()).toBe(2);
  });

  it('leaves nothing behind when it stops', async () => {
    await run.surface.stop();
    await eventually(run.server, () => (run.server.workspace.connections() === 0 ? true : undefined));
    expect(process.listenerCount('unhandledRejection')).toBe(before);
  });
});
