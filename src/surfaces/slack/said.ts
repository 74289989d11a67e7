/**
 * Words under a report that say what it was, or what was done: read back to the person alone with two buttons, and noted only
 * when they press. The button carries what was read, so that what is noted is what was shown.
 */
import type { BlockButtonAction, App as Bolt } from '@slack/bolt';
import type { KnownBlock } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { Log } from '../../adapter.ts';
import type { App } from '../../app.ts';
import { Failure } from '../../domain/failure.ts';
import { bold, escaped } from '../../domain/mrkdwn.ts';
import { redact } from '../../domain/redact.ts';
import { readSaid, type Said, type SaidVerdict } from '../../domain/said-verdict.ts';
import { placeText, slackNames } from '../../domain/slack-names.ts';
import { typedText, type Utterance } from './heard.ts';
import { type Permits, permitted } from './permits.ts';
import { opens, tellBy } from './tell.ts';

/** Of a button's value, by Slack. */
const maxValue = 2_000;
const maxName = 80;
const maxSaid = 200;

const Offered = z.object({
  incidentId: z.string(),
  threadTs: z.string(),
  verdicts: z.array(
    z.object({
      verdict: z.enum(['confirm', 'reject']),
      hypothesisId: z.string(),
      service: z.string(),
      actualService: z.string().nullable(),
      note: z.string().nullable(),
    }),
  ),
  facts: z.array(z.string()),
});

/** True when the words were a verdict or a fact, and the person was asked whether to note them. */
export async function offerToNote(said: Utterance, app: App, channel: string, client: WebClient, log: Log): Promise<boolean> {
  if (said.threadTs === null) return false;
  const incidentId = await app.incidentAt(slackNames.sink, channel, placeText({ channel: said.channel, ts: said.threadTs }));
  const context = incidentId === null ? null : await app.context(incidentId);
  if (incidentId === null || context === null) return false;
  const services = (await app.map()).services.map(({ name }) => name);
  // A secret that is typed here goes nowhere else.
  const read = readSaid(redact(typedText(said.text)).text, { suspects: context.hypotheses, services });
  if (read === null) return false;
  const value = JSON.stringify({ incidentId, threadTs: said.threadTs, ...read });
  if (value.length > maxValue) return false;
  const text = `Shall I note: ${spoken(read)}?`;
  const ask = { channel: said.channel, user: said.user, thread_ts: said.threadTs, text, blocks: askBlocks(text, value) };
  return opens(() => client.chat.postEphemeral(ask), log);
}

/** `*payment* is confirmed; *catalog* is rejected, it was *redis*; “we restarted payment at 10:02”`. */
function spoken({ verdicts, facts }: Said): string {
  return [...verdicts.map(verdictText), ...facts.map((fact) => `“${escaped(fact, maxSaid)}”`)].join('; ');
}

function verdictText({ verdict, service, actualService, note }: SaidVerdict): string {
  const name = bold(escaped(service, maxName));
  if (verdict === 'confirm') return `${name} is confirmed`;
  const really = actualService === null ? '' : bold(escaped(actualService, maxName));
  const words = note === null ? '' : `“${escaped(note, maxSaid)}”`;
  const instead = [really, words].filter((part) => part !== '').join(', ');
  return `${name} is rejected${instead === '' ? '' : `, it was ${instead}`}`;
}

function askBlocks(text: string, value: string): KnownBlock[] {
  const button = (action_id: string, label: string) => ({
    type: 'button' as const,
    action_id,
    text: { type: 'plain_text' as const, text: label },
    value,
  });
  return [
    { type: 'section', text: { type: 'mrkdwn', text, verbatim: true } },
    { type: 'actions', elements: [{ ...button(slackNames.saidNote, 'Note it'), style: 'primary' }, button(slackNames.saidDrop, 'No')] },
  ];
}

export function listenToSaid(bolt: Bolt, app: App, permits: Permits, log: Log): void {
  bolt.action<BlockButtonAction>(slackNames.saidDrop, async ({ ack, respond }) => {
    await ack();
    await opens(() => respond({ delete_original: true }), log);
  });
  bolt.action<BlockButtonAction>(slackNames.saidNote, async ({ ack, action, body, client, respond }) => {
    await ack();
    const tell = tellBy(respond, log);
    if (!(await permitted(permits.may(body.user.id, body.channel?.id ?? null, client), tell))) return;
    const offered = readOffered(action.value);
    if (offered === null) return;
    try {
      await note(offered, app, `slack:${body.user.id}`);
      await opens(() => respond({ replace_original: true, text: `Noted: ${spoken(offered)}.` }), log);
    } catch (error) {
      if (!(error instanceof Failure) || error.isRetryable) throw error;
      await tell(`That could not be noted: ${escaped(error.hint ?? error.message, 300)}`);
    }
  });
}

function readOffered(value: string | undefined): z.infer<typeof Offered> | null {
  try {
    return Offered.parse(JSON.parse(value ?? ''));
  } catch {
    return null;
  }
}

/** Run twice it is the same: the latest word of a person counts, and a fact is kept once. */
async function note({ incidentId, verdicts, facts }: z.infer<typeof Offered>, app: App, person: string): Promise<void> {
  for (const { hypothesisId, verdict, actualService, note: why } of verdicts)
    await app.vote({ incidentId, hypothesisId, verdict, person, ...(verdict === 'reject' ? { actualService, note: why } : {}) });
  for (const text of facts) await app.note({ incidentId, text, person });
}
