/**
 * Which happenings an app hears of: those its manifest subscribes to, in conversations it is a member of. A mention in a
 * channel is told twice, as app_mention and as message, just as Slack does.
 */
import type { Core } from './core.ts';
import type { JsonObject } from './json.ts';
import type { Channel, Message } from './records.ts';
import { messageJson } from './slack-json.ts';

const messageSubscription = { public: 'message.channels', private: 'message.groups', im: 'message.im' } as const;
const channelType = { public: 'channel', private: 'group', im: 'im' } as const;

/** Sends `event` if the manifest asks for `subscription`. Delivery runs on its own: whoever acted does not wait for it. */
export function tellApp(core: Core, subscription: string, event: JsonObject): void {
  if (!core.app.events.has(subscription) || core.tokens.isRevoked) return;
  const { app, clock } = core;
  void core.sockets.tell({
    token: 'workspace',
    team_id: app.teamId,
    context_team_id: app.teamId,
    api_app_id: app.appId,
    event,
    type: 'event_callback',
    event_id: core.newId('Ev'),
    event_time: Math.floor(clock.now() / 1000),
    event_context: core.randomId(),
    is_ext_shared_channel: false,
    authorizations: [{ enterprise_id: null, team_id: app.teamId, user_id: app.botUser, is_bot: true, is_enterprise_install: false }],
  });
}

export function hears(core: Core, channel: Channel): boolean {
  return channel.members.includes(core.app.botUser);
}

/** Metadata is told only to those who may read it. */
function seesMetadata(core: Core): boolean {
  return core.app.scopes.has('metadata.message:read');
}

export function tellPosted(core: Core, channel: Channel, message: Message): void {
  if (!hears(core, channel)) return;
  const posted = { ...messageJson(core.store, core.app, message, seesMetadata(core)), channel: channel.id, event_ts: message.ts };
  tellApp(core, messageSubscription[channel.kind], { ...posted, channel_type: channelType[channel.kind] });
  // Slack sends no app_mention in direct messages, and none for what an app says itself.
  const mentions = channel.kind !== 'im' && message.botId !== core.app.botId && message.text.includes(`<@${core.app.botUser}>`);
  if (mentions) tellApp(core, 'app_mention', { ...posted, type: 'app_mention' });
}

export function tellEdited(core: Core, channel: Channel, before: Message, after: Message): void {
  if (!hears(core, channel)) return;
  const eventTs = core.store.nextTs();
  tellApp(core, messageSubscription[channel.kind], {
    type: 'message',
    subtype: 'message_changed',
    channel: channel.id,
    channel_type: channelType[channel.kind],
    hidden: true,
    message: messageJson(core.store, core.app, after, seesMetadata(core)),
    previous_message: messageJson(core.store, core.app, before, seesMetadata(core)),
    ts: eventTs,
    event_ts: eventTs,
  });
}

export function tellDeleted(core: Core, channel: Channel, message: Message): void {
  if (!hears(core, channel)) return;
  const eventTs = core.store.nextTs();
  tellApp(core, messageSubscription[channel.kind], {
    type: 'message',
    subtype: 'message_deleted',
    channel: channel.id,
    channel_type: channelType[channel.kind],
    hidden: true,
    deleted_ts: message.ts,
    previous_message: messageJson(core.store, core.app, message, seesMetadata(core)),
    ts: eventTs,
    event_ts: eventTs,
  });
}
