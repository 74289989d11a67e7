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

/** Messages of one channel: by ts, plus who replies to whom. Ephemerals stand apart: they are in no history. */
interface ChannelMessages {
  readonly lasting: Map<string, Message>;
  readonly ephemeral: Map<string, Message>;
  readonly replies: Map<string, Map<string, Message>>;
}

// Ephemerals live in the open client only; Slack's own are gone on reload. The oldest go first.
const maxEphemeralsPerChannel = 200;

/** One per workspace, for as long as it runs. */
export class Store {
  readonly #persistence: Persistence;
  readonly #clock: Clock;
  readonly #announce: (change: WorkspaceChange) => void;
  readonly #people = new Map<string, Person>();
  readonly #channels = new Map<string, Channel>();
  readonly #messages = new Map<string, ChannelMessages>();
  readonly #views = new Map<string, readonly View[]>();
  readonly #homes = new Map<string, View>();
  readonly #files = new Map<string, UploadedFile>();
  readonly #bookmarks = new Map<string, Bookmark>();
  readonly #statuses = new Map<string, ThreadStatus>();
  readonly #prompts = new Map<string, SuggestedPrompts>();
  #lastMicros = 0;

  constructor(persistence: Persistence, clock: Clock, announce: (change: WorkspaceChange) => void) {
    this.#persistence = persistence;
    this.#clock = clock;
    this.#announce = announce;
    this.#restore(persistence.load());
  }

  /** Unique and rising over the whole workspace, also across restarts and when the clock steps back. */
  nextTs(): string {
    this.#lastMicros = Math.max(Math.floor(this.#clock.now() * 1000), this.#lastMicros + 1);
    const digits = String(this.#lastMicros);
    return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
  }

  people(): readonly Person[] {
    return [...this.#people.values()];
  }

  person(id: string): Person | undefined {
    return this.#people.get(id);
  }

  putPerson(person: Person): void {
    this.#people.set(person.id, person);
    this.#save('person', person.id, person);
    this.#announce({ kind: 'person', person });
  }

  channels(): readonly Channel[] {
    return [...this.#channels.values()];
  }

  channel(id: string): Channel | undefined {
    return this.#channels.get(id);
  }

  putChannel(channel: Channel): void {
    this.#channels.set(channel.id, channel);
    this.#save('channel', channel.id, channel);
    this.#announce({ kind: 'channel', channel });
  }

  /** Everything lasting in a channel, replies included, oldest first. */
  messages(channel: string): readonly Message[] {
    return [...this.#shelf(channel).lasting.values()];
  }

  message(channel: string, ts: string): Message | undefined {
    return this.#shelf(channel).lasting.get(ts);
  }

  ephemeral(channel: string, ts: string): Message | undefined {
    return this.#shelf(channel).ephemeral.get(ts);
  }

  ephemerals(channel: string, user: string): readonly Message[] {
    return [...this.#shelf(channel).ephemeral.values()].filter((message) => message.visibleTo === user);
  }

  replies(channel: string, threadTs: string): readonly Message[] {
    return [...(this.#shelf(channel).replies.get(threadTs)?.values() ?? [])];
  }

  putMessage(message: Message, change: 'posted' | 'edited'): void {
    this.#place(message);
    if (message.visibleTo === null) this.#save('message', messageKey(message), message);
    this.#announce({ kind: 'message', change, message });
  }

  removeMessage(message: Message): void {
    this.#take(message);
    if (message.visibleTo === null) this.#save('message', messageKey(message), null);
    this.#announce({ kind: 'message', change: 'deleted', message });
  }

  /** After something was deleted by request: see `Persistence`. */
  scrub(): void {
    this.#persistence.scrub?.();
  }

  /** Takes messages and files away without a word: what nobody has written to since `cutoff` (a ts). Returns how many. */
  forgetBefore(cutoff: string): number {
    const gone: Message[] = [];
    for (const { lasting, replies } of this.#messages.values()) {
      for (const message of lasting.values()) {
        const latest = [...(replies.get(message.threadTs ?? message.ts)?.keys() ?? [])].at(-1) ?? message.ts;
        if (Number(latest) < Number(cutoff) && Number(message.ts) < Number(cutoff)) gone.push(message);
      }
    }
    for (const message of gone) this.#take(message);
    const files = [...new Set(gone.flatMap((message) => message.files))];
    for (const id of files) this.#files.delete(id);
    const removed: StoredRecord[] = [
      ...gone.map((message) => ({ kind: 'message' as const, id: messageKey(message), body: null })),
      ...files.map((id) => ({ kind: 'file' as const, id, body: null })),
    ];
    if (removed.length > 0) this.#persistence.save(removed);
    return gone.length;
  }

  /** Modals open in front of a person, the topmost last. */
  views(user: string): readonly View[] {
    return this.#views.get(user) ?? [];
  }

  allViews(): readonly View[] {
    return [...[...this.#views.values()].flat(), ...this.#homes.values()];
  }

  setViews(user: string, stack: readonly View[]): void {
    this.#views.set(user, stack);
    this.#announce({ kind: 'views', user, stack });
  }

  home(user: string): View | undefined {
    return this.#homes.get(user);
  }

  putHome(home: View): void {
    this.#homes.set(home.user, home);
    this.#save('home', home.user, home);
    this.#announce({ kind: 'home', user: home.user, home });
  }

  file(id: string): UploadedFile | undefined {
    return this.#files.get(id);
  }

  removeFile(id: string): void {
    this.#files.delete(id);
    this.#save('file', id, null);
    this.scrub();
  }

  putFile(file: UploadedFile): void {
    this.#files.set(file.id, file);
    this.#save('file', file.id, file);
  }

  bookmarks(channel: string): readonly Bookmark[] {
    return [...this.#bookmarks.values()].filter((bookmark) => bookmark.channel === channel);
  }

  putBookmark(bookmark: Bookmark): void {
    this.#bookmarks.set(bookmark.id, bookmark);
    this.#save('bookmark', bookmark.id, bookmark);
    this.#announce({ kind: 'bookmark', change: 'added', bookmark });
  }

  removeBookmark(bookmark: Bookmark): void {
    this.#bookmarks.delete(bookmark.id);
    this.#save('bookmark', bookmark.id, null);
    this.#announce({ kind: 'bookmark', change: 'removed', bookmark });
  }

  status(channel: string, threadTs: string): ThreadStatus | undefined {
    return this.#statuses.get(`${channel}/${threadTs}`);
  }

  putStatus(status: ThreadStatus): void {
    const key = `${status.channel}/${status.threadTs}`;
    if (status.status === '') this.#statuses.delete(key);
    else this.#statuses.set(key, status);
    this.#announce({ kind: 'status', status });
  }

  prompts(channel: string): SuggestedPrompts | undefined {
    return this.#prompts.get(channel);
  }

  putPrompts(suggested: SuggestedPrompts): void {
    this.#prompts.set(suggested.channel, suggested);
    this.#announce({ kind: 'prompts', prompts: suggested });
  }

  #save(kind: RecordKind, id: string, body: object | null): void {
    this.#persistence.save([{ kind, id, body: body === null ? null : JSON.stringify(body) }]);
  }

  #shelf(channel: string): ChannelMessages {
    const found = this.#messages.get(channel) ?? { lasting: new Map(), ephemeral: new Map(), replies: new Map() };
    this.#messages.set(channel, found);
    return found;
  }

  #take(message: Message): void {
    const { lasting, ephemeral, replies } = this.#shelf(message.channel);
    if (message.visibleTo !== null) {
      ephemeral.delete(message.ts);
      return;
    }
    lasting.delete(message.ts);
    const thread = replies.get(message.threadTs ?? '');
    thread?.delete(message.ts);
    if (thread?.size === 0) replies.delete(message.threadTs ?? '');
  }

  #place(message: Message): void {
    const { lasting, ephemeral, replies } = this.#shelf(message.channel);
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
  #restore(records: Iterable<StoredRecord>): void {
    const found: Message[] = [];
    for (const { kind, id, body } of records) {
      if (body === null) continue;
      const record = JSON.parse(body);
      if (kind === 'person') this.#people.set(id, record);
      else if (kind === 'channel') this.#channels.set(id, record);
      else if (kind === 'message') found.push(ended(record));
      else if (kind === 'home') this.#homes.set(id, record);
      else if (kind === 'file') this.#files.set(id, record);
      else this.#bookmarks.set(id, record);
    }
    found.sort((a, b) => microsOf(a.ts) - microsOf(b.ts));
    for (const message of found) this.#place(message);
    this.#lastMicros = microsOf(found.at(-1)?.ts ?? '0');
  }
}

const messageKey = (message: Message): string => `${message.channel}/${message.ts}`;

function microsOf(ts: string): number {
  const [seconds = '0', micros = '0'] = ts.split('.');
  return Number(seconds) * 1_000_000 + Number(micros.padEnd(6, '0').slice(0, 6));
}

/** Nobody writes on after a restart: what was streaming stands as it is. */
function ended(message: Message): Message {
  return message.stream?.state === 'streaming' ? { ...message, stream: { ...message.stream, state: 'stopped', endedBy: 'time' } } : message;
}
