/** Everything a person (or a test, or the page on a person's behalf) can do and see, by names or ids. */
import { archive, imWith, join, leave, makeChannel } from '../conversations.ts';
import type { Core } from '../core.ts';
import { tellApp } from '../dispatch.ts';
import type { JsonObject } from '../json.ts';
import type { Bookmark, Channel, Message, Person, SuggestedPrompts, ThreadStatus, UploadedFile, View } from '../records.ts';
import { Refused } from '../refused.ts';
import { endStream } from '../streams.ts';
import { tellHomeOpened } from '../views.ts';
import { react, unreact } from '../web-api/reactions-and-bookmarks.ts';
import { invites } from './invite.ts';
import {
  type Act,
  type Click,
  clickInMessage,
  clickInView,
  memberOf,
  runCommand,
  runGlobalShortcut,
  runMessageShortcut,
} from './acting.ts';
import { dismissView, submitView, type Submission, suggestOptions } from './forms.ts';
import type { Inputs } from './inputs.ts';
import { deleteSaid, editSaid, say, sayAsBot, sayDirectly, type Saying } from './speaking.ts';
import { welcome } from './welcome.ts';

/** A message, by channel (id or name) and ts. */
export interface At {
  readonly channel: string;
  readonly ts: string;
}

// setStatus is cleared after two minutes without a message (docs.slack.dev, assistant.threads.setStatus).
const statusLivesMs = 120_000;

export function createPeople(core: Core) {
  const finder = createFinder(core);
  return { ...looking(core, finder), ...speaking(core, finder), ...acting(core, finder), ...arranging(core, finder) };
}

/** People, channels and messages by whatever name a caller has for them. */
interface Finder {
  person(nameOrId: string): Person;
  idOf(nameOrId: string): string;
  channelNamed(nameOrId: string): Channel;
  at(where: At): At;
  messageAt(where: At): Message;
  topView(user: string): View;
}

function createFinder({ store }: Core): Finder {
  const person = (nameOrId: string): Person => {
    const found = store.person(nameOrId) ?? store.people().find((candidate) => candidate.name === nameOrId.replace(/^@/, ''));
    if (found === undefined) throw new Refused('user_not_found', [`nobody is called ${nameOrId}`]);
    return found;
  };
  const channelNamed = (nameOrId: string): Channel => {
    const name = nameOrId.replace(/^#/, '');
    const found = store.channel(nameOrId) ?? store.channels().find((candidate) => candidate.kind !== 'im' && candidate.name === name);
    if (found === undefined) throw new Refused('channel_not_found', [`no channel is called ${nameOrId}`]);
    return found;
  };
  return {
    person,
    idOf: (nameOrId) => person(nameOrId).id,
    channelNamed,
    at: ({ channel, ts }) => ({ channel: channelNamed(channel).id, ts }),
    messageAt({ channel, ts }) {
      const message = store.message(channelNamed(channel).id, ts);
      if (message === undefined) throw new Refused('message_not_found');
      return message;
    },
    topView(user) {
      const top = store.views(person(user).id).at(-1);
      if (top === undefined) throw new Refused('not_found', ['no modal is open']);
      return top;
    },
  };
}

function looking(core: Core, { person, idOf, channelNamed, at }: Finder) {
  const { store } = core;
  return {
    person,
    people: (): readonly Person[] => store.people(),
    channelNamed,
    channels: (): readonly Channel[] => store.channels(),
    /** Channels and direct messages this person sees. */
    channelsOf: (user: string): readonly Channel[] => store.channels().filter((channel) => channel.members.includes(idOf(user))),
    /** Everything in a channel, replies included, oldest first; with `user` their ephemerals too. */
    messages(channel: string, user?: string): readonly Message[] {
      const { id } = channelNamed(channel);
      const own = user === undefined ? [] : store.ephemerals(id, idOf(user));
      return own.length === 0 ? store.messages(id) : [...store.messages(id), ...own].sort((a, b) => Number(a.ts) - Number(b.ts));
    },
    message: (where: At): Message | undefined => store.message(at(where).channel, where.ts),
    replies: (where: At): readonly Message[] => store.replies(at(where).channel, where.ts),
    ephemerals: (channel: string, user: string): readonly Message[] => store.ephemerals(channelNamed(channel).id, idOf(user)),
    /** Modals open in front of a person, the topmost last. */
    views: (user: string): readonly View[] => store.views(idOf(user)),
    home: (user: string): View | undefined => store.home(idOf(user)),
    file: (id: string): UploadedFile | undefined => store.file(id),
    bookmarks: (channel: string): readonly Bookmark[] => store.bookmarks(channelNamed(channel).id),
    status(where: At): ThreadStatus | undefined {
      const status = store.status(at(where).channel, where.ts);
      return status !== undefined && core.clock.now() - status.setAt < statusLivesMs ? status : undefined;
    },
    prompts: (channel: string): SuggestedPrompts | undefined => store.prompts(channelNamed(channel).id),
  };
}

function speaking(core: Core, { idOf, channelNamed, at, messageAt }: Finder) {
  return {
    say: (saying: Saying): Message => say(core, { ...saying, user: idOf(saying.user), channel: channelNamed(saying.channel).id }),
    reply: (user: string, where: At, text: string): Message =>
      say(core, { user: idOf(user), channel: at(where).channel, text, threadTs: where.ts }),
    /** In the direct message with the app. */
    sayDirectly: (user: string, text: string, threadTs: string | null = null): Message => sayDirectly(core, idOf(user), text, threadTs),
    /** As another bot: an alert of a monitoring tool, say. */
    sayAsBot: (
      channel: string,
      saying: {
        readonly name: string;
        readonly text: string;
        readonly blocks?: readonly JsonObject[];
        readonly attachments?: readonly JsonObject[];
      },
    ): Message => sayAsBot(core, channelNamed(channel).id, saying),
    editMessage: (user: string, where: At, text: string): Message => editSaid(core, idOf(user), at(where), text),
    /** `asAdmin`: also what others wrote. */
    deleteMessage: (user: string, where: At, options: { readonly asAdmin: boolean } = { asAdmin: false }): void =>
      deleteSaid(core, idOf(user), at(where), options.asAdmin),
    react(user: string, where: At, name: string): void {
      react(core, channelNamed(where.channel), messageAt(where), name, idOf(user));
    },
    unreact(user: string, where: At, name: string): void {
      unreact(core, channelNamed(where.channel), messageAt(where), name, idOf(user));
    },
  };
}

function acting(core: Core, { idOf, channelNamed, at, messageAt, topView }: Finder) {
  const { store } = core;
  return {
    click: (user: string, where: At, click: Click): Promise<Act> => clickInMessage(core, idOf(user), at(where), click),
    /** In the topmost modal. */
    clickInModal: (user: string, click: Click): Promise<Act> => clickInView(core, topView(user), click),
    async clickInHome(user: string, click: Click): Promise<Act> {
      const home = store.home(idOf(user));
      if (home === undefined) throw new Refused('not_found', ['the Home tab is empty']);
      return clickInView(core, home, click);
    },
    /** Sends the topmost modal; values by action_id or block_id. */
    submit: (user: string, inputs: Inputs = {}): Promise<Submission> => submitView(core, topView(user), inputs),
    dismiss: (user: string, options: { readonly all: boolean } = { all: false }): Promise<void> =>
      dismissView(core, topView(user), options.all),
    /** Options of an external menu in the topmost modal, or in a message. */
    suggest(user: string, place: 'modal' | At, actionId: string, query: string): Promise<readonly JsonObject[]> {
      if (place === 'modal') return suggestOptions(core, idOf(user), { view: topView(user) }, actionId, query);
      return suggestOptions(core, idOf(user), { message: messageAt(place) }, actionId, query);
    },
    async command(user: string, where: { readonly channel: string; readonly threadTs?: string | null }, line: string): Promise<Act> {
      const channel = channelNamed(where.channel).id;
      return invites(core, idOf(user), channel, line) ? { ok: true } : runCommand(core, idOf(user), { ...where, channel }, line);
    },
    shortcut: (user: string, callbackId: string): Promise<Act> => runGlobalShortcut(core, idOf(user), callbackId),
    messageShortcut: (user: string, where: At, callbackId: string): Promise<Act> =>
      runMessageShortcut(core, idOf(user), at(where), callbackId),
    /** The stop button under an answer that is being written. */
    stopStream: (user: string, where: At): void => endStream(core, memberOf(core, idOf(user), at(where).channel), where.ts, 'person'),
    /** Opens the app's Home or Messages tab; the app hears app_home_opened. */
    openHome(user: string, tab: 'home' | 'messages' = 'home'): View | undefined {
      const id = idOf(user);
      tellHomeOpened(core, id, imWith(core, id).id, tab);
      return store.home(id);
    },
    directMessage: (user: string): Channel => imWith(core, idOf(user)),
    /** Under agent_view: what the person looks at while the app's tab is open. */
    changeContext(user: string, channel: string): void {
      tellApp(core, 'app_context_changed', {
        type: 'app_context_changed',
        user: idOf(user),
        context: { channel_id: channelNamed(channel).id, team_id: core.app.teamId },
        event_ts: store.nextTs(),
      });
    },
  };
}

function arranging(core: Core, { idOf, channelNamed }: Finder) {
  return {
    /** A person of that name, made when new, in every public channel. */
    welcome: (displayName: string): Person => welcome(core, displayName),
    createChannel: (creator: string, name: string, options: { readonly isPrivate: boolean } = { isPrivate: false }): Channel =>
      makeChannel(core, name, { ...options, creator: idOf(creator) }),
    archiveChannel: (channel: string): Channel => archive(core, channelNamed(channel), true),
    unarchiveChannel: (channel: string): Channel => archive(core, channelNamed(channel), false),
    /** `user` may be the app. */
    invite(inviter: string, channel: string, user: string): Channel {
      return join(core, memberOf(core, idOf(inviter), channelNamed(channel).id), idOf(user), idOf(inviter));
    },
    inviteApp: (inviter: string, channel: string): Channel => join(core, channelNamed(channel), core.app.botUser, idOf(inviter)),
    removeFrom: (channel: string, user: string): Channel => leave(core, channelNamed(channel), idOf(user)),
  };
}
