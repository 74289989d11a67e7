import { afterEach, describe, expect, it } from 'vitest';
import { probeCommand } from '../../src/cli/probe.ts';
import { startLoki } from '../stand-ins/loki.ts';
import { startSplunk } from '../stand-ins/splunk.ts';

const never = () => {};
const tools = { fetch: globalThis.fetch, now: Date.now, log: { debug: never, info: never, warn: never, error: never } };
const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function probe(environment: Record<string, string>, waitMs?: number) {
  const said: string[] = [];
  const code = await probeCommand(environment, tools, (text) => said.push(text), waitMs);
  return { code, said };
}

async function started() {
  const [loki, splunk] = [await startLoki(), await startSplunk()];
  stops.push(loki.stop, splunk.stop);
  const settings = {
    LOKI_URL: loki.url,
    LOKI_TOKEN: loki.token,
    LOKI_TENANT: loki.tenant,
    SPLUNK_URL: splunk.url,
    SPLUNK_TOKEN: splunk.token,
  };
  return { loki, splunk, settings };
}

describe('check --probe', () => {
  it('says what each connected system has', async () => {
    const { loki, settings } = await started();
    loki.put({ at: Date.now() - 1_000, service: 'cart', text: 'here' });
    expect(await probe(settings)).toEqual({
      code: 0,
      said: [
        'good  log-source loki: 2 labels; services are named by service_name',
        'good  log-source splunk: it answers, and has no lines of the last hour',
        'Everything that is connected answers.',
      ],
    });
  });

  it('fails for one that refuses, without its secret, and still asks the others', async () => {
    const { splunk, settings } = await started();
    const { code, said } = await probe({ ...settings, SPLUNK_TOKEN: 'expired-token' });
    expect(code).toBe(1);
    expect(said).toContain('BAD   log-source splunk: splunk: search logs (unauthorized): status 401');
    expect(said.join()).toContain('good  log-source loki');
    expect(said.join()).not.toContain('expired-token');
    expect(splunk.asked.length).toBe(1);
  });

  it('waits for none longer than it says', async () => {
    const { loki, settings } = await started();
    loki.hang();
    const { code, said } = await probe(settings, 50);
    expect([code, said[0]]).toEqual([1, expect.stringMatching(/^BAD {3}log-source loki: .*\(timeout\)/)]);
  });

  it('has nothing to ask where nothing is connected, or the workspace takes the place of Slack', async () => {
    expect(await probe({})).toEqual({ code: 0, said: ['Nothing that could be asked is connected.'] });
    const chat = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', TRACEPULSE_WORKSPACE: 'on' };
    expect((await probe(chat)).said).toEqual(['Nothing that could be asked is connected.']);
  });
});
