/** reactions.* and bookmarks.*: small marks on messages and channels. */
import { hears, tellApp } from '../dispatch.ts';
import type { Core } from '../core.ts';
import type { Channel, Message, Reaction } from '../records.ts';
import { Refused } from '../refused.ts';
import { optional, required } from './arguments.ts';
import { channelById, messageAt, type Method } from './method.ts';

const add: Method = {
  scopes: ['reactions:write'],
  act(core, args) {
    const channel = channelById(core, required(args, 'channel'));
    const message = messageAt(core, channel, required(args, 'timestamp'));
    react(core, channel, message, required(args, 'name'), core.app.botUser);
    return {};
  },
};

const remove: Method = {
  scopes: ['reactions:write'],
  act(core, args) {
    const channel = channelById(core, required(args, 'channel'));
    unreact(core, channel, messageAt(core, channel, required(args, 'timestamp')), required(args, 'name'), core.app.botUser);
    return {};
  },
};

export function react(core: Core, channel: Channel, message: Message, name: string, user: string): void {
  // A name as in `:eyes:` without the colons; skin tones follow after `::`.
  if (!/^[a-z0-9_+'-]{1,100}(::skin-tone-[2-6])?$/.test(name)) throw new Refused('invalid_name');
  if (channel.isArchived) throw new Refused('is_archived');
  const before = message.reactions.find((reaction) => reaction.name === name);
  if (before?.users.includes(user)) throw new Refused('already_reacted');
  const after: Reaction = { name, users: [...(before?.users ?? []), user] };
  const reactions =
    before === undefined ? [...message.reactions, after] : message.reactions.map((reaction) => (reaction === before ? after : reaction));
  core.store.putMessage({ ...message, reactions }, 'edited');
  tellReaction(core, 'reaction_added', channel, message, name, user);
}

export function unreact(core: Core, channel: Channel, message: Message, name: string, user: string): void {
  const before = message.reactions.find((reaction) => reaction.name === name);
  if (before === undefined || !before.users.includes(user)) throw new Refused('no_reaction');
  const users = before.users.filter((each) => each !== user);
  const reactions = message.reactions.flatMap((reaction) =>
    reaction !== before ? [reaction] : users.length === 0 ? [] : [{ name, users }],
  );
  core.store.putMessage({ ...message, reactions }, 'edited');
  tellReaction(core, 'reaction_removed', channel, message, name, user);
}

function tellReaction(core: Core, kind: string, channel: Channel, message: Message, reaction: string, user: string): void {
  if (!hears(core, channel)) return;
  const what = { type: 'message', channel: channel.id, ts: message.ts };
  tellApp(core, kind, { type: kind, user, reaction, item: what, item_user: message.user, event_ts: core.store.nextTs() });
}

const addBookmark: Method = {
  scopes: ['bookmarks:write'],
  act(core, args) {
    const channel = channelById(core, required(args, 'channel_id'));
    if (required(args, 'type') !== 'link') throw new Refused('invalid_bookmark_type');
    const link = required(args, 'link');
    if (!/^https?:\/\//.test(link)) throw new Refused('invalid_link');
    const bookmark = {
      id: core.newId('Bk'),
      channel: channel.id,
      title: required(args, 'title'),
      link,
      emoji: optional(args, 'emoji') ?? '',
    };
    core.store.putBookmark(bookmark);
    return { bookmark: bookmarkJson(bookmark) };
  },
};

const listBookmarks: Method = {
  scopes: ['bookmarks:read', 'bookmarks:write'],
  act: (core, args) => ({ bookmarks: core.store.bookmarks(channelById(core, required(args, 'channel_id')).id).map(bookmarkJson) }),
};

const removeBookmark: Method = {
  scopes: ['bookmarks:write'],
  act(core, args) {
    const channel = channelById(core, required(args, 'channel_id'));
    const found = core.store.bookmarks(channel.id).find((bookmark) => bookmark.id === required(args, 'bookmark_id'));
    if (found === undefined) throw new Refused('not_found');
    core.store.removeBookmark(found);
    return {};
  },
};

function bookmarkJson({ id, channel, title, link, emoji }: { id: string; channel: string; title: string; link: string; emoji: string }) {
  return { id, channel_id: channel, title, link, emoji, type: 'link' };
}

export const reactionAndBookmarkMethods = {
  'reactions.add': add,
  'reactions.remove': remove,
  'bookmarks.add': addBookmark,
  'bookmarks.list': listBookmarks,
  'bookmarks.remove': removeBookmark,
} satisfies Record<string, Method>;
