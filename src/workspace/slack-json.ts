/** Records as Slack's JSON shows them: the one place that knows the field names of messages, channels, users, files and views. */
import type { AppDefinition } from './manifest.ts';
import type { JsonObject } from './json.ts';
import type { Channel, Message, Person, UploadedFile, View } from './records.ts';
import type { Store } from './store.ts';

/** Who and what is installed: the ids and tokens of the one app of this workspace. */
export interface Installation extends AppDefinition {
  readonly teamId: string;
  readonly teamName: string;
  readonly domain: string;
  readonly appId: string;
  readonly botId: string;
  readonly botUser: string;
  /** Where the workspace is reached, for the URLs it hands out. */
  origin(): string;
}

export function messageJson(store: Store, app: Installation, message: Message, withMetadata: boolean): JsonObject {
  const replies = message.threadTs === null ? store.replies(message.channel, message.ts) : [];
  const last = replies.at(-1);
  const isOurs = message.botId === app.botId;
  const profile = { id: app.botId, app_id: app.appId, name: app.name, deleted: false, team_id: app.teamId, icons: {} };
  return {
    type: 'message',
    ...(message.subtype === null ? {} : { subtype: message.subtype }),
    user: message.user,
    ...(message.botId === null ? {} : { bot_id: message.botId, ...(isOurs ? { app_id: app.appId, bot_profile: profile } : {}) }),
    ...(message.username === null ? {} : { username: message.username }),
    ...(message.iconEmoji === null ? {} : { icons: { emoji: message.iconEmoji } }),
    text: message.text,
    ts: message.ts,
    team: app.teamId,
    ...(message.blocks.length > 0 ? { blocks: message.blocks } : {}),
    ...(message.attachments.length > 0 ? { attachments: message.attachments } : {}),
    ...(message.threadTs === null
      ? {}
      : { thread_ts: message.threadTs, parent_user_id: store.message(message.channel, message.threadTs)?.user ?? message.user }),
    ...(last === undefined
      ? {}
      : {
          thread_ts: message.ts,
          reply_count: replies.length,
          reply_users_count: new Set(replies.map((reply) => reply.user)).size,
          reply_users: [...new Set(replies.map((reply) => reply.user))],
          latest_reply: last.ts,
          is_locked: false,
          subscribed: false,
        }),
    ...(message.editedTs === null ? {} : { edited: { user: message.user, ts: message.editedTs } }),
    ...(message.reactions.length > 0
      ? { reactions: message.reactions.map(({ name, users }) => ({ name, users, count: users.length })) }
      : {}),
    ...(message.files.length > 0 ? { files: message.files.flatMap((id) => fileJson(app, store.file(id))) } : {}),
    ...(withMetadata && message.metadata !== null ? { metadata: message.metadata } : {}),
    ...(message.stream?.state === 'streaming' ? { streaming_state: 'in_progress' } : {}),
  };
}

export function channelJson(app: Installation, channel: Channel): JsonObject {
  const isIm = channel.kind === 'im';
  return {
    id: channel.id,
    ...(isIm
      ? { user: channel.members.find((member) => member !== app.botUser) ?? app.botUser }
      : { name: channel.name, name_normalized: channel.name }),
    is_channel: !isIm,
    is_group: channel.kind === 'private',
    is_im: isIm,
    is_mpim: false,
    is_private: channel.kind !== 'public',
    is_archived: channel.isArchived,
    is_general: channel.name === 'general',
    is_shared: false,
    is_ext_shared: false,
    is_member: channel.members.includes(app.botUser),
    created: Math.floor(channel.createdAt / 1000),
    creator: channel.creator,
    context_team_id: app.teamId,
    topic: { value: channel.topic, creator: channel.creator, last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
    num_members: channel.members.length,
  };
}

export function personJson(app: Installation, person: Person, withEmail: boolean): JsonObject {
  return {
    id: person.id,
    team_id: app.teamId,
    name: person.name,
    deleted: false,
    real_name: person.realName,
    tz: person.tz,
    tz_label: person.tz,
    tz_offset: person.tzOffsetSeconds,
    profile: {
      real_name: person.realName,
      display_name: person.name,
      ...(withEmail && !person.isBot ? { email: person.email } : {}),
      ...(person.id === app.botUser ? { bot_id: app.botId, api_app_id: app.appId } : {}),
      team: app.teamId,
    },
    is_admin: false,
    is_owner: false,
    is_bot: person.isBot,
    is_app_user: false,
    updated: 0,
  };
}

/** As a list, so that a file that is gone simply is not there. */
export function fileJson(app: Installation, file: UploadedFile | undefined): JsonObject[] {
  if (file === undefined) return [];
  return [
    {
      id: file.id,
      created: Math.floor(file.createdAt / 1000),
      timestamp: Math.floor(file.createdAt / 1000),
      name: file.name,
      title: file.title,
      mimetype: file.mimetype,
      filetype: file.name.includes('.') ? (file.name.split('.').at(-1) ?? '') : 'binary',
      user: file.user,
      user_team: app.teamId,
      size: file.size,
      alt_txt: file.altText,
      url_private: `${app.origin()}/files/${file.id}/${encodeURIComponent(file.name)}`,
      url_private_download: `${app.origin()}/files/${file.id}/${encodeURIComponent(file.name)}`,
      channels: file.channels,
    },
  ];
}

export function viewJson(app: Installation, record: View): JsonObject {
  return {
    ...record.view,
    id: record.id,
    team_id: app.teamId,
    type: record.kind,
    state: { values: record.values },
    hash: record.hash,
    root_view_id: record.rootId,
    previous_view_id: record.previousId,
    external_id: record.externalId,
    app_id: app.appId,
    app_installed_team_id: app.teamId,
    bot_id: app.botId,
  };
}
