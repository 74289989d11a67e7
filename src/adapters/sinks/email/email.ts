/**
 * Letters. What was sent cannot be edited, so a letter is written only for news (`told.ts`), each an answer to the one
 * before: mail programs show an incident as one conversation. Each address is a place of its own, with its own receipt: one
 * that refuses keeps no letter from the others, and one that asks for patience gets its letter later.
 */
import { z } from 'zod';
import { Failure } from '../../../domain/failure.ts';
import type { Card } from '../../../domain/report.ts';
import { allNews, newsOf, Told, toldAfter } from '../../../domain/told.ts';
import { type Sent, type Shipment, sink } from '../../../ports.ts';
import type { DeliveryOptions } from '../../../ports/delivery.ts';
import { prepareDrawing } from '../../drawing.ts';
import { type Address, domainOf, masked, readAddress, readAddresses } from './address.ts';
import { failureFrom, wasRefused } from './failures.ts';
import { type Letter, letterAbout, letterSaying, type Sender } from './letter.ts';
import { createDraw, type Draw } from './pictures.ts';
import { letterId, stateText, textId, type Thread, threadOf } from './thread.ts';
import { connect, type Transport } from './transport.ts';

/** Enough that what comes at once is one letter, not three. */
const paceMs = 1_000;

type Shipped<Kind extends Shipment['kind']> = Extract<Shipment, { kind: Kind }>;

export const email = sink({
  id: 'email',
  settings: z.object({
    SMTP_URL: z
      .string()
      .refine(isSmtpUrl, 'must be smtp://user:password@host:port or smtps://…')
      .describe('Mail server: `smtp://user:password@host:587` (STARTTLS) or `smtps://user:password@host:465`'),
    EMAIL_FROM: z
      .string()
      .refine((text) => readAddress(text) !== null, 'must be one mail address')
      .describe('Address that letters come from, as `ops@example.com` or `TracePulse <ops@example.com>`'),
    EMAIL_TO: z
      .string()
      .refine(
        (text) => readAddresses(text).length > 0 && readAddresses(text).every((read) => read !== null),
        'must be mail addresses, separated by commas',
      )
      .describe('Addresses that get letters about every incident, comma-separated; routes name others as `email:ops@example.com`'),
    EMAIL_UNSUBSCRIBE_URL: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Where people take themselves off the list; without it they are told to write to EMAIL_FROM'),
  }),
  create({ SMTP_URL, EMAIL_FROM, EMAIL_TO, EMAIL_UNSUBSCRIBE_URL }, { log }) {
    const from = readAddress(EMAIL_FROM);
    if (from === null) throw new Error('EMAIL_FROM was checked and is no address');
    const sender: Sender = { from, unsubscribeUrl: EMAIL_UNSUBSCRIBE_URL ?? null };
    const transport = connect(SMTP_URL);
    const draw = createDraw(log);
    return {
      channels: readAddresses(EMAIL_TO).flatMap((to) => (to === null ? [] : [to.address])),
      paceMs,
      async deliver(shipment, { signal, ...plans }) {
        const to = recipient(shipment.channel);
        return shipment.kind === 'card'
          ? tell(shipment, { transport, sender, draw, to, signal }, plans)
          : say(shipment, { transport, sender, draw, to, signal });
      },
      prepare: prepareDrawing,
      async probe(signal) {
        const attempt = 'ask the mail server whether it knows us';
        try {
          await bounded(() => transport.verify(), signal);
        } catch (error) {
          throw failureFrom(error, attempt, signal);
        }
        return `it takes letters from ${from.address}`;
      },
      close: async () => transport.close(),
    };
  },
});

interface Way {
  readonly transport: Transport;
  readonly sender: Sender;
  readonly draw: Draw;
  readonly to: Address;
  readonly signal: AbortSignal;
}

type Plans = Pick<DeliveryOptions, 'firstPlan' | 'dropPlan'>;
/** What a letter is to say, settled before it goes out. */
const Plan = z.object({ news: z.enum(allNews), told: Told, messageId: z.string() });

/**
 * Whether an earlier try went through cannot be asked. So what a letter says is settled before it is sent: another try, also
 * by another process and after the report has changed, sends the same letter under the same id, and mail programs show it
 * once. What has become news since is the next letter.
 */
async function tell({ card, receipt }: Shipped<'card'>, way: Way, { firstPlan = async (_, plan) => plan, dropPlan }: Plans): Promise<Sent> {
  const before = threadOf(receipt);
  const news = newsOf(card, before?.told ?? null);
  if (before !== null && news === null) return sentOf(before);
  const told = toldAfter(card, before?.told ?? null);
  const plan = { news: news ?? 'opened', told, messageId: letterId(card.incident, told, news ?? 'opened', domainOf(way.sender.from)) };
  const settled = Plan.parse(await firstPlan(`letter ${told.count}`, plan));
  const thread = await write(card, settled, before, way).catch(async (error: unknown) => {
    if (wasRefused(error)) await dropPlan?.();
    throw error;
  });
  return { ...sentOf(thread), ...(newsOf(card, thread.told) === null ? {} : { hasMore: true }) };
}

function sentOf(thread: Thread): Sent {
  return { messageId: thread.rootId, url: null, state: stateText(thread) };
}

async function write(card: Card, { news, told, messageId }: z.infer<typeof Plan>, before: Thread | null, way: Way): Promise<Thread> {
  const rootId = before?.rootId ?? messageId;
  const pictures = news === 'resolved' ? [] : await way.draw(card);
  await send(letterAbout(card, news, { ...way, messageId, inReplyTo: before?.lastId ?? null, rootId, pictures }), way, card.incident.id);
  return { rootId, lastId: messageId, told };
}

async function say({ text, threadId, id }: Shipped<'text'>, way: Way): Promise<Sent> {
  const messageId = textId(id, domainOf(way.sender.from));
  await send(letterSaying(text, { ...way, messageId, inReplyTo: threadId }), way, 'an answer');
  return { messageId, url: null };
}

async function send(letter: Letter, { transport, to, signal }: Way, what: string): Promise<void> {
  const attempt = `send a letter about ${what} to ${masked(to.address)}`;
  try {
    await bounded(() => transport.sendMail({ ...letter, headers: { ...letter.headers }, list: { ...letter.list }, signal }), signal);
  } catch (error) {
    throw failureFrom(error, attempt, signal);
  }
}

/** Routes are checked when they are read, but not for what each sink makes of a channel. */
function recipient(channel: string): Address {
  const read = readAddress(channel);
  if (read === null) throw new Failure('rejected', 'email', 'send a letter', { hint: 'a route names something that is no mail address' });
  return read;
}

/** The transport heeds the signal while it sends; while it waits for a connection it need not. */
async function bounded<T>(begin: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop = () => {};
  const late = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    const work = begin();
    // What ends after the deadline has nobody left to tell.
    work.catch(() => {});
    return await Promise.race([work, late]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function isSmtpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  try {
    decodeURIComponent(username + password);
  } catch {
    return false;
  }
  return (protocol === 'smtp:' || protocol === 'smtps:') && hostname !== '';
}
