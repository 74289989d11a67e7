/**
 * The workspace's memory: people, channels, messages, views, files. It keeps what it is told, in order, hands every change
 * to one listener, and writes what should outlive a restart through `Persistence`. Rules live elsewhere.
 */
import type { Clock } from './clock.ts';
import type { Persistence, RecordKind, StoredRecord } from './persistence.ts';
import type { Bookmark, Channel, Message, Person, SuggestedPrompts, ThreadStatus, UploadedFile, View } from './records.ts';
import type { Refusal } from './refused.ts';

export type WorkspaceChange =
  | { readonly kind: 'message'; readonly change: 'posted' | 'edited' | 'deleted'; readonly message: Message }
  | { readonly kind: 'channel'; readonly channel: Channel }
  | { readonly kind: 'person'; readonly person: Person }
  | { readonly kind: 'views'; readonly user: string; readonly stack: readonly View[] }
  | { readonly kind: 'home'; readonly user: string; readonly home: View }
  | { readonly kind: 'bookmark'; readonly change: 'added' | 'removed'; readonly bookmark: Bookmark }
  | { readonly kind: 'status'; readonly status: ThreadStatus }
  | { readonly kind: 'prompts'; readonly prompts: SuggestedPrompts }
  | { readonly kind: 'sockets'; readonly connections: number }
  | { readonly kind: 'refusal'; readonly refusal: Refusal };

export type Store = ReturnType<typeof createStore>;

/** Messages of one channel: by ts, plus who replies to whom. Ephemerals stand apart: they are in no history. */
interface ChannelMessages {
  readonly lasting: Map<string, Message>;
  readonly ephemeral: Map<string, Message>;
  readonly replies: Map<string, Map<string, Message>>;
}

// Ephemerals live in the open client only; Slack's own are gone on reload. The oldest go first.
const maxEphemeralsPerChannel = 200;

export function createStore(persistence: Persistence, clock: Clock, announce: (change: WorkspaceChange) => void) {
  const people = new Map<string, Person>();
  const channels = new Map<string, Channel>();
  const messages = new Map<string, ChannelMessages>();
  const views = new Map<string, readonly View[]>();
  const homes = new Map<string, View>();
  const files = new Map<string, UploadedFile>();
  const bookmarks = new Map<string, Bookmark>();
  const statuses = new Map<string, ThreadStatus>();
  const prompts = new Map<string, SuggestedPrompts>();
  let lastMicros = 0;

  const save = (kind: RecordKind, id: string, body: object | null): void =>
    persistence.save([{ kind, id, body: body === null ? null : JSON.stringify(body) }]);
  const messageKey = (message: Message): string => `${message.channel}/${message.ts}`;

  function shelf(channel: string): ChannelMessages {
    const found = messages.get(channel) ?? { lasting: new Map(), ephemeral: new Map(), replies: new Map() };
    messages.set(channel, found);
    return found;
  }

  function place(message: Message): void {
    const { lasting, ephemeral, replies } = shelf(message.channel);
    if (message.visibleTo !== null) {
      ephemeral.set(message.ts, message);
      const oldest = ephemeral.keys().next().value;
      if (ephemeral.size > maxEphemeralsPerChannel && oldest !== undefined) ephemeral.delete(oldest);
      return;
    }
    lasting.set(message.ts, message);
    if (message.threadTs === null) return;
    const thread = replies.get(message.threadTs) ?? new Map<string, Message>();
    replies.set(message.threadTs, thread.set(message.ts, message));
  }

  // Bodies are our own JSON of the same version; a file of another version would be another table.
  function restore(records: Iterable<StoredRecord>): void {
    const found: Message[] = [];
    for (const { kind, id, body } of records) {
      if (body === null) continue;
      const record = JSON.parse(body);
      if (kind === 'person') people.set(id, record);
      else if (kind === 'channel') channels.set(id, record);
      else if (kind === 'message') found.push(record);
      else if (kind === 'home') homes.set(id, record);
      else if (kind === 'file') files.set(id, record);
      else bookmarks.set(id, record);
    }
    found.sort((a, b) => Number(a.ts) - Number(b.ts) || (a.ts < b.ts ? -1 : 1));
    for (const message of found) place(message);
    lastMicros = found.reduce((latest, message) => Math.max(latest, microsOf(message.ts)), 0);
  }
  restore(persistence.load());

  return {
    /** Unique and rising over the whole workspace, also across restarts and when the clock steps back. */
    nextTs(): string {
      lastMicros = Math.max(clock.now() * 1000, lastMicros + 1);
      const digits = String(lastMicros);
      return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
    },
    people: (): readonly Person[] => [...people.values()],
    person: (id: string): Person | undefined => people.get(id),
    putPerson(person: Person): void {
      people.set(person.id, person);
      save('person', person.id, person);
      announce({ kind: 'person', person });
    },
    channels: (): readonly Channel[] => [...channels.values()],
    channel: (id: string): Channel | undefined => channels.get(id),
    putChannel(channel: Channel): void {
      channels.set(channel.id, channel);
      save('channel', channel.id, channel);
      announce({ kind: 'channel', channel });
    },
    /** Everything lasting in a channel, replies included, oldest first. */
    messages: (channel: string): readonly Message[] => [...shelf(channel).lasting.values()],
    message: (channel: string, ts: string): Message | undefined => shelf(channel).lasting.get(ts),
    ephemeral: (channel: string, ts: string): Message | undefined => shelf(channel).ephemeral.get(ts),
    ephemerals: (channel: string, user: string): readonly Message[] =>
      [...shelf(channel).ephemeral.values()].filter((message) => message.visibleTo === user),
    replies: (channel: string, threadTs: string): readonly Message[] => [...(shelf(channel).replies.get(threadTs)?.values() ?? [])],
    putMessage(message: Message, change: 'posted' | 'edited'): void {
      place(message);
      if (message.visibleTo === null) save('message', messageKey(message), message);
      announce({ kind: 'message', change, message });
    },
    removeMessage(message: Message): void {
      const { lasting, ephemeral, replies } = shelf(message.channel);
      if (message.visibleTo !== null) ephemeral.delete(message.ts);
      else {
        lasting.delete(message.ts);
        if (message.threadTs !== null) replies.get(message.threadTs)?.delete(message.ts);
        save('message', messageKey(message), null);
      }
      announce({ kind: 'message', change: 'deleted', message });
    },
    /** Modals open in front of a person, the topmost last. */
    views: (user: string): readonly View[] => views.get(user) ?? [],
    allViews: (): readonly View[] => [...[...views.values()].flat(), ...homes.values()],
    setViews(user: string, stack: readonly View[]): void {
      views.set(user, stack);
      announce({ kind: 'views', user, stack });
    },
    home: (user: string): View | undefined => homes.get(user),
    putHome(home: View): void {
      homes.set(home.user, home);
      save('home', home.user, home);
      announce({ kind: 'home', user: home.user, home });
    },
    file: (id: string): UploadedFile | undefined => files.get(id),
    putFile(file: UploadedFile): void {
      files.set(file.id, file);
      save('file', file.id, file);
    },
    bookmarks: (channel: string): readonly Bookmark[] => [...bookmarks.values()].filter((bookmark) => bookmark.channel === channel),
    putBookmark(bookmark: Bookmark): void {
      bookmarks.set(bookmark.id, bookmark);
      save('bookmark', bookmark.id, bookmark);
      announce({ kind: 'bookmark', change: 'added', bookmark });
    },
    removeBookmark(bookmark: Bookmark): void {
      bookmarks.delete(bookmark.id);
      save('bookmark', bookmark.id, null);
      announce({ kind: 'bookmark', change: 'removed', bookmark });
    },
    status: (channel: string, threadTs: string): ThreadStatus | undefined => statuses.get(`${channel}/${threadTs}`),
    putStatus(status: ThreadStatus): void {
      const key = `${status.channel}/${status.threadTs}`;
      if (status.status === '') statuses.delete(key);
      else statuses.set(key, status);
      announce({ kind: 'status', status });
    },
    prompts: (channel: string): SuggestedPrompts | undefined => prompts.get(channel),
    putPrompts(suggested: SuggestedPrompts): void {
      prompts.set(suggested.channel, suggested);
      announce({ kind: 'prompts', prompts: suggested });
    },
  };
}

function microsOf(ts: string): number {
  const [seconds = '0', micros = '0'] = ts.split('.');
  return Number(seconds) * 1_000_000 + Number(micros.padEnd(6, '0').slice(0, 6));
}
