/**
 * Posts and edits in Slack. One root message per incident and channel, edited in place; answers go into threads. Nothing
 * is retried in here: the outbox does that, and knows that a post whose answer was lost must be looked for first.
 */
import { type ChatPostMessageResponse, type ChatUpdateResponse, type FetchFunction, WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { Tools } from '../../../adapter.ts';
import { isAnswerId, ratingBlock } from '../../../domain/answer-rating.ts';
import { Failure } from '../../../domain/failure.ts';
import { redact } from '../../../domain/redact.ts';
import type { Card } from '../../../domain/report.ts';
import { placeText, readPlace, slackNames, type SlackPlace } from '../../../domain/slack-names.ts';
import { type Shipment, sink } from '../../../ports.ts';
import { prepareDrawing } from '../../drawing.ts';
import { type Budget, createBudget } from './budget.ts';
import { plainCard, renderCard, type SlackMessage } from './card.ts';
import { limits } from './details.ts';
import { createFindChannel, type FindChannel, findInChannel, findInThread } from './earlier.ts';
import { blockWords, failureFrom, goneWords, refusalWord } from './failures.ts';
import { showPictures } from './pictures.ts';
import { quietLogger } from './quiet-logger.ts';
import { withdraw } from './withdraw.ts';

/** Slack takes about one message a second and channel (docs: rate limits of chat.postMessage). */
const paceMs = 1_050;
/** A text whose answer was lost is tried again within this time; the outbox gives up after about an hour. */
const lostAnswerMs = 3_600_000;
/** Of a section's text, by Slack. */
const maxSection = 3_000;
/** Where a refusal names no time. */
const unsaidWaitS = 30;
/** Of one call; a delivery may take several and has a deadline of its own. */
const callTimeoutMs = 8_000;

type CardShipment = Extract<Shipment, { kind: 'card' }>;
type TextShipment = Extract<Shipment, { kind: 'text' }>;
/** What is sent: the last form has no blocks. */
type Form = Pick<SlackMessage, 'text' | 'metadata'> & Partial<Pick<SlackMessage, 'blocks'>>;

/** What it takes to look for a message that may have been posted already. */
interface Earlier {
  readonly findChannel: FindChannel;
  readonly now: number;
}

interface Sent {
  readonly messageId: string;
  readonly url: string | null;
}

export const slack = sink({
  id: 'slack',
  settings: z.object({
    SLACK_BOT_TOKEN: z.string().min(1).describe('Bot token of the Slack app (xoxb-…)'),
    SLACK_CHANNEL: z.string().min(1).default('#debug').describe('Channel that gets the reports'),
    SLACK_API_URL: z
      .url({ protocol: /^https?$/ })
      .default('https://slack.com/api/')
      .describe('Base address of the Slack Web API'),
  }),
  create({ SLACK_BOT_TOKEN, SLACK_CHANNEL, SLACK_API_URL }, tools) {
    const budget = createBudget(tools.now);
    const findChannel = createFindChannel();
    const clientFor = (signal: AbortSignal) =>
      new WebClient(SLACK_BOT_TOKEN, {
        slackApiUrl: SLACK_API_URL,
        timeout: callTimeoutMs,
        rejectRateLimitedCalls: true,
        retryConfig: { retries: 0 },
        fetch: boundedFetch(tools, budget, signal),
        logger: quietLogger,
      });
    return {
      channels: [SLACK_CHANNEL],
      paceMs,
      countsEditsApart: true,
      async deliver(shipment, { mayExist, signal }) {
        const client = clientFor(signal);
        try {
          const earlier = mayExist ? { findChannel, now: tools.now() } : null;
          return shipment.kind === 'card' ? await showCard(client, shipment, earlier) : await say(client, shipment, earlier);
        } catch (error) {
          throw failureFrom(error, shipment.kind === 'card' ? `show the card of ${shipment.card.incident.id}` : 'post a reply');
        }
      },
      async illustrate(illustration, { mayExist, signal }) {
        const client = clientFor(signal);
        const { card } = illustration;
        const upload = { fetch: tools.fetch, apiUrl: SLACK_API_URL, signal };
        try {
          await showPictures({ client, upload, log: tools.log }, { ...illustration, card: redacted(card) }, mayExist);
        } catch (error) {
          throw failureFrom(error, `show pictures of ${card.incident.id}`);
        }
      },
      prepare: prepareDrawing,
      async withdraw(messageId, { signal }) {
        const place = readPlace(messageId);
        try {
          if (place !== null) await withdraw(clientFor(signal), place);
        } catch (error) {
          throw failureFrom(error, 'take a card back');
        }
      },
      async probe(signal) {
        try {
          const { user, team } = await clientFor(signal).auth.test();
          return `it is ${user ?? 'known'} in ${team ?? 'a workspace'}; cards go to ${SLACK_CHANNEL}`;
        } catch (error) {
          throw failureFrom(error, 'ask who it is');
        }
      },
    };
  },
});

/** Ends with the delivery's deadline as well as the call's own, so that no call outlives the attempt it belongs to. */
function boundedFetch({ fetch }: Tools, budget: Budget, deadline: AbortSignal): FetchFunction {
  return async (url, init) => {
    const own = init?.signal;
    const method = new URL(String(url)).pathname.split('/').at(-1) ?? '';
    budget.take(method);
    const answer = await fetch(url, { ...init, signal: own ? AbortSignal.any([own, deadline]) : deadline });
    if (answer.status !== 429) return answer;
    const seconds = Number(answer.headers.get('retry-after'));
    budget.rest(method, (seconds > 0 ? seconds : unsaidWaitS) * 1_000);
    if (seconds > 0) return answer;
    // The client cannot read a 429 that names no time; a proxy's often does not.
    return new Response(null, { status: 429, headers: { 'retry-after': String(unsaidWaitS) } });
  };
}

async function showCard(client: WebClient, { card: stored, channel, receipt }: CardShipment, earlier: Earlier | null): Promise<Sent> {
  const card = redacted(stored);
  const place = receipt === null ? earlier && (await earlierCard(client, earlier, channel, card)) : readPlace(receipt.messageId);
  if (place !== null) {
    const answer = await edit(client, place, card);
    if (answer !== null) return { messageId: placeText(place), url: receipt?.url ?? null };
  }
  const posted = await inForms(card, (form) => client.chat.postMessage({ channel, ...form, unfurl_links: false, unfurl_media: false }));
  const at = placeOf(posted);
  return { messageId: placeText(at), url: await permalink(client, at) };
}

/** The report was redacted when it was made; what the alert itself said is stored as it came. */
function redacted(card: Card): Card {
  const { incident } = card;
  const service = incident.service === null ? null : redact(incident.service).text;
  const told = (text: string | null) => (text === null ? null : redact(text).text);
  const tallies = [...card.tallies].map(([id, tally]) => {
    if (tally.remarks === undefined) return [id, tally] as const;
    return [id, { ...tally, remarks: tally.remarks.map((remark) => ({ ...remark, note: told(remark.note) })) }] as const;
  });
  return { ...card, tallies: new Map(tallies), incident: { ...incident, title: redact(incident.title).text, service } };
}

async function earlierCard(client: WebClient, { findChannel }: Earlier, channel: string, card: Card): Promise<SlackPlace | null> {
  const mark = { type: slackNames.cardMetadata, key: 'incident_id', value: card.incident.id };
  return findInChannel(client, await findChannel(client, channel), mark, card.incident.openedAt);
}

/** Null when the message is gone. */
async function edit(client: WebClient, { channel, ts }: SlackPlace, card: Card): Promise<ChatUpdateResponse | null> {
  try {
    return await inForms(card, (form) => client.chat.update({ channel, ts, ...form }));
  } catch (error) {
    if (goneWords.has(refusalWord(error) ?? '')) return null;
    throw error;
  }
}

/** The full card, else a plain one, else its sentence: people must hear of an incident whatever Slack thinks of our blocks. */
async function inForms<Answer>(card: Card, send: (form: Form) => Promise<Answer>): Promise<Answer> {
  const full = renderCard(card);
  for (const form of [full, plainCard(card)]) {
    try {
      return await send(form);
    } catch (error) {
      if (!blockWords.has(refusalWord(error) ?? '')) throw error;
    }
  }
  return send({ text: full.text, metadata: full.metadata });
}

async function say(client: WebClient, { channel, text, threadId, id }: TextShipment, earlier: Earlier | null): Promise<Sent> {
  const root = threadId === null ? null : (readPlace(threadId) ?? { channel, ts: threadId });
  const mark = { type: slackNames.textMetadata, key: 'id', value: id };
  if (earlier !== null) {
    const { findChannel, now } = earlier;
    const found =
      root === null
        ? await findInChannel(client, await findChannel(client, channel), mark, now - lostAnswerMs)
        : await findInThread(client, { ...root, channel: await findChannel(client, root.channel) }, mark);
    if (found !== null) return { messageId: placeText(found), url: null };
  }
  const shown = text.length <= limits.text ? text : `${text.slice(0, limits.text - 1).toWellFormed()}…`;
  const posted = await client.chat.postMessage({
    channel: root?.channel ?? channel,
    text: shown,
    // People say whether an answer helped; nothing else that is said has buttons.
    ...(isAnswerId(id) && shown.length <= maxSection ? { blocks: [section(shown), ratingBlock(id)] } : {}),
    ...(root === null ? {} : { thread_ts: root.ts }),
    metadata: { event_type: mark.type, event_payload: { id } },
    unfurl_links: false,
    unfurl_media: false,
  });
  return { messageId: placeText(placeOf(posted)), url: null };
}

function section(text: string) {
  return { type: 'section' as const, text: { type: 'mrkdwn' as const, text, verbatim: true } };
}

function placeOf({ channel, ts }: ChatPostMessageResponse): SlackPlace {
  if (channel !== undefined && ts !== undefined) return { channel, ts };
  throw new Failure('bad_response', 'slack', 'post a message', { hint: 'the answer does not say where the message stands' });
}

/** A link is a convenience: without it the message still stands. */
async function permalink(client: WebClient, { channel, ts }: SlackPlace): Promise<string | null> {
  try {
    return (await client.chat.getPermalink({ channel, message_ts: ts })).permalink ?? null;
  } catch (error) {
    if (failureFrom(error, 'link to a message') === error) throw error;
    return null;
  }
}
