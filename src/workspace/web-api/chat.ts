/** chat.*: posting, editing, deleting, ephemerals and permalinks. */
import type { Core } from '../core.ts';
import type { JsonObject } from '../json.ts';
import { edit, erase, post } from '../messages.ts';
import { imWith } from '../conversations.ts';
import type { Channel, Message } from '../records.ts';
import { Refused } from '../refused.ts';
import { messageJson } from '../slack-json.ts';
import { type Arguments, flag, optional, required } from './arguments.ts';
import { readContent, requireSomething } from './content.ts';
import { channelById, messageAt, type Method, requireVoice } from './method.ts';

// [gh] measured by others: chat.update refuses what chat.postMessage would only cut off.
const maxEditedText = 4_000;

const postMessage: Method = {
  scopes: ['chat:write'],
  act(core, args) {
    const channel = destination(core, required(args, 'channel'));
    requireVoice(core, channel);
    const content = readContent(args);
    requireSomething(content);
    const message = post(core, channel, {
      ...authorship(core, args),
      text: content.text ?? '',
      blocks: content.blocks ?? [],
      attachments: content.attachments ?? [],
      metadata: content.metadata ?? null,
      threadTs: optional(args, 'thread_ts'),
      isBroadcast: flag(args, 'reply_broadcast'),
      subtype: flag(args, 'reply_broadcast') ? 'thread_broadcast' : null,
    });
    return { channel: channel.id, ts: message.ts, message: messageJson(core.store, core.app, message, true), ...warnings(content.text) };
  },
};

const postEphemeral: Method = {
  scopes: ['chat:write'],
  act(core, args) {
    const channel = destination(core, required(args, 'channel'));
    requireVoice(core, channel);
    const user = required(args, 'user');
    if (!channel.members.includes(user)) throw new Refused('user_not_in_channel');
    const content = readContent(args);
    requireSomething(content);
    const message = post(core, channel, {
      ...authorship(core, args),
      text: content.text ?? '',
      blocks: content.blocks ?? [],
      attachments: content.attachments ?? [],
      threadTs: optional(args, 'thread_ts'),
      visibleTo: user,
    });
    return { message_ts: message.ts };
  },
};

const update: Method = {
  scopes: ['chat:write'],
  act(core, args) {
    const channel = channelById(core, required(args, 'channel'));
    const before = ownMessage(core, channel, required(args, 'ts'), 'cant_update_message');
    if (channel.isArchived) throw new Refused('is_archived');
    if (before.stream?.state === 'streaming') throw new Refused('streaming_state_conflict');
    const content = readContent(args);
    requireSomething(content);
    if ((content.text ?? '').length > maxEditedText) throw new Refused('msg_too_long');
    // Slack's documentation: text without blocks takes the blocks away; blocks without text keep no "(edited)" mark.
    const blocks = content.blocks ?? (content.text === null ? before.blocks : []);
    const after = edit(core, channel, before, {
      text: content.text ?? (content.blocks === undefined ? before.text : ''),
      blocks,
      attachments: content.attachments ?? (content.blocks === undefined && content.text !== null ? [] : before.attachments),
      ...(content.metadata === undefined ? {} : { metadata: content.metadata }),
      ...(content.text === null ? {} : { editedTs: core.store.nextTs() }),
    });
    return { channel: channel.id, ts: after.ts, text: after.text, message: messageJson(core.store, core.app, after, true) };
  },
};

const remove: Method = {
  scopes: ['chat:write'],
  act(core, args) {
    const channel = channelById(core, required(args, 'channel'));
    const message = ownMessage(core, channel, required(args, 'ts'), 'cant_delete_message');
    erase(core, channel, message);
    return { channel: channel.id, ts: message.ts };
  },
};

const getPermalink: Method = {
  scopes: [],
  act(core, args) {
    const channel = channelById(core, required(args, 'channel'));
    const message = messageAt(core, channel, required(args, 'message_ts'));
    const thread = message.threadTs === null ? '' : `?thread_ts=${message.threadTs}&cid=${channel.id}`;
    return { channel: channel.id, permalink: `${core.app.origin()}/archives/${channel.id}/p${message.ts.replace('.', '')}${thread}` };
  },
};

export const chatMethods = {
  'chat.postMessage': postMessage,
  'chat.postEphemeral': postEphemeral,
  'chat.update': update,
  'chat.delete': remove,
  'chat.getPermalink': getPermalink,
} satisfies Record<string, Method>;

/** Posting alone takes a channel's name or a person besides an id. */
function destination(core: Core, wanted: string): Channel {
  const named = core.store.channels().find((channel) => channel.kind !== 'im' && channel.name === wanted.replace(/^#/, ''));
  if (core.store.person(wanted) !== undefined && wanted !== core.app.botUser) return imWith(core, wanted);
  return channelById(core, named?.id ?? wanted);
}

function authorship(core: Core, args: Arguments): Pick<Message, 'user' | 'botId' | 'appId' | 'username' | 'iconEmoji'> {
  const customised = core.app.scopes.has('chat:write.customize');
  return {
    user: core.app.botUser,
    botId: core.app.botId,
    appId: core.app.appId,
    username: customised ? optional(args, 'username') : null,
    iconEmoji: customised ? optional(args, 'icon_emoji') : null,
  };
}

function ownMessage(core: Core, channel: Channel, ts: string, refusal: string): Message {
  const message = messageAt(core, channel, ts);
  if (message.subtype === 'tombstone') throw new Refused('message_not_found');
  if (message.appId !== core.app.appId) throw new Refused(refusal);
  return message;
}

function warnings(text: string | null): JsonObject {
  if (text !== null && text.length > 40_000)
    return { warning: 'message_truncated', response_metadata: { warnings: ['message_truncated'] } };
  // The text is the notification and what a screen reader reads; Slack asks for it and takes the message all the same.
  return text === null || text === ''
    ? { warning: 'missing_text_in_message', response_metadata: { warnings: ['missing_text_in_message'] } }
    : {};
}
