import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppKey } from '../../../../src/adapters/change-sources/github/app-key.ts';
import { githubApp } from '../../../../src/adapters/change-sources/github/github.ts';
import { type GitHubStandIn, startGitHub } from '../../../stand-ins/github.ts';

const alertAt = Date.parse('2026-03-01T12:00:00Z');
const window = { fromMs: alertAt - 600_000, toMs: alertAt };
const never = () => {};
const log = { debug: never, info: never, warn: never, error: never };

let hub: GitHubStandIn;
beforeEach(async () => {
  hub = await startGitHub();
});
afterEach(() => hub.stop());

const settingsWith = (key: string) => ({
  GITHUB_APP_ID: '4711',
  GITHUB_APP_INSTALLATION_ID: '815',
  GITHUB_APP_PRIVATE_KEY: key,
  GITHUB_API_URL: hub.url,
  GITHUB_REPOSITORIES: 'acme/shop:cart',
});

function source(clock: { at: number }, key = hub.appKey) {
  const settings = githubApp.settings.parse(settingsWith(key));
  const adapter = githubApp.create(settings, { fetch: globalThis.fetch, now: () => clock.at, log });
  return () => adapter.changes(window, ['cart'], new AbortController().signal, []);
}

describe("a GitHub App's key", () => {
  it('is exchanged once for an hour, whatever is asked at the same time', async () => {
    const clock = { at: alertAt };
    const ask = source(clock);
    await Promise.all([ask(), ask()]);
    clock.at += 50 * 60_000;
    await ask();
    expect(hub.signIns()).toBe(1);
    clock.at += 9 * 60_000;
    await ask();
    expect(hub.signIns()).toBe(2);
  });

  it('may be written in one line, as environments want it', async () => {
    const ask = source({ at: alertAt }, hub.appKey.replaceAll('\n', '\\n'));
    await ask();
    expect(hub.signIns()).toBe(1);
  });

  it('is refused at the start when it is no key, without being said', () => {
    const { error } = AppKey.safeParse({ ...settingsWith('ghp_notAKey'), GITHUB_APP_INSTALLATION_ID: '815' });
    expect(error?.message).toContain('PEM');
    expect(error?.message).not.toContain('ghp_notAKey');
  });

  it('that GitHub does not know is a refusal, and the next question asks again', async () => {
    const other = await startGitHub();
    other.stop();
    const ask = source({ at: alertAt }, other.appKey);
    await expect(ask()).rejects.toMatchObject({ code: 'unauthorized', system: 'github' });
    await expect(ask()).rejects.toMatchObject({ code: 'unauthorized' });
  });
});
