/** What the page knows: the last state from the server, kept up to date by the stream. Views read it, nothing else writes it. */
import type { Lookups } from '../render/lookups.ts';
import type { PageChange, PageHistory, PageMessage, PageState, Replies } from '../wire.ts';

export interface Place {
  /** A channel id, or one of the two places that are not a conversation. */
  readonly kind: 'channel' | 'home' | 'refused';
  readonly channel: string;
}

export interface Model {
  state: PageState;
  place: Place;
  history: PageHistory;
  thread: { readonly channel: string; readonly ts: string } | null;
  threadMessages: readonly PageMessage[];
  unread: Map<string, number>;
}

const nothing: PageHistory = { messages: [], hasEarlier: false, bookmarks: [], prompts: null, statuses: [] };

export function createModel(state: PageState): Model {
  return { state, place: { kind: 'channel', channel: '' }, history: nothing, thread: null, threadMessages: [], unread: new Map() };
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

export function isShownInChannel(message: PageMessage): boolean {
  return message.threadTs === null || message.isBroadcast;
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

export function placeMessage(
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

export function withReplies(messages: readonly PageMessage[], rootTs: string, replies: Replies | null): readonly PageMessage[] {
  return messages.map((each) => (each.ts === rootTs ? { ...each, replies } : each));
}

export function byTs(a: PageMessage, b: PageMessage): number {
  return a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0;
}
