/** Who may do what, through the real client against the workspace. */
import type { WebClient } from '@slack/web-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { actorsPattern, createPermits } from '../../../src/surfaces/slack/permits.ts';
import { eventually } from '../../workspace/bolt.ts';
import { makeTools, type Run, startRun } from './workspace-run.ts';

let run: Run;
const groups = { S0ONCALL: ['U0BEN'] };

beforeAll(async () => {
  run = await startRun({ services: ['payment'], groups, settings: { SLACK_ACTORS: 'U0ANA, S0ONCALL,S0GONE' } });
});
afterAll(() => run.stop());

const told = (user: string, part: string) =>
  eventually(run.server, () => (run.server.workspace.ephemerals('debug', user).at(-1)?.text?.includes(part) ? true : undefined));

describe('with a list of actors', () => {
  it.each([
    ['ana', 'is on it'],
    ['ben', 'is in a group that is'],
  ])('%s, who %s, may resolve and judge', async (user) => {
    run.done.splice(0);
    run.votes.splice(0);
    const at = await run.postCard();
    await run.server.workspace.click(user, at, { actionId: 'incident_resolve' });
    await told(user, '*INC-12* is resolved.');
    await run.server.workspace.click(user, at, { actionId: 'hypothesis_confirm' });
    await told(user, 'you confirmed');
    expect([run.done.length, run.votes.length]).toEqual([1, 1]);
  });

  it('others may read and not act, and are told so', async () => {
    run.done.splice(0);
    run.votes.splice(0);
    const at = await run.postCard();
    for (const actionId of ['incident_resolve', 'incident_mute', 'hypothesis_confirm', 'hypothesis_reject']) {
      await run.server.workspace.click('chris', at, { actionId });
      await told('chris', 'is for others here');
      await run.server.workspace.click('chris', at, { actionId: 'export_open' });
      await told('chris', 'For your coding agent');
    }
    for (const text of ['mute payment 1h', 'resolve 12', 'unmute payment']) {
      await run.server.workspace.command('chris', { channel: 'debug' }, `/tracepulse ${text}`);
      await told('chris', 'is for others here');
      await run.server.workspace.command('chris', { channel: 'debug' }, '/tracepulse incidents');
      await told('chris', 'INC-12');
    }
    expect([run.done, run.votes]).toEqual([[], []]);
  });

  it('a group that cannot be read lets nobody in, and is logged', () => {
    expect(run.log.some(({ text, fields }) => text.includes('user group') && fields['group'] === 'S0GONE')).toBe(true);
    run.server.workspace.clearRefusals();
  });
});

describe('a channel on the list', () => {
  it('lets those act who act in it, and nobody elsewhere', async () => {
    const permits = createPermits('C0ONCALL', () => 0, makeTools([]).log);
    const client = {} as WebClient;
    expect(await permits.may('U0X', 'C0ONCALL', client)).toBe(true);
    expect(await permits.may('U0X', 'C0OTHER', client)).toBe(false);
    expect(await permits.may('U0X', null, client)).toBe(false);
    expect(await createPermits(undefined, () => 0, makeTools([]).log).may('U0X', null, client)).toBe(true);
  });
});

describe('the setting', () => {
  it.each([
    ['U0ANA', true],
    ['U0ANA, S0X1,C0DEBUG', true],
    ['ana', false],
    ['U0ANA;S1', false],
  ])('%s: %s', (text, isGood) => expect(actorsPattern.test(text)).toBe(isGood));
});
