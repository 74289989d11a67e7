/**
 * Looks in Slack for what was already posted there. chat.postMessage has no idempotency key, so every message carries its
 * own id in its metadata; when an answer was lost, that id is looked for before anything is posted again.
 */
import type { ConversationsListResponse, WebClient } from '@slack/web-api';
import type { SlackPlace } from '../../../domain/slack-names.ts';
import { channelNotFound, refusalWord } from './failures.ts';

const pageSize = 200;
/** A message that is not among the latest thousand since the incident began was not posted lately. */
const maxPages = 5;
const maxChannelPages = 20;
/** Slack's clock and ours may differ by this much. */
const clockSkewMs = 120_000;

export interface Mark {
  readonly type: string;
  readonly key: string;
  readonly value: string;
}

export interface Found {
  readonly ts?: string;
  readonly text?: string;
  readonly blocks?: readonly object[];
  readonly files?: readonly { readonly name?: string | null }[];
  readonly metadata?: unknown;
}

export async function findInChannel(client: WebClient, channel: string, mark: Mark, sinceMs: number): Promise<SlackPlace | null> {
  const oldest = String(Math.max(0, Math.floor((sinceMs - clockSkewMs) / 1_000)));
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page++) {
    const answer = await client.conversations.history({
      channel,
      oldest,
      limit: pageSize,
      include_all_metadata: true,
      ...(cursor === undefined ? {} : { cursor }),
    });
    const ts = marked(answer.messages ?? [], mark);
    if (ts !== null) return { channel, ts };
    cursor = nextCursor(answer.response_metadata);
    if (cursor === undefined) return null;
  }
  return null;
}

export async function findInThread(client: WebClient, root: SlackPlace, mark: Mark): Promise<SlackPlace | null> {
  return searchThread(client, root, (message) => marked([message], mark) !== null);
}

/** Files carry no metadata: they are known by their name. */
export async function findFileInThread(client: WebClient, root: SlackPlace, name: string): Promise<SlackPlace | null> {
  return searchThread(client, root, ({ files }) => files?.some((file) => file.name === name) === true);
}

/** The latest thousand at most. */
export async function* repliesIn(client: WebClient, root: SlackPlace): AsyncGenerator<Found> {
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page++) {
    const answer = await client.conversations.replies({
      channel: root.channel,
      ts: root.ts,
      limit: pageSize,
      include_all_metadata: true,
      ...(cursor === undefined ? {} : { cursor }),
    });
    yield* answer.messages ?? [];
    cursor = nextCursor(answer.response_metadata);
    if (cursor === undefined) return;
  }
}

async function searchThread(client: WebClient, root: SlackPlace, isIt: (message: Found) => boolean): Promise<SlackPlace | null> {
  for await (const message of repliesIn(client, root))
    if (message.ts !== undefined && isIt(message)) return { channel: root.channel, ts: message.ts };
  return null;
}

export type FindChannel = (client: WebClient, channel: string) => Promise<string>;

/** How far a look has come. What was posted before a channel was archived stands in it; old workspaces have thousands of those, so they come last. */
interface Look {
  readonly withArchived: boolean;
  readonly page: number;
  readonly cursor?: string;
}

/**
 * `#debug` or `debug` → `C024BE91L`; names are lower case, ids upper. Posting takes a name, reading and editing do not. Slack lets
 * few pages be read at once, so a look that was stopped goes on where it was when it is tried again: from the first page on it
 * would never come to the last of many.
 */
export function createFindChannel(): FindChannel {
  const stopped = new Map<string, Look>();
  return async (client, channel) => {
    if (/^[CGD][A-Z0-9]{2,}$/.test(channel)) return channel;
    const name = channel.replace(/^#/, '');
    let look: Look | null = stopped.get(name) ?? { withArchived: false, page: 0 };
    stopped.delete(name);
    while (look !== null) {
      const answer: ConversationsListResponse = await channelsAt(client, look).catch((error) => {
        // What Slack itself refuses, an old cursor for one, is begun anew.
        if (look !== null && refusalWord(error) === null) stopped.set(name, look);
        throw error;
      });
      const id = answer.channels?.find((candidate) => candidate.name === name)?.id;
      if (id !== undefined) return id;
      look = after(look, nextCursor(answer.response_metadata));
    }
    throw channelNotFound(channel);
  };
}

function channelsAt(client: WebClient, { withArchived, cursor }: Look): Promise<ConversationsListResponse> {
  return client.conversations.list({
    types: 'public_channel,private_channel',
    exclude_archived: !withArchived,
    limit: pageSize,
    ...(cursor === undefined ? {} : { cursor }),
  });
}

/** Null: all was seen. */
function after({ withArchived, page }: Look, cursor: string | undefined): Look | null {
  if (cursor !== undefined && page + 1 < maxChannelPages) return { withArchived, page: page + 1, cursor };
  return withArchived ? null : { withArchived: true, page: 0 };
}

/** Anybody may post a message with our id in its metadata, but an app's messages cannot be edited by others: trying tells. */
function marked(messages: readonly Found[], { type, key, value }: Mark): string | null {
  return messages.find(({ metadata }) => markIn(metadata, { type, key }) === value)?.ts ?? null;
}

/** What a message of ours was sent as, where it says so. */
export function markIn(metadata: unknown, { type, key }: Omit<Mark, 'value'>): string | null {
  if (!isRecord(metadata) || metadata['event_type'] !== type) return null;
  const fields = metadata['event_payload'];
  const value = isRecord(fields) ? fields[key] : null;
  return typeof value === 'string' ? value : null;
}

function nextCursor(metadata: { next_cursor?: string } | undefined): string | undefined {
  return metadata?.next_cursor === '' ? undefined : metadata?.next_cursor;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
