/** What a workspace consists of. All of it is data; every change replaces a record by a new one. */
import type { JsonObject } from './json.ts';

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly realName: string;
  readonly email: string;
  readonly isBot: boolean;
  readonly tz: string;
  readonly tzOffsetSeconds: number;
}

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly kind: 'public' | 'private' | 'im';
  readonly members: readonly string[];
  readonly isArchived: boolean;
  readonly topic: string;
  readonly creator: string;
  readonly createdAt: number;
}

export interface Reaction {
  readonly name: string;
  readonly users: readonly string[];
}

/** One stretch of a stream: text, a task (updated in place) or blocks, in the order they first came. */
export type StreamPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'task'; readonly task: JsonObject }
  | { readonly kind: 'blocks'; readonly blocks: readonly JsonObject[] };

/** A message that grows while its author writes it, for five minutes at most. */
export interface Stream {
  readonly startedAt: number;
  readonly state: 'streaming' | 'stopped';
  readonly endedBy: 'app' | 'time' | 'person' | null;
  readonly display: 'timeline' | 'plan' | 'dense';
  readonly planTitle: string | null;
  readonly parts: readonly StreamPart[];
}

export interface Message {
  readonly channel: string;
  readonly ts: string;
  /** Set on replies only; a root that has replies is found by its replies. */
  readonly threadTs: string | null;
  readonly isBroadcast: boolean;
  readonly user: string;
  /** Set on messages of bots, ours or another's. */
  readonly botId: string | null;
  /** Set on messages of our app. */
  readonly appId: string | null;
  readonly username: string | null;
  readonly iconEmoji: string | null;
  readonly subtype: string | null;
  readonly text: string;
  readonly blocks: readonly JsonObject[];
  readonly attachments: readonly JsonObject[];
  readonly metadata: JsonObject | null;
  readonly files: readonly string[];
  readonly reactions: readonly Reaction[];
  /** The ts of the last edit. */
  readonly editedTs: string | null;
  readonly stream: Stream | null;
  /** Ephemeral messages are seen by this person alone and are gone after a restart. */
  readonly visibleTo: string | null;
}

export interface View {
  readonly id: string;
  readonly kind: 'modal' | 'home';
  readonly user: string;
  readonly hash: string;
  readonly rootId: string;
  readonly previousId: string | null;
  readonly externalId: string;
  /** What the app sent, with block and action ids filled in. */
  readonly view: JsonObject;
  /** block_id → sentence, from `response_action: errors`. */
  readonly errors: Readonly<Record<string, string>>;
  /** Where the modal came from: shortcuts and commands carry response URLs for `response_url_enabled` selects. */
  readonly values: JsonObject;
}

export interface UploadedFile {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly altText: string;
  readonly mimetype: string;
  readonly size: number;
  readonly user: string;
  readonly createdAt: number;
  readonly channels: readonly string[];
  readonly isShared: boolean;
  /** Base64. */
  readonly content: string;
}

export interface Bookmark {
  readonly id: string;
  readonly channel: string;
  readonly title: string;
  readonly link: string;
  readonly emoji: string;
}

/** `assistant.threads.setStatus`: shown under a thread until cleared, answered, or two minutes old. */
export interface ThreadStatus {
  readonly channel: string;
  readonly threadTs: string;
  readonly status: string;
  readonly loadingMessages: readonly string[];
  readonly setAt: number;
}

export interface SuggestedPrompts {
  readonly channel: string;
  readonly threadTs: string | null;
  readonly title: string;
  readonly prompts: readonly { readonly title: string; readonly message: string }[];
}
