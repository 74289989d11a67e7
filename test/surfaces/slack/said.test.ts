/**
 * What people say under a report, through the strict workspace: read back to the one who said it, noted after one press, and
 * after none where they press No. The same sentences whatever a model is there: what is read is read without one.
 */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../workspace/bolt.ts';
import { type Run, startRun } from './workspace-run.ts';

let run: Run;
let at: { channel: string; ts: string };
beforeAll(async () => {
  run = await startRun({ services: ['payment', 'catalog', 'redis', 'checkout', 'user-service'] });
  at = await run.postCard();
});
afterAll(() => run.stop());
afterEach(() => {
  expect(run.server.workspace.refusals()).toEqual([]);
  run.votes.splice(0);
  run.done.splice(0);
});

const offers = () => run.server.workspace.ephemerals('debug', 'ben').filter(({ text }) => text.startsWith('Shall I note'));

async function offered(text: string): Promise<{ text: string; ts: string }> {
  const before = new Set(offers().map(({ ts }) => ts));
  run.server.workspace.reply('ben', at, text);
  return eventually(run.server, () => offers().find(({ ts }) => !before.has(ts)));
}

/** `+payment`, `-payment (redis: note)`, `fact: …`, as they reached the product. */
function noted(): string[] {
  const votes = run.votes.map(({ verdict, hypothesisId, actualService, note }) => {
    const really = [actualService, note].filter((part) => part != null).join(': ');
    return `${verdict === 'confirm' ? '+' : '-'}${hypothesisId}${really === '' ? '' : ` (${really})`}`;
  });
  return [...votes, ...run.done.flatMap((done) => (done.verb === 'note' ? [`fact: ${done.text}`] : []))];
}

it.each([
  ['no, it was the redis failover', ['-h1aaaaa (redis: the redis failover)']],
  ['confirmed', ['+h1aaaaa']],
  ['catalog is fine, we restarted payment at 10:02', ['fact: catalog is fine', 'fact: we restarted payment at 10:02']],
  ['Confirmed!', ['+h1aaaaa']],
  ['yes, confirmed', ['+h1aaaaa']],
  ['I can confirm', ['+h1aaaaa']],
  ['that was it', ['+h1aaaaa']],
  ['spot on', ['+h1aaaaa']],
  ['it was payment', ['+h1aaaaa']],
  ['*payment* is the culprit', ['+h1aaaaa']],
  ['confirmed, it was `payment`', ['+h1aaaaa']],
  ['No, it was redis', ['-h1aaaaa (redis)']],
  ['nope, it was DNS', ['-h1aaaaa (DNS)']],
  ['no, it was the user service', ['-h1aaaaa (user-service: the user service)']],
  ['not payment, it was redis', ['-h1aaaaa (redis)']],
  ['redis was the culprit', ['-h1aaaaa (redis)']],
  ['that is wrong', ['-h1aaaaa']],
  ['no, that’s not it', ['-h1aaaaa']],
  ['payment is perfectly healthy', ['-h1aaaaa']],
  ['payment is not the cause', ['-h1aaaaa']],
  ['We rolled back checkout to v41', ['fact: We rolled back checkout to v41']],
  ['payment was restarted at 10:02', ['fact: payment was restarted at 10:02']],
  ['ops failed over the database 5 minutes ago', ['fact: ops failed over the database 5 minutes ago']],
  ['confirmed, we scaled up payment', ['+h1aaaaa', 'fact: we scaled up payment']],
  ['fyi, the feature flag was disabled', ['fact: the feature flag was disabled']],
])('notes “%s” after one press, and nothing before', async (text, expected) => {
  const offer = await offered(text);
  expect(noted()).toEqual([]);
  expect(await run.server.workspace.click('ben', { channel: at.channel, ts: offer.ts }, { actionId: 'said_note' })).toMatchObject({
    ok: true,
  });
  await eventually(run.server, () => (noted().length >= expected.length ? true : undefined));
  expect(noted()).toEqual(expected);
});

it('notes nothing that was declined', async () => {
  const offer = await offered('no, it was redis');
  expect(await run.server.workspace.click('ben', { channel: at.channel, ts: offer.ts }, { actionId: 'said_drop' })).toMatchObject({
    ok: true,
  });
  await eventually(run.server, () =>
    run.server.workspace.ephemerals('debug', 'ben').some(({ ts }) => ts === offer.ts) ? undefined : true,
  );
  expect(noted()).toEqual([]);
});
