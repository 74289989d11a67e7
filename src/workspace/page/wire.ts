/** What the page's server and its script tell each other: the JSON of `/chat/api/*` and of the event stream. */
import type { Json } from './render/read.ts';

export interface PagePerson {
  readonly id: string;
  readonly name: string;
  readonly realName: string;
  readonly isBot: boolean;
}

export interface PageChannel {
  readonly id: string;
  /** For a direct message the other side's name. */
  readonly name: string;
  readonly kind: 'public' | 'private' | 'im';
  readonly isMember: boolean;
  readonly memberCount: number;
  readonly isArchived: boolean;
  readonly topic: string;
}

export interface Replies {
  readonly count: number;
  readonly users: readonly string[];
  readonly lastTs: string;
}

export interface PageMessage {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs: string | null;
  readonly isBroadcast: boolean;
  readonly user: string;
  readonly name: string;
  readonly isBot: boolean;
  /** Posted by the installed app itself. */
  readonly isOurs: boolean;
  readonly text: string;
  readonly blocks: readonly Json[];
  readonly attachments: readonly Json[];
  readonly files: readonly Json[];
  readonly reactions: readonly { readonly name: string; readonly users: readonly string[] }[];
  readonly isEdited: boolean;
  readonly isEphemeral: boolean;
  readonly isStreaming: boolean;
  readonly replies: Replies | null;
}

export interface PageView {
  readonly id: string;
  readonly hash: string;
  readonly view: Json;
  readonly errors: Readonly<Record<string, string>>;
}

export interface PageStatus {
  readonly channel: string;
  readonly threadTs: string;
  readonly status: string;
  readonly loadingMessages: readonly string[];
}

export interface PageRefusal {
  readonly at: number;
  readonly method: string;
  readonly code: string;
  readonly reasons: readonly string[];
  readonly sent: Json;
}

export interface PageCommand {
  readonly command: string;
  readonly description: string;
  readonly usageHint: string;
}

export interface PageShortcut {
  readonly name: string;
  readonly kind: 'global' | 'message';
  readonly callbackId: string;
  readonly description: string;
}

export interface PageBookmark {
  readonly id: string;
  readonly channel: string;
  readonly title: string;
  readonly link: string;
  readonly emoji: string;
}

export interface PagePrompts {
  readonly channel: string;
  readonly title: string;
  readonly prompts: readonly { readonly title: string; readonly message: string }[];
}

export interface PageState {
  readonly me: string;
  readonly csrf: string;
  /** Where the stream of changes stood when this was read: following it from here misses nothing. */
  readonly position: string;
  /** Without a password the page is a stand-in at which one person plays several. */
  readonly mayActAsOthers: boolean;
  readonly app: { readonly name: string; readonly botUser: string; readonly hasHomeTab: boolean; readonly connections: number };
  readonly people: readonly PagePerson[];
  readonly channels: readonly PageChannel[];
  readonly commands: readonly PageCommand[];
  readonly shortcuts: readonly PageShortcut[];
  readonly views: readonly PageView[];
  readonly home: PageView | null;
  readonly refusals: readonly PageRefusal[];
}

export interface PageHistory {
  /** Roots (and broadcast replies) of a channel or all of a thread, oldest first. */
  readonly messages: readonly PageMessage[];
  readonly hasEarlier: boolean;
  readonly bookmarks: readonly PageBookmark[];
  readonly prompts: PagePrompts | null;
  readonly statuses: readonly PageStatus[];
}

export type PageChange =
  | { readonly kind: 'connected' | 'reload' }
  | {
      readonly kind: 'message';
      readonly change: 'posted' | 'edited' | 'deleted';
      readonly message: PageMessage;
      /** Of the thread's root, when this is a reply. */
      readonly rootReplies: Replies | null;
    }
  | { readonly kind: 'channel'; readonly channel: PageChannel }
  | { readonly kind: 'person'; readonly person: PagePerson }
  | { readonly kind: 'views'; readonly views: readonly PageView[] }
  | { readonly kind: 'home'; readonly home: PageView }
  | { readonly kind: 'bookmark'; readonly change: 'added' | 'removed'; readonly bookmark: PageBookmark }
  | { readonly kind: 'status'; readonly status: PageStatus }
  | { readonly kind: 'prompts'; readonly prompts: PagePrompts }
  | { readonly kind: 'sockets'; readonly connections: number }
  | { readonly kind: 'refusal'; readonly refusal: PageRefusal };

/** What an act came to. Never an HTTP error: the page shows the sentence where the person acted. */
export type PageAct = { readonly ok: true } | { readonly ok: false; readonly message: string };
