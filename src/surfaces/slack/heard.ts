/** What a person said, in a channel, a thread or a direct message, whichever kind of event told us. */
import { z } from 'zod';

const Said = z.object({
  type: z.enum(['message', 'app_mention']),
  /** Edits, joins, bot posts and the like have one; a person's words have none, or are shared into the channel as well. */
  subtype: z.enum(['thread_broadcast', 'file_share']).optional(),
  user: z.string(),
  bot_id: z.undefined().optional(),
  text: z.string().default(''),
  channel: z.string(),
  channel_type: z.string().optional(),
  ts: z.string(),
  thread_ts: z.string().optional(),
});

export interface Utterance {
  readonly user: string;
  readonly text: string;
  readonly channel: string;
  readonly ts: string;
  /** The root of the thread it was said in. */
  readonly threadTs: string | null;
  readonly isDirect: boolean;
  /** Slack says so; the text may mention us without it, when the `message` event came first. */
  readonly isMention: boolean;
}

/**
 * Null for everything that is not a person speaking to somebody who might be us: bots, edits, and root messages of a
 * channel that mention nobody.
 */
export function heard(event: unknown): Utterance | null {
  const read = Said.safeParse(event);
  if (!read.success) return null;
  const { type, user, text, channel, channel_type, ts, thread_ts } = read.data;
  const isMention = type === 'app_mention';
  const isDirect = channel_type === 'im';
  if (!isMention && !isDirect && thread_ts === undefined && !/<@[UW][A-Z0-9]+/.test(text)) return null;
  return { user, text, channel, ts, threadTs: thread_ts ?? null, isDirect, isMention };
}

export function mentions(utterance: Utterance, botUser: string | undefined): boolean {
  return utterance.isMention || (botUser !== undefined && new RegExp(`<@${botUser}(?:\\|[^>]*)?>`).test(utterance.text));
}

/** The text without Slack's markup: mentions go, links and escapes become what the person typed. */
export function typedText(text: string): string {
  return text
    .replace(/<@[UW][A-Z0-9]+(?:\|[^>]*)?>/g, ' ')
    .replace(/<[#!][^>|]*\|([^>]*)>/g, '$1')
    .replace(/<([^<>|]+)\|([^<>]*)>/g, '$2')
    .replace(/<([^<>|]+)>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .trim();
}
