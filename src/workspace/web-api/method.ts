/** The shape of one Web API method, and the lookups that several of them share. */
import type { Core } from '../core.ts';
import type { JsonObject } from '../json.ts';
import type { Channel, Message } from '../records.ts';
import { Refused } from '../refused.ts';
import type { Arguments } from './arguments.ts';

export interface Method {
  /** Any one of these scopes will do; none listed: the token is enough. */
  readonly scopes: readonly string[];
  /** A bot token, unless another kind is asked for. */
  readonly token?: 'app' | 'any';
  act(core: Core, args: Arguments): JsonObject | Promise<JsonObject>;
}

/** By id alone, as most methods want it. */
export function channelById(core: Core, id: string): Channel {
  const channel = core.store.channel(id);
  const isVisible = channel !== undefined && (channel.kind === 'public' || channel.members.includes(core.app.botUser));
  if (!isVisible) throw new Refused('channel_not_found');
  return channel;
}

export function requireScope(core: Core, needed: string): void {
  if (!core.app.scopes.has(needed)) throw missingScope(core, needed);
}

export function missingScope(core: Core, needed: string): Refused {
  return new Refused('missing_scope', [], { needed, provided: [...core.app.scopes].join(',') });
}

export const historyScope = { public: 'channels:history', private: 'groups:history', im: 'im:history' } as const;
export const readScope = { public: 'channels:read', private: 'groups:read', im: 'im:read' } as const;

/** Where the app wants to speak: it must be in there, unless it may post uninvited into public channels. */
export function requireVoice(core: Core, channel: Channel): void {
  if (channel.isArchived) throw new Refused('is_archived');
  if (channel.members.includes(core.app.botUser)) return;
  if (channel.kind === 'public' && core.app.scopes.has('chat:write.public')) return;
  throw new Refused('not_in_channel');
}

export function messageAt(core: Core, channel: Channel, ts: string): Message {
  const message = core.store.message(channel.id, ts);
  if (message === undefined) throw new Refused('message_not_found');
  return message;
}
