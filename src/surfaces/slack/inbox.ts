/**
 * Everything Slack sends is on disk before Slack hears that it arrived, and is acted on once:
 *
 *   envelope → accept (durable, says whether it is new) → Bolt acknowledges and runs the listener → finish
 *                                └ not new: acknowledged, nothing else
 *
 * What was accepted and never finished comes back through `onInbox` after a while, or after a restart, and runs through
 * the same listeners with an acknowledgement that goes nowhere. Chatter that no listener would act on is not kept at all.
 */
import type { ReceiverEvent } from '@slack/bolt';
import { z } from 'zod';
import type { Log } from '../../adapter.ts';
import type { App } from '../../app.ts';
import { heard } from './heard.ts';

const inboxKind = 'slack';

const Named = z.object({ id: z.string() });
/** The parts of Slack's bodies that make an act the same act when it is delivered again. */
const Body = z.object({
  type: z.string().optional(),
  command: z.string().optional(),
  trigger_id: z.string().optional(),
  event_id: z.string().optional(),
  event: z.record(z.string(), z.unknown()).optional(),
  user: Named.optional(),
  channel: Named.optional(),
  container: z.object({ message_ts: z.string().optional(), view_id: z.string().optional() }).optional(),
  actions: z.array(z.object({ action_id: z.string(), action_ts: z.string() })).optional(),
  view: z.object({ id: z.string(), hash: z.string().optional() }).optional(),
});
type Body = z.infer<typeof Body>;

/**
 * The same for every delivery of one act; null for what is not acted on. A mention in a channel comes as `app_mention` and
 * as `message`, with two event ids: it is named by where it stands, so that the second is a duplicate.
 */
export function entryId(body: unknown): string | null {
  const read = Body.safeParse(body);
  if (!read.success) return null;
  const { event, event_id, type, command, trigger_id } = read.data;
  if (event !== undefined) {
    const utterance = heard(event);
    if (utterance !== null) return `slack:said:${utterance.channel}:${utterance.ts}`;
    return event['type'] === 'message' || event_id === undefined ? null : `slack:event:${event_id}`;
  }
  if (command !== undefined) return trigger_id === undefined ? null : `slack:command:${trigger_id}`;
  if (type === 'block_actions') return pressedId(read.data);
  return trigger_id === undefined ? null : `slack:${type ?? 'act'}:${trigger_id}`;
}

function pressedId({ actions, user, channel, container }: Body): string | null {
  const action = actions?.[0];
  if (action === undefined || user === undefined) return null;
  const place = channel === undefined ? (container?.view_id ?? '') : `${channel.id}:${container?.message_ts ?? ''}`;
  return `slack:pressed:${place}:${action.action_ts}:${action.action_id}:${user.id}`;
}

/** What is stored: no verification token, and not the message a button stands in, which may be long and is not ours to keep. */
export function keptBody(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body;
  const { token: _token, message, ...rest } = body as Record<string, unknown>;
  if (typeof message !== 'object' || message === null) return rest;
  const { ts, thread_ts, text, user } = message as Record<string, unknown>;
  return { ...rest, message: rest['type'] === 'message_action' ? { ts, thread_ts, text, user } : { ts, thread_ts } };
}

export type Handle = (event: ReceiverEvent) => Promise<void>;

/** When an act was stored, for listeners that must know whether they have done it already: they may run twice. */
export const acceptedAtKey = 'acceptedAt';

/** True where an act is run again after a crash: what it said may stand already. */
export const isAgainKey = 'isAgain';

function acceptedAt(event: ReceiverEvent, at: number): ReceiverEvent {
  return { ...event, customProperties: { ...event.customProperties, [acceptedAtKey]: at } };
}

export interface StoreFirstOptions {
  readonly app: App;
  readonly now: () => number;
  readonly log: Log;
  readonly handle: Handle;
}

export function storeFirst({ app, now, log, handle }: StoreFirstOptions): Handle {
  return async (event) => {
    const id = entryId(event.body);
    const at = now();
    // A throw here leaves the envelope unacknowledged: Slack sends it again.
    if (id === null || !(await app.accept({ id, kind: inboxKind, body: keptBody(event.body), at }))) {
      await event.ack();
      return;
    }
    try {
      await handle(acceptedAt(event, at));
      await app.finish(id);
    } catch (error) {
      log.error('a message from Slack was not handled yet', {
        entry: id,
        error: String(error),
        stack: error instanceof Error ? error.stack : undefined,
      });
    }
  };
}

/** Hands what a crash left behind to the same listeners. A throw puts it off again. */
export function replayUnfinished(app: App, handle: Handle): void {
  const nowhere = async (): Promise<void> => undefined;
  app.onInbox(inboxKind, (entry) => {
    const event = { body: entry.body as ReceiverEvent['body'], ack: nowhere, customProperties: { [isAgainKey]: true } };
    return handle(acceptedAt(event, entry.at));
  });
}
