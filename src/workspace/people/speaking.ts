/** What people say and do among themselves; the app hears of it where it is a member. Other bots post here too. */
import { imWith } from '../conversations.ts';
import type { Core } from '../core.ts';
import type { JsonObject } from '../json.ts';
import { edit, erase, post } from '../messages.ts';
import type { Message } from '../records.ts';
import { Refused } from '../refused.ts';
import { checkContent } from '../web-api/content.ts';
import { memberOf } from './acting.ts';
import { compose } from './composer.ts';

export interface Saying {
  readonly user: string;
  readonly channel: string;
  readonly text: string;
  readonly threadTs?: string | null | undefined;
  readonly isBroadcast?: boolean | undefined;
}

export function say(core: Core, { user, channel: channelId, text, threadTs, isBroadcast }: Saying): Message {
  const channel = memberOf(core, user, channelId);
  if (channel.kind === 'im' && !core.app.hasMessagesTab) throw new Refused('messages_tab_disabled');
  if (text.trim() === '') throw new Refused('no_text');
  return post(core, channel, {
    user,
    ...compose(core, text),
    threadTs: threadTs ?? null,
    isBroadcast: isBroadcast === true,
    subtype: isBroadcast === true ? 'thread_broadcast' : null,
  });
}

export function sayDirectly(core: Core, user: string, text: string, threadTs: string | null): Message {
  return say(core, { user, channel: imWith(core, user).id, text, threadTs });
}

/** Another bot of the workspace: an alert of some monitoring tool, say. Not a member, not an app of ours. */
export function sayAsBot(
  core: Core,
  channelId: string,
  saying: {
    readonly name: string;
    readonly text: string;
    readonly blocks?: readonly JsonObject[];
    readonly attachments?: readonly JsonObject[];
  },
): Message {
  const channel = core.store.channel(channelId);
  if (channel === undefined) throw new Refused('channel_not_found');
  checkContent(saying.blocks, saying.attachments);
  const name = saying.name.toUpperCase().replace(/[^A-Z0-9]/g, '');
  return post(core, channel, {
    user: `U0${name}`,
    botId: `B0${name}`,
    username: saying.name,
    subtype: 'bot_message',
    text: saying.text,
    blocks: saying.blocks ?? [],
    attachments: saying.attachments ?? [],
  });
}

export function editSaid(core: Core, user: string, at: { readonly channel: string; readonly ts: string }, text: string): Message {
  const channel = memberOf(core, user, at.channel);
  const message = core.store.message(channel.id, at.ts);
  if (message === undefined || message.user !== user) throw new Refused('cant_update_message');
  return edit(core, channel, message, { ...compose(core, text), editedTs: core.store.nextTs() });
}

/** People delete what is theirs; an administrator (`asAdmin`) deletes anything, which is how a root message goes missing. */
export function deleteSaid(core: Core, user: string, at: { readonly channel: string; readonly ts: string }, asAdmin: boolean): void {
  const channel = memberOf(core, user, at.channel);
  const message = core.store.message(channel.id, at.ts);
  if (message === undefined) throw new Refused('message_not_found');
  if (message.user !== user && !asAdmin) throw new Refused('cant_delete_message');
  erase(core, channel, message);
}
