/**
 * Sends what the outbox holds: look for a receipt, send, record the receipt (Alertmanager's dedup → retry → record). A
 * card is drawn from the store when its turn comes (rounds.ts), so ten changes that waited are one edit.
 */
import type { Log } from '../adapter.ts';
import { Failure } from '../domain/failure.ts';
import { inTime } from '../domain/in-time.ts';
import { tallies } from '../domain/feedback.ts';
import type { Card, Receipt, SourceProgress } from '../domain/report.ts';
import type { Ledger, Outgoing, Shipment, Sink } from '../ports.ts';
import type { Pace } from '../ports/replicas.ts';
import { ownPace } from './alone.ts';
import { planMark } from '../ports/delivery.ts';
import { illustrationFor } from './illustrate.ts';
import { createRounds, type Rounds, sendWithinMs } from './rounds.ts';
import { cardsAfter, refuseTicket, ticketOn, trackerOf } from './tickets.ts';
import type { Turnstile } from './turnstile.ts';

/** After this many tries a retryable failure is given up and laid aside; with the waits below that is about an hour. */
const maxAttempts = 120;
/** A channel that is back after an outage has its cards within this time. */
const longestWaitMs = 30_000;

export interface DelivererOptions {
  readonly ledger: Ledger;
  readonly sinks: ReadonlyMap<string, Sink>;
  readonly now: () => number;
  readonly log: Log;
  readonly count: (name: string) => void;
  /** How fast each channel may be written to; this process's own where it is absent. */
  readonly pace?: Pace;
  /** Whether alerts wait: pictures then wait as well. */
  readonly isPressed?: () => boolean;
  /** New cards are called out before arithmetic goes on. */
  readonly turnstile?: Pick<Turnstile, 'ahead'>;
  /** What a card without a report waits for. */
  readonly progressOf?: (incidentId: string) => SourceProgress | null;
  /** A channel has come to rest: what waits for it may be sent. */
  readonly freed?: (sink: string) => void;
  /** Takes secrets out of everything a value says. */
  readonly redactDeep: <T>(value: T) => { readonly value: T };
}

export interface Deliverer extends Rounds {
  /** What could not be delivered, by channel, until a delivery succeeds there. */
  readonly problems: ReadonlyMap<string, string>;
}

export function createDeliverer(options: DelivererOptions): Deliverer {
  const problems = new Map<string, string>();
  const { pace = ownPace() } = options;
  const rounds = createRounds({
    ...options,
    pace,
    send: (entry, sink, place) => send(entry, sink, options, problems, place),
    stands: async (entry) => entry.incidentId !== null && receiptOf(entry, await options.ledger.receipts(entry.incidentId)) !== null,
  });
  return { problems, ...rounds };
}

/** Answers how long the channel must rest beyond its pace. */
async function send(entry: Outgoing, sink: Sink, options: DelivererOptions, problems: Map<string, string>, place: string): Promise<number> {
  const { ledger, now, log, count } = options;
  let isEdit = false;
  try {
    if (entry.content.kind === 'pictures') return await sendPictures(entry, sink, options);
    if (entry.content.kind === 'withdrawal') return await sendWithdrawal(entry, entry.content.messageId, sink, options);
    const shipment = await shipmentFor(entry, options);
    isEdit = shipment?.kind === 'card' && shipment.receipt !== null;
    if (shipment === null) {
      await ledger.commit({ outboxDone: [entry] });
      return 0;
    }
    const { made, ...plans } = plansOf(entry, options);
    const { hasMore = false, ...sent } = await sentInTime(entry.sink, (signal) =>
      sink.deliver(shipment, { mayExist: entry.attempts > 1, signal, ...plans }),
    );
    const receipts =
      entry.incidentId !== null && entry.content.kind === 'card'
        ? [{ incidentId: entry.incidentId, sink: entry.sink, channel: entry.channel, at: now(), ...sent }]
        : [];
    const outbox = sink.tracker === undefined || shipment.kind === 'text' ? [] : await cardsAfter(entry, sent, shipment.receipt, options);
    const about = receipts.map(({ incidentId }) => incidentId);
    const outcome = await ledger.commit({ about, outboxDone: hasMore ? [] : [entry], receipts, outbox, receiptsGone: made });
    if (outcome === 'conflict') await takeBack(entry, sent.messageId, shipment, sink, options);
    else if (hasMore) await ledger.postpone(entry, now(), 'untried');
    problems.delete(place);
    count(`deliveries_total{sink="${entry.sink}"}`);
    if (shipment.kind === 'card' && !isEdit)
      log.info('delivered', { incident: entry.incidentId, sink: entry.sink, channel: entry.channel });
    return 0;
  } catch (error) {
    return notDelivered(error, { entry, sink, place, isEdit }, options, problems);
  }
}

interface Tried {
  readonly entry: Outgoing;
  readonly sink: Sink;
  readonly place: string;
  readonly isEdit: boolean;
}

/** Tried again, laid aside, or left until people mend what keeps it. Answers how long the channel must rest. */
async function notDelivered(
  error: unknown,
  { entry, sink, place, isEdit }: Tried,
  options: DelivererOptions,
  problems: Map<string, string>,
): Promise<number> {
  const { ledger, now, log, count } = options;
  count(`delivery_failures_total{sink="${entry.sink}"}`);
  const failure = error instanceof Failure ? error : null;
  if (failure === null)
    log.error('delivery broke', {
      incident: entry.incidentId,
      entry: entry.id,
      error: String(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
  else if (!isUpToPeople(failure, entry))
    log.warn('not delivered yet', {
      incident: entry.incidentId,
      entry: entry.id,
      code: failure.code,
      failure: failure.message,
      attempts: entry.attempts,
    });
  if (failure !== null && isUpToPeople(failure, entry)) return await waitForPeople(entry, failure, options, problems, place);
  problems.set(place, failure?.message ?? 'an internal error; see the log');
  if (failure?.isRetryable === false || (entry.attempts >= maxAttempts && failure?.code !== 'rate_limited')) {
    log.error('not delivered', {
      incident: entry.incidentId,
      entry: entry.id,
      channel: entry.channel,
      failure: failure?.message ?? String(error),
    });
    const reason = failure?.message ?? String(error);
    await ledger.commit({ buried: [{ id: entry.id, at: now(), reason, entry }] });
    count('dead_letters_total{line="outbox"}');
    if (sink.tracker !== undefined) await refuseTicket(entry, failure?.hint ?? 'it did not work; the log says why', options);
    return 0;
  }
  const wait = failure?.retryAfterMs ?? Math.min(longestWaitMs, 500 * 2 ** entry.attempts);
  // What was turned away for coming too soon was not attempted: however often that happens, it is not given up.
  const isTooSoon = failure?.code === 'rate_limited';
  await ledger.postpone(entry, now() + wait, isTooSoon ? 'untried' : 'tried');
  // Posting is counted by channel, editing over all of them: what waits to be edited keeps no new card from its channel.
  return isTooSoon && !isEdit ? wait : 0;
}

/** Refused until somebody changes something over there, such as inviting the app. Cards are kept for as long as that takes. */
function isUpToPeople({ code, retryAfterMs }: Failure, { content, attempts }: Outgoing): boolean {
  return code === 'rejected' && retryAfterMs !== undefined && (content.kind === 'card' || attempts < maxAttempts);
}

/** The channel rests: one try is enough to see whether it was mended, and one line of the log to say that it must be. */
async function waitForPeople(
  entry: Outgoing,
  { message, hint = '', retryAfterMs = 0 }: Failure,
  { ledger, now, log }: DelivererOptions,
  problems: Map<string, string>,
  place: string,
): Promise<number> {
  if (problems.get(place)?.endsWith(hint) !== true)
    log.error('nothing can be delivered there until somebody changes that', {
      incident: entry.incidentId,
      channel: entry.channel,
      failure: message,
    });
  problems.set(place, message);
  await ledger.postpone(entry, now() + retryAfterMs, entry.content.kind === 'card' ? 'untried' : 'tried');
  return retryAfterMs;
}

/** Its incident was forgotten while the card was on its way: whoever forgot it could not know of a message that came after. */
async function takeBack(
  entry: Outgoing,
  messageId: string,
  shipment: Shipment,
  sink: Sink,
  { ledger, now }: DelivererOptions,
): Promise<void> {
  const isNew = shipment.kind === 'card' && shipment.receipt?.messageId !== messageId;
  const withdrawals = isNew && sink.withdraw !== undefined ? [withdrawalOf({ ...entry, messageId }, now())] : [];
  await ledger.commit({ outboxDone: [entry], outbox: withdrawals });
}

/** Of no incident: what an incident has in the outbox is forgotten with it. */
export function withdrawalOf({ sink, channel, messageId }: Pick<Receipt, 'sink' | 'channel' | 'messageId'>, dueAt: number) {
  const content = { kind: 'withdrawal', messageId } as const;
  return { id: `withdrawal:${sink}:${messageId}`, sink, channel, incidentId: null, content, priority: 2 as const, dueAt };
}

/**
 * Beside the receipt until that is there. Looked for whatever the count of tries: one that went through before the process
 * died may have found nothing new to say when it was tried again, and its entry was done with then.
 */
function plansOf({ incidentId, sink, channel }: Outgoing, { ledger, now }: DelivererOptions) {
  const made: Receipt[] = [];
  const firstPlan = async (name: string, plan: unknown): Promise<unknown> => {
    if (incidentId === null) return plan;
    const planned = { incidentId, sink: `${sink}${planMark}`, channel, messageId: name, url: null, at: now(), state: JSON.stringify(plan) };
    made.push(planned);
    const kept = (await ledger.receipts(incidentId)).find((r) => r.sink === planned.sink && r.channel === channel && r.messageId === name);
    if (kept?.state !== undefined) return JSON.parse(kept.state);
    await ledger.commit({ about: [incidentId], receipts: [planned] });
    return plan;
  };
  const dropPlan = async (): Promise<void> => void (await ledger.commit({ receiptsGone: made }));
  return { firstPlan, dropPlan, made };
}

/** Not said again when there was nothing to show: the next report that names this suspect would show the same. */
async function sendPictures(entry: Outgoing, sink: Sink, { ledger, now, redactDeep, count }: DelivererOptions): Promise<number> {
  const { illustrate } = sink;
  const card = entry.incidentId === null || illustrate === undefined ? null : await cardOf(entry.incidentId, ledger);
  const shown = card === null ? null : { ...card, incident: redactDeep(card.incident).value };
  const illustration = await illustrationFor(entry, shown, ledger, now());
  if (typeof illustration === 'number') {
    await ledger.postpone(entry, now() + illustration, 'untried');
    return 0;
  }
  if (illustration !== null && illustrate !== undefined) {
    await sentInTime(entry.sink, (signal) => illustrate(illustration, { mayExist: entry.attempts > 1, signal }));
    count(`illustrations_total{sink="${entry.sink}"}`);
  }
  await ledger.commit({ outboxDone: [entry] });
  return 0;
}

async function sendWithdrawal(entry: Outgoing, messageId: string, sink: Sink, { ledger, count }: DelivererOptions): Promise<number> {
  const { withdraw } = sink;
  if (withdraw !== undefined) await sentInTime(entry.sink, (signal) => withdraw(messageId, { signal }));
  await ledger.commit({ outboxDone: [entry] });
  count(`withdrawals_total{sink="${entry.sink}"}`);
  return 0;
}

/** A sink that ignores its signal must not hold the others up. */
function sentInTime<T>(sink: string, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(sendWithinMs);
  return inTime(ask(signal), signal, sink, 'deliver');
}

/** Of the card that stands where this entry goes. */
const receiptOf = ({ sink, channel }: Outgoing, receipts: readonly Receipt[]): Receipt | null =>
  receipts.find((one) => one.sink === sink && one.channel === channel) ?? null;

/** The last gate: reports and texts were redacted when they were made, an incident's own title and labels are here. */
async function shipmentFor(entry: Outgoing, { ledger, now, progressOf, redactDeep, sinks }: DelivererOptions): Promise<Shipment | null> {
  const { content, channel, incidentId } = entry;
  if (content.kind === 'text') return { kind: 'text', channel, text: content.text, threadId: content.threadId, id: entry.id };
  if (incidentId === null) return null;
  const card = await cardOf(incidentId, ledger);
  if (card === null) return null;
  const receipts = await ledger.receipts(incidentId);
  const receipt = receiptOf(entry, receipts);
  // It came and went while it was muted: a card that stands is told so, but none is posted for it.
  if (receipt === null && card.incident.state === 'resolved' && (card.incident.mutedUntil ?? 0) > now()) return null;
  const tracker = trackerOf(sinks);
  const ticket = tracker === null ? {} : { ticket: ticketOn(card.incident, receipts, tracker.sink) };
  return {
    kind: 'card',
    channel,
    card: { ...card, progress: progressOf?.(incidentId) ?? null, incident: redactDeep(card.incident).value, ...ticket },
    receipt,
  };
}

/** Everything an incident's card shows, as it stands now. */
export async function cardOf(incidentId: string, ledger: Ledger): Promise<Card | null> {
  const [incident, report, votes] = await Promise.all([ledger.incident(incidentId), ledger.report(incidentId), ledger.votes(incidentId)]);
  return incident === null ? null : { incident, report, tallies: tallies(votes) };
}
