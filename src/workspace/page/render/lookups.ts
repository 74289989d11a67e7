/** What the renderer has to be told about the world: names behind ids, and for whom it renders. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly isBot?: boolean;
}

export interface Conversation {
  readonly id: string;
  readonly name: string;
}

export interface Lookups {
  /** Everyone and every channel, in the order a select offers them. */
  readonly people?: readonly Person[];
  readonly channels?: readonly Conversation[];
  readonly userGroups?: readonly Conversation[];
  /** Where a picture can be had on this server; undefined when it lies elsewhere and is therefore not loaded. */
  readonly picture?: (urlOrFileId: string) => string | undefined;
  /** IANA name; the browser's own zone when absent. */
  readonly timeZone?: string;
  /** Milliseconds; decides what "Today" means and how long ago something was. */
  readonly now?: number;
  /** The reader's user id: a mention of them stands out. */
  readonly viewer?: string;
  /** The level of a header block: one below the heading that the message or view stands under. */
  readonly headingLevel?: number;
  /** Makes element ids unique over all messages of a page. */
  readonly idPrefix?: string;
}

export function personName(lookups: Lookups, id: string): string | undefined {
  return lookups.people?.find((person) => person.id === id)?.name;
}

export function channelName(lookups: Lookups, id: string): string | undefined {
  return lookups.channels?.find((channel) => channel.id === id)?.name;
}
