/** What the page knows: the last state from the server, kept up to date by the stream. Views read it, nothing else writes it. */
import type { Lookups } from '../render/lookups.ts';
import type { PageChange, PageHistory, PageMessage, PageState, PageStatus, Replies } from '../wire.ts';

export interface Place {
  /** A channel id, or one of the two places that are not a conversation. */
  readonly kind: 'channel' | 'home' | 'refused';
  readonly channel: string;
}

export interface Model {
  state: PageState;
  place: Place;
  /** The place whose history is here; it lags behind while a new one is loading. */
  loaded: Place | null;
  history: PageHistory;
  thread: { readonly channel: string; readonly ts: string } | null;
  threadMessages: readonly PageMessage[];
  unread: Map<string, number>;
  /** What the app is doing, by channel and thread; kept when it ends (as an empty text), since an older answer may still say it. */
  readonly statuses: Map<string, PageStatus>;
  /** Lists that take down every change of a message while something is being loaded. */
  readonly recordings: Set<MessageChange[]>;
}

export type MessageChange = Extract<PageChange, { readonly kind: 'message' }>;

export const nothing: PageHistory = { messages: [], hasEarlier: false, bookmarks: [], prompts: null, statuses: [] };

export function createModel(state: PageState): Model {
  return {
    state,
    place: { kind: 'channel', channel: '' },
    loaded: null,
    history: nothing,
    thread: null,
    threadMessages: [],
    unread: new Map(),
    statuses: new Map(),
    recordings: new Set(),
  };
}

export function lookupsOf(model: Model): Lookups {
  return {
    people: model.state.people,
    channels: model.state.channels.filter((channel) => channel.kind !== 'im'),
    viewer: model.state.me,
    picture: pictureOf,
  };
}

/** Files of the workspace, whichever way a message names them. */
function pictureOf(urlOrId: string): string | undefined {
  const id = /^(?:[FR][A-Z0-9]{2,})$/.exec(urlOrId)?.[0] ?? /\/files\/([A-Z0-9]+)(?:\/|$)/.exec(urlOrId)?.[1];
  return id === undefined ? undefined : `/chat/files/${id}`;
}

function isShownInChannel(message: PageMessage): boolean {
  return message.threadTs === null || message.isBroadcast;
}

/** Puts a posted, edited or deleted message where it is shown: the channel, the thread, both or neither. */
export function applyMessage(model: Model, { change, message, rootReplies }: MessageChange): void {
  const { place, thread } = model;
  const counted = (messages: readonly PageMessage[]): readonly PageMessage[] =>
    message.threadTs === null || rootReplies === null ? messages : withReplies(messages, message.threadTs, rootReplies);
  if (place.kind === 'channel' && place.channel === message.channel) {
    const { messages } = model.history;
    model.history = { ...model.history, messages: counted(isShownInChannel(message) ? placeMessage(messages, message, change) : messages) };
  }
  if (thread?.channel === message.channel && (message.threadTs === thread.ts || message.ts === thread.ts)) {
    model.threadMessages = counted(placeMessage(model.threadMessages, message, change));
  }
}

/** The model after a change of people, channels or the app; messages are placed by `placeMessage`. */
export function withChange(state: PageState, change: PageChange): PageState {
  switch (change.kind) {
    case 'channel':
      return { ...state, channels: replaced(state.channels, change.channel) };
    case 'person':
      return { ...state, people: replaced(state.people, change.person) };
    case 'views':
      return { ...state, views: change.views };
    case 'home':
      return { ...state, home: change.home };
    case 'sockets':
      return { ...state, app: { ...state.app, connections: change.connections } };
    case 'refusal':
      return { ...state, refusals: [...state.refusals, change.refusal].slice(-200) };
    default:
      return state;
  }
}

function replaced<Entry extends { readonly id: string }>(list: readonly Entry[], entry: Entry): readonly Entry[] {
  return list.some((each) => each.id === entry.id) ? list.map((each) => (each.id === entry.id ? entry : each)) : [...list, entry];
}

function placeMessage(
  messages: readonly PageMessage[],
  message: PageMessage,
  change: 'posted' | 'edited' | 'deleted',
): readonly PageMessage[] {
  const others = messages.filter((each) => each.ts !== message.ts);
  if (change === 'deleted') return others;
  const before = messages.find((each) => each.ts === message.ts);
  // An edit of something that is not shown (an older page) is not news.
  if (before === undefined && change === 'edited') return messages;
  return before === undefined ? [...others, message].sort(byTs) : messages.map((each) => (each.ts === message.ts ? message : each));
}

function withReplies(messages: readonly PageMessage[], rootTs: string, replies: Replies | null): readonly PageMessage[] {
  return messages.map((each) => (each.ts === rootTs ? { ...each, replies } : each));
}

function byTs(a: PageMessage, b: PageMessage): number {
  return a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0;
}
