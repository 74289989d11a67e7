/** conversations.*: what is where, who is in it, and getting in. */
import { imWith, join } from '../conversations.ts';
import type { Core } from '../core.ts';
import type { Channel, Message } from '../records.ts';
import { Refused } from '../refused.ts';
import { channelJson, messageJson } from '../slack-json.ts';
import { type Arguments, count, flag, optional, page, required, words } from './arguments.ts';
import { channelById, historyScope, messageAt, type Method, readScope, requireScope } from './method.ts';

const history: Method = {
  scopes: Object.values(historyScope),
  act(core, args) {
    const channel = readable(core, args);
    const roots = core.store.messages(channel.id).filter((message) => message.threadTs === null || message.isBroadcast);
    const found = within(roots, args).reverse();
    const { entries, next } = page(found, args, count(args, 'limit', 100, 999));
    return { messages: asJson(core, args, entries), has_more: next !== '', pin_count: 0, response_metadata: { next_cursor: next } };
  },
};

const replies: Method = {
  scopes: Object.values(historyScope),
  act(core, args) {
    const channel = readable(core, args);
    const asked = core.store.message(channel.id, required(args, 'ts'));
    if (asked === undefined) throw new Refused('thread_not_found');
    const root = messageAt(core, channel, asked.threadTs ?? asked.ts);
    const { entries, next } = page(within(core.store.replies(channel.id, root.ts), args), args, count(args, 'limit', 1000, 1000));
    return { messages: asJson(core, args, [root, ...entries]), has_more: next !== '', response_metadata: { next_cursor: next } };
  },
};

const about: Method = {
  scopes: Object.values(readScope),
  act(core, args) {
    const channel = channelById(core, required(args, 'channel'));
    requireScope(core, readScope[channel.kind]);
    return { channel: channelJson(core.app, channel) };
  },
};

const list: Method = {
  scopes: Object.values(readScope),
  act(core, args) {
    const kinds = conversationKinds(core, args);
    const visible = core.store
      .channels()
      .filter((channel) => kinds.has(channel.kind) && (channel.kind === 'public' || channel.members.includes(core.app.botUser)));
    const wanted = visible.filter((channel) => !(flag(args, 'exclude_archived') && channel.isArchived));
    const { entries, next } = page(wanted, args, count(args, 'limit', 100, 1000));
    return { channels: entries.map((channel) => channelJson(core.app, channel)), response_metadata: { next_cursor: next } };
  },
};

const members: Method = {
  scopes: Object.values(readScope),
  act(core, args) {
    const channel = channelById(core, required(args, 'channel'));
    const { entries, next } = page(channel.members, args, count(args, 'limit', 100, 1000));
    return { members: entries, response_metadata: { next_cursor: next } };
  },
};

const open: Method = {
  scopes: ['im:write'],
  act(core, args) {
    const given = optional(args, 'channel');
    const users = words(args, 'users');
    if (given === null && users.length !== 1) throw new Refused(users.length === 0 ? 'users_list_not_supplied' : 'not_enough_users');
    const channel = given === null ? imWith(core, users[0] ?? '') : channelById(core, given);
    return { channel: flag(args, 'return_im') ? channelJson(core.app, channel) : { id: channel.id }, already_open: true, no_op: true };
  },
};

const joinChannel: Method = {
  scopes: ['channels:join'],
  act(core, args) {
    const channel = channelById(core, required(args, 'channel'));
    if (channel.kind !== 'public') throw new Refused('method_not_supported_for_channel_type');
    return { channel: channelJson(core.app, join(core, channel, core.app.botUser, null)) };
  },
};

export const conversationMethods = {
  'conversations.history': history,
  'conversations.replies': replies,
  'conversations.info': about,
  'conversations.list': list,
  'conversations.members': members,
  'conversations.open': open,
  'conversations.join': joinChannel,
} satisfies Record<string, Method>;

const kindNamed: Readonly<Record<string, Channel['kind']>> = { public_channel: 'public', private_channel: 'private', im: 'im' };

/** `types=public_channel,im`; each kind needs its own scope. */
export function conversationKinds(core: Core, args: Arguments): ReadonlySet<Channel['kind']> {
  const names = words(args, 'types');
  const kinds = (names.length === 0 ? ['public_channel'] : names).filter((name) => name !== 'mpim').map((name) => kindNamed[name]);
  for (const kind of kinds) {
    if (kind === undefined) throw new Refused('invalid_types');
    requireScope(core, readScope[kind]);
  }
  return new Set(kinds.filter((kind) => kind !== undefined));
}

function readable(core: Core, args: Arguments): Channel {
  const channel = channelById(core, required(args, 'channel'));
  requireScope(core, historyScope[channel.kind]);
  if (!channel.members.includes(core.app.botUser)) throw new Refused('not_in_channel');
  return channel;
}

/** oldest and latest are exclusive unless `inclusive` is set. */
function within(messages: readonly Message[], args: Arguments): Message[] {
  const oldest = Number(optional(args, 'oldest') ?? 0);
  const latest = Number(optional(args, 'latest') ?? Number.POSITIVE_INFINITY);
  if (Number.isNaN(oldest) || Number.isNaN(latest)) throw new Refused('invalid_ts_oldest');
  const atEdge = flag(args, 'inclusive') ? [optional(args, 'oldest'), optional(args, 'latest')] : [];
  return messages.filter((message) => (Number(message.ts) > oldest && Number(message.ts) < latest) || atEdge.includes(message.ts));
}

function asJson(core: Core, args: Arguments, messages: readonly Message[]) {
  const withMetadata = flag(args, 'include_all_metadata');
  if (withMetadata) requireScope(core, 'metadata.message:read');
  return messages.map((message) => messageJson(core.store, core.app, message, withMetadata));
}
