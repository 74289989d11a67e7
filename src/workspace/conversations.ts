/** Channels and direct messages: making them, joining and leaving. Used by the Web API and by people alike. */
import type { Core } from './core.ts';
import { tellApp } from './dispatch.ts';
import type { Channel } from './records.ts';
import { Refused } from './refused.ts';

/** The direct message between a person and the app; made when first needed. */
export function imWith(core: Core, user: string): Channel {
  if (core.store.person(user) === undefined) throw new Refused('user_not_found');
  const { botUser } = core.app;
  const found = core.store
    .channels()
    .find((channel) => channel.kind === 'im' && channel.members.includes(user) && channel.members.includes(botUser));
  if (found !== undefined) return found;
  const im: Channel = {
    id: core.newId('D'),
    name: '',
    kind: 'im',
    members: [user, botUser],
    isArchived: false,
    topic: '',
    creator: user,
    createdAt: core.clock.now(),
  };
  core.store.putChannel(im);
  return im;
}

export function makeChannel(core: Core, name: string, options: { readonly isPrivate: boolean; readonly creator: string }): Channel {
  // Slack's rule for names: lower case, digits, hyphens and underscores, at most 80.
  if (!/^[\p{Ll}\p{Lo}\d_-]{1,80}$/u.test(name)) throw new Refused('invalid_name_specials');
  if (core.store.channels().some((channel) => channel.name === name)) throw new Refused('name_taken');
  const kind = options.isPrivate ? 'private' : 'public';
  const channel: Channel = {
    id: core.newId('C'),
    name,
    kind,
    members: [options.creator],
    isArchived: false,
    topic: '',
    creator: options.creator,
    createdAt: core.clock.now(),
  };
  core.store.putChannel(channel);
  return channel;
}

export function join(core: Core, channel: Channel, user: string, inviter: string | null): Channel {
  if (channel.isArchived) throw new Refused('is_archived');
  if (channel.members.includes(user)) return channel;
  const joined: Channel = { ...channel, members: [...channel.members, user] };
  core.store.putChannel(joined);
  if (joined.members.includes(core.app.botUser)) {
    const kind = channel.kind === 'private' ? 'G' : 'C';
    tellApp(core, 'member_joined_channel', {
      type: 'member_joined_channel',
      user,
      channel: channel.id,
      channel_type: kind,
      team: core.app.teamId,
      ...(inviter === null ? {} : { inviter }),
      event_ts: core.store.nextTs(),
    });
  }
  return joined;
}

export function leave(core: Core, channel: Channel, user: string): Channel {
  const left: Channel = { ...channel, members: channel.members.filter((member) => member !== user) };
  core.store.putChannel(left);
  return left;
}

export function archive(core: Core, channel: Channel, archived: boolean): Channel {
  const changed: Channel = { ...channel, isArchived: archived };
  core.store.putChannel(changed);
  const kind = archived ? 'channel_archive' : 'channel_unarchive';
  if (changed.members.includes(core.app.botUser))
    tellApp(core, kind, { type: kind, channel: channel.id, user: channel.creator, event_ts: core.store.nextTs() });
  return changed;
}
