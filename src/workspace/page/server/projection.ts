/** The workspace as one person may see it: their channels, their ephemerals, their modals; nothing of anybody else's. */
import type { Bookmark, Channel, Message, Person, SuggestedPrompts, ThreadStatus, View } from '../../records.ts';
import type { Refusal } from '../../refused.ts';
import type { WorkspaceChange } from '../../store.ts';
import type { Workspace } from '../../workspace.ts';
import type {
  PageBookmark,
  PageChange,
  PageChannel,
  PageHistory,
  PageMessage,
  PagePerson,
  PagePrompts,
  PageRefusal,
  PageState,
  PageStatus,
  PageView,
  Replies,
} from '../wire.ts';

const pageSize = 100;

export function stateFor(workspace: Workspace, me: string, rest: Pick<PageState, 'csrf' | 'position' | 'mayActAsOthers'>): PageState {
  // The conversation with the app is always offered, so it has to exist.
  workspace.directMessage(me);
  const home = workspace.home(me);
  return {
    me,
    ...rest,
    app: {
      name: workspace.app.name,
      botUser: workspace.app.botUser,
      hasHomeTab: workspace.app.hasHomeTab,
      connections: workspace.connections(),
    },
    people: workspace.people().map(personOf),
    channels: workspace
      .channels()
      .filter((channel) => sees(me, channel))
      .map((channel) => channelOf(workspace, channel, me)),
    commands: workspace.app.commands.map(({ command, description, usageHint }) => ({ command, description, usageHint })),
    shortcuts: workspace.app.shortcuts,
    views: workspace.views(me).map(viewOf),
    home: home === undefined ? null : viewOf(home),
    refusals: workspace
      .refusals()
      .slice(-200)
      .map((refusal) => refusalFor(workspace, refusal, me)),
  };
}

export function sees(me: string, channel: Channel): boolean {
  return channel.kind === 'public' || channel.members.includes(me);
}

/** Roots and broadcast replies of a channel, the last hundred before `before`. */
export function channelHistory(workspace: Workspace, channel: Channel, me: string, before: string | null): PageHistory {
  const roots = workspace
    .messages(channel.id, me)
    .filter((message) => (message.threadTs === null || message.isBroadcast) && (before === null || message.ts < before));
  const shown = roots.slice(-pageSize);
  return {
    messages: shown.map((message) => messageOf(workspace, message)),
    hasEarlier: roots.length > shown.length,
    bookmarks: workspace.bookmarks(channel.id).map(bookmarkOf),
    prompts: promptsOf(workspace.prompts(channel.id)),
    statuses: shown.slice(-20).flatMap((message) => statusOf(workspace.status({ channel: channel.id, ts: message.ts }))),
  };
}

export function threadHistory(workspace: Workspace, channel: Channel, me: string, ts: string): PageHistory {
  const root = workspace.message({ channel: channel.id, ts });
  const own = workspace.ephemerals(channel.id, me).filter((message) => message.threadTs === ts);
  const messages = [...(root === undefined ? [] : [root]), ...workspace.replies({ channel: channel.id, ts }), ...own].sort((a, b) =>
    a.ts < b.ts ? -1 : 1,
  );
  return {
    messages: messages.map((message) => messageOf(workspace, message)),
    hasEarlier: false,
    bookmarks: [],
    prompts: null,
    statuses: statusOf(workspace.status({ channel: channel.id, ts })),
  };
}

/** A change as `me` sees it, or null. */
export function changeFor(workspace: Workspace, change: WorkspaceChange, me: string): PageChange | null {
  const channelSeen = (id: string): boolean => workspace.channels().some((channel) => channel.id === id && sees(me, channel));
  switch (change.kind) {
    case 'message': {
      const { message } = change;
      if (message.visibleTo === null ? !channelSeen(message.channel) : message.visibleTo !== me) return null;
      const rootReplies =
        message.threadTs === null || message.visibleTo !== null ? null : repliesTo(workspace, message.channel, message.threadTs);
      return { kind: 'message', change: change.change, message: messageOf(workspace, message), rootReplies };
    }
    case 'channel':
      return sees(me, change.channel) ? { kind: 'channel', channel: channelOf(workspace, change.channel, me) } : null;
    case 'person':
      return { kind: 'person', person: personOf(change.person) };
    case 'views':
      return change.user === me ? { kind: 'views', views: change.stack.map(viewOf) } : null;
    case 'home':
      return change.user === me ? { kind: 'home', home: viewOf(change.home) } : null;
    case 'bookmark':
      return channelSeen(change.bookmark.channel)
        ? { kind: 'bookmark', change: change.change, bookmark: bookmarkOf(change.bookmark) }
        : null;
    case 'status':
      return channelSeen(change.status.channel) ? { kind: 'status', status: pageStatus(change.status) } : null;
    case 'prompts': {
      const prompts = channelSeen(change.prompts.channel) ? promptsOf(change.prompts) : null;
      return prompts === null ? null : { kind: 'prompts', prompts };
    }
    case 'sockets':
      return { kind: 'sockets', connections: change.connections };
    case 'refusal':
      return { kind: 'refusal', refusal: refusalFor(workspace, change.refusal, me) };
  }
}

function personOf(person: Person): PagePerson {
  return { id: person.id, name: person.name, realName: person.realName, isBot: person.isBot };
}

function channelOf(workspace: Workspace, channel: Channel, me: string): PageChannel {
  const other = workspace.people().find((person) => person.id === channel.members.find((member) => member !== me));
  return {
    id: channel.id,
    name: channel.kind === 'im' ? (other?.realName ?? workspace.app.name) : channel.name,
    kind: channel.kind,
    isMember: channel.members.includes(me),
    memberCount: channel.members.length,
    isArchived: channel.isArchived,
    topic: channel.topic,
  };
}

function messageOf(workspace: Workspace, message: Message): PageMessage {
  const author = workspace.people().find((person) => person.id === message.user);
  const isBot = message.botId !== null || author?.isBot === true;
  return {
    channel: message.channel,
    ts: message.ts,
    threadTs: message.threadTs,
    isBroadcast: message.isBroadcast,
    user: message.user,
    name: message.username ?? author?.name ?? message.user,
    isBot,
    isOurs: message.botId === workspace.app.botId,
    text: message.text,
    // What a person typed is drawn from their text: the blocks Slack's composer makes of it carry no emphasis here.
    blocks: isBot ? message.blocks : [],
    attachments: message.attachments,
    files: message.files.flatMap((id) => {
      const file = workspace.file(id);
      return file === undefined
        ? []
        : [{ id: file.id, name: file.name, title: file.title, mimetype: file.mimetype, alt_txt: file.altText }];
    }),
    reactions: message.reactions,
    isEdited: message.editedTs !== null,
    isEphemeral: message.visibleTo !== null,
    isStreaming: message.stream?.state === 'streaming',
    replies: message.threadTs === null && message.visibleTo === null ? repliesTo(workspace, message.channel, message.ts) : null,
  };
}

function repliesTo(workspace: Workspace, channel: string, ts: string): Replies | null {
  const replies = workspace.replies({ channel, ts });
  const last = replies.at(-1);
  return last === undefined ? null : { count: replies.length, users: [...new Set(replies.map((reply) => reply.user))], lastTs: last.ts };
}

function viewOf(view: View): PageView {
  return { id: view.id, hash: view.hash, view: view.view, errors: view.errors };
}

function pageStatus({ channel, threadTs, status, loadingMessages }: ThreadStatus): PageStatus {
  return { channel, threadTs, status, loadingMessages };
}

function statusOf(status: ThreadStatus | undefined): readonly PageStatus[] {
  return status === undefined ? [] : [pageStatus(status)];
}

function promptsOf(prompts: SuggestedPrompts | undefined): PagePrompts | null {
  return prompts === undefined ? null : { channel: prompts.channel, title: prompts.title, prompts: prompts.prompts };
}

function bookmarkOf({ id, channel, title, link, emoji }: Bookmark): PageBookmark {
  return { id, channel, title, link, emoji };
}

/** Everybody may know that something was refused and why; what was sent only those who could have read it. */
function refusalFor(workspace: Workspace, refusal: Refusal, me: string): PageRefusal {
  const target = refusal.sent['channel'] ?? refusal.sent['channel_id'];
  const channel = workspace.channels().find((candidate) => candidate.id === target);
  const mayRead = channel === undefined || sees(me, channel);
  return { at: refusal.at, method: refusal.method, code: refusal.code, reasons: refusal.reasons, sent: mayRead ? refusal.sent : {} };
}
