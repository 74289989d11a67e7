/**
 * Talk: a reply in a report's thread, a mention, a direct message. Answers come from what is kept, go through the outbox
 * as a reply in the thread, and say where they were read. Where nobody spoke to us we are silent.
 */
import type { App as Bolt, Context } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Log } from '../../adapter.ts';
import type { Answer, App } from '../../app.ts';
import { escaped, escapedRows } from '../../domain/mrkdwn.ts';
import { readQuestion } from '../../domain/question.ts';
import { placeText, slackNames } from '../../domain/slack-names.ts';
import { offerToNote } from './said.ts';
import { heard, mentions, typedText, type Utterance } from './heard.ts';

const maxRows = 2_400;
const maxSources = 6;

export function listenToTalk(bolt: Bolt, app: App, channel: string, log: Log): void {
  const listen = async (event: unknown, context: Context, client: WebClient): Promise<void> => {
    const utterance = heard(event);
    if (utterance === null || utterance.user === context.botUserId) return;
    if (await offerToNote(utterance, app, channel, client, log)) return;
    await answerTo(utterance, app, channel, context.botUserId);
  };
  // The same words may arrive as either: the inbox lets the first one through.
  bolt.event('app_mention', ({ event, context, client }) => listen(event, context, client));
  bolt.message(({ event, context, client }) => listen(event, context, client));
}

async function answerTo(utterance: Utterance, app: App, channel: string, botUser: string | undefined): Promise<void> {
  const { threadTs, user, ts } = utterance;
  const incidentId =
    threadTs === null ? null : await app.incidentAt(slackNames.sink, channel, placeText({ channel: utterance.channel, ts: threadTs }));
  const isToUs = utterance.isDirect || mentions(utterance, botUser);
  if (!isToUs && incidentId === null) return;
  const text = typedText(utterance.text);
  // People also talk to each other under a report; only what reads as a question to us is answered unasked.
  if (!isToUs && readQuestion(text) === null && !text.endsWith('?')) return;
  const answer = await app.ask({ incidentId, text: text === '' ? 'help' : text, person: `slack:${user}` });
  await app.say({
    id: `answer:${utterance.channel}:${ts}`,
    sink: slackNames.sink,
    channel: utterance.channel,
    threadId: threadTs ?? ts,
    text: answerText(answer),
    incidentId,
  });
}

export function answerText({ text, lines, sources }: Answer): string {
  const parts = [escaped(text, 1_000)];
  if (lines.length > 0) parts.push(`\`\`\`\n${escapedRows(lines, maxRows)}\n\`\`\``);
  const cited = [...new Set(sources)].slice(0, maxSources).map((source) => escaped(source, 60));
  const rest = new Set(sources).size - cited.length;
  if (cited.length > 0) parts.push(`_Read from: ${cited.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}_`);
  return parts.join('\n');
}
