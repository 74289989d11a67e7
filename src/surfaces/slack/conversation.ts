/**
 * Talk: a reply in a report's thread, a mention, a direct message. What is here at once is answered through the outbox, as a
 * reply in the thread; what takes a while is streamed, step by step. Each answer says where it was read, and asks whether it
 * helped. Where nobody spoke to us we are silent.
 */
import type { App as Bolt, Context } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Log } from '../../adapter.ts';
import type { App } from '../../app.ts';
import { answerIdOf } from '../../domain/answer-rating.ts';
import { readQuestion } from '../../domain/question.ts';
import { placeText, slackNames } from '../../domain/slack-names.ts';
import { answerText } from './answer-text.ts';
import { isAgainKey } from './inbox.ts';
import { heard, mentions, typedText, type Utterance } from './heard.ts';
import { createReply } from './reply.ts';
import { offerToNote } from './said.ts';
import { opens } from './tell.ts';

export interface TalkOptions {
  readonly app: App;
  /** Where cards go unless a route says otherwise. */
  readonly channel: string;
  readonly now: () => number;
  readonly log: Log;
}

interface Spoken extends TalkOptions {
  readonly utterance: Utterance;
  readonly context: Context;
  readonly client: WebClient;
}

export function listenToTalk(bolt: Bolt, options: TalkOptions): void {
  const { app, channel, log } = options;
  const listen = async (event: unknown, context: Context, client: WebClient): Promise<void> => {
    const utterance = heard(event);
    if (utterance === null || utterance.user === context.botUserId) return;
    if (await offerToNote(utterance, app, channel, client, log)) return;
    await answerTo({ ...options, utterance, context, client });
  };
  // The same words may arrive as either: the inbox lets the first one through.
  bolt.event('app_mention', ({ event, context, client }) => listen(event, context, client));
  bolt.message(({ event, context, client }) => listen(event, context, client));
}

async function answerTo(spoken: Spoken): Promise<void> {
  const { utterance, app, context } = spoken;
  const { threadTs } = utterance;
  const place = threadTs === null ? null : placeText({ channel: utterance.channel, ts: threadTs });
  const incidentId = place === null ? null : await app.incidentAt(slackNames.sink, spoken.channel, place);
  const isToUs = utterance.isDirect || mentions(utterance, context.botUserId);
  if (!isToUs && incidentId === null) return;
  const text = typedText(utterance.text);
  // People also talk to each other under a report; only what reads as a question to us is answered unasked.
  if (!isToUs && readQuestion(text) === null && !text.endsWith('?')) return;
  await reply(spoken, incidentId, text === '' ? 'help' : text);
}

async function reply({ utterance, app, context, client, now, log }: Spoken, incidentId: string | null, text: string): Promise<void> {
  const { user, ts } = utterance;
  const root = utterance.threadTs ?? ts;
  const id = answerIdOf(utterance.channel, ts);
  const isAgain = context[isAgainKey] === true;
  if (isAgain && (await isSaid(client, { channel: utterance.channel, root, id }, log))) return;
  const status = { channel_id: utterance.channel, thread_ts: root, status: 'is looking it up …' };
  await opens(() => client.assistant.threads.setStatus(status), log);
  const team = utterance.isDirect ? undefined : context.teamId;
  const streamed = createReply({ client, place: { channel: utterance.channel, threadTs: root, user, team }, now, log });
  const ask = { incidentId, text, person: `slack:${user}` };
  try {
    // What a crash left behind is said in one piece.
    const answer = await app.ask(isAgain ? ask : { ...ask, tell: streamed.tell });
    if (await streamed.finish(answer, id)) return;
    await app.say({ id, sink: slackNames.sink, channel: utterance.channel, threadId: root, text: answerText(answer), incidentId });
  } catch (error) {
    await streamed.abandon();
    throw error;
  }
}

/** Streamed before the crash: the outbox knows nothing of that, the thread does. */
async function isSaid(client: WebClient, { channel, root, id }: { channel: string; root: string; id: string }, log: Log): Promise<boolean> {
  let found = false;
  await opens(async () => {
    const { messages } = await client.conversations.replies({ channel, ts: root, include_all_metadata: true, limit: maxReplies });
    found = (messages ?? []).some(({ metadata }) => (metadata?.event_payload as { id?: unknown } | undefined)?.id === id);
  }, log);
  return found;
}

const maxReplies = 200;
