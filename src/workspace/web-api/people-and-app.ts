/** users.*, auth.test, apps.connections.open: who is here, and who is asking. */
import { Refused } from '../refused.ts';
import { channelJson, personJson } from '../slack-json.ts';
import { count, flag, page, required } from './arguments.ts';
import { conversationKinds } from './conversations.ts';
import type { Method } from './method.ts';

const authTest: Method = {
  scopes: [],
  token: 'any',
  act: ({ app }) => ({
    url: `${app.origin()}/`,
    team: app.teamName,
    user: app.botName,
    team_id: app.teamId,
    user_id: app.botUser,
    bot_id: app.botId,
    is_enterprise_install: false,
  }),
};

const connectionsOpen: Method = {
  scopes: [],
  token: 'app',
  act: ({ app, sockets }) => ({ url: `${app.origin().replace(/^http/, 'ws')}/socket?ticket=${sockets.ticket()}&app_id=${app.appId}` }),
};

const userInfo: Method = {
  scopes: ['users:read'],
  act(core, args) {
    const person = core.store.person(required(args, 'user'));
    if (person === undefined) throw new Refused('user_not_found');
    return { user: personJson(core.app, person, core.app.scopes.has('users:read.email')) };
  },
};

const userList: Method = {
  scopes: ['users:read'],
  act(core, args) {
    const { entries, next } = page(core.store.people(), args, count(args, 'limit', 200, 1000));
    return {
      members: entries.map((person) => personJson(core.app, person, core.app.scopes.has('users:read.email'))),
      cache_ts: Math.floor(core.clock.now() / 1000),
      response_metadata: { next_cursor: next },
    };
  },
};

const byEmail: Method = {
  scopes: ['users:read.email'],
  act(core, args) {
    const email = required(args, 'email').toLowerCase();
    const person = core.store.people().find((candidate) => candidate.email.toLowerCase() === email);
    if (person === undefined) throw new Refused('users_not_found');
    return { user: personJson(core.app, person, true) };
  },
};

const userConversations: Method = {
  scopes: ['channels:read', 'groups:read', 'im:read'],
  act(core, args) {
    const kinds = conversationKinds(core, args);
    const user = typeof args['user'] === 'string' && args['user'] !== '' ? args['user'] : core.app.botUser;
    const found = core.store
      .channels()
      .filter(
        (channel) => kinds.has(channel.kind) && channel.members.includes(user) && !(flag(args, 'exclude_archived') && channel.isArchived),
      );
    const seen = found.filter((channel) => channel.kind === 'public' || channel.members.includes(core.app.botUser));
    const { entries, next } = page(seen, args, count(args, 'limit', 100, 999));
    return { channels: entries.map((channel) => channelJson(core.app, channel)), response_metadata: { next_cursor: next } };
  },
};

/** Groups are a fixture of the workspace; who is in one is told by id. */
const groupMembers: Method = {
  scopes: ['usergroups:read'],
  act(core, args) {
    const users = core.groups.get(required(args, 'usergroup'));
    if (users === undefined) throw new Refused('no_such_subteam');
    return { users: [...users] };
  },
};

export const peopleAndAppMethods = {
  'auth.test': authTest,
  'apps.connections.open': connectionsOpen,
  'users.info': userInfo,
  'users.list': userList,
  'users.lookupByEmail': byEmail,
  'users.conversations': userConversations,
  'usergroups.users.list': groupMembers,
} satisfies Record<string, Method>;
