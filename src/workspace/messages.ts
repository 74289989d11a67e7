/**
 * Posting, editing and deleting, whoever does it: the Web API, a response URL, a stream or a person. What was asked for is
 * checked by the caller; here it becomes true, is stored and is told to the app.
 */
import type { Core } from './core.ts';
import { tellDeleted, tellEdited, tellPosted } from './dispatch.ts';
import type { JsonObject } from './json.ts';
import type { Channel, Message } from './records.ts';
import { Refused } from './refused.ts';

/** Slack cuts longer text off (chat.postMessage documentation). */
const maxText = 40_000;

/** The parts of a message a writer chooses; everything else starts empty. */
export type Draft = Pick<Message, 'user' | 'text'> & Partial<Omit<Message, 'channel' | 'ts' | 'user' | 'text'>>;

export function post(core: Core, channel: Channel, draft: Draft): Message {
  if (draft.threadTs !== undefined && draft.threadTs !== null && draft.visibleTo == null) requireThread(core, channel, draft.threadTs);
  const message: Message = {
    threadTs: null,
    isBroadcast: false,
    botId: null,
    appId: null,
    username: null,
    iconEmoji: null,
    subtype: null,
    attachments: [],
    metadata: null,
    files: [],
    reactions: [],
    editedTs: null,
    stream: null,
    visibleTo: null,
    ...draft,
    channel: channel.id,
    ts: core.store.nextTs(),
    text: draft.text.slice(0, maxText),
    blocks: named(core, draft.blocks ?? []),
  };
  core.store.putMessage(message, 'posted');
  if (message.visibleTo !== null) return message;
  if (message.threadTs !== null && message.botId === core.app.botId) clearStatus(core, message.channel, message.threadTs);
  tellPosted(core, channel, message);
  return message;
}

/** A reply needs something to reply to: the root itself, not one of its replies. */
export function requireThread(core: Core, channel: Channel, threadTs: string): void {
  const root = core.store.message(channel.id, threadTs);
  if (root === undefined || root.threadTs !== null) throw new Refused('thread_not_found');
}

/** `isQuiet`: a stream growing is not told to the app edit by edit. */
export function edit(core: Core, channel: Channel, before: Message, parts: Partial<Message>, isQuiet = false): Message {
  const after: Message = { ...before, ...parts, ...(parts.blocks === undefined ? {} : { blocks: named(core, parts.blocks) }) };
  core.store.putMessage(after, 'edited');
  if (after.visibleTo === null && !isQuiet) tellEdited(core, channel, before, after);
  return after;
}

export function erase(core: Core, channel: Channel, message: Message): void {
  // A root with replies leaves its place to a tombstone: the thread goes on, the message is gone.
  const hasReplies = message.visibleTo === null && core.store.replies(channel.id, message.ts).length > 0;
  if (hasReplies) core.store.putMessage(tombstone(message), 'edited');
  else core.store.removeMessage(message);
  core.store.scrub();
  if (message.visibleTo === null) tellDeleted(core, channel, message);
}

function tombstone(message: Message): Message {
  const nothing = {
    blocks: [],
    attachments: [],
    metadata: null,
    files: [],
    reactions: [],
    stream: null,
    botId: null,
    appId: null,
    editedTs: null,
  };
  return { ...message, ...nothing, user: 'USLACKBOT', username: null, subtype: 'tombstone', text: 'This message was deleted.' };
}

function clearStatus(core: Core, channel: string, threadTs: string): void {
  if (core.store.status(channel, threadTs) === undefined) return;
  core.store.putStatus({ channel, threadTs, status: '', loadingMessages: [], setAt: core.clock.now() });
}

/** Slack names every block and every interactive element that the app left nameless. */
export function named(core: Core, blocks: readonly JsonObject[]): readonly JsonObject[] {
  const shortId = (): string => core.randomId().slice(0, 5);
  return blocks.map((block) => ({
    ...nameElements(block, shortId),
    block_id: typeof block['block_id'] === 'string' && block['block_id'] !== '' ? block['block_id'] : shortId(),
  }));
}

const interactive = new Set(
  'button checkboxes datepicker datetimepicker timepicker email_text_input url_text_input number_input plain_text_input rich_text_input file_input feedback_buttons icon_button overflow radio_buttons static_select external_select users_select conversations_select channels_select multi_static_select multi_external_select multi_users_select multi_conversations_select multi_channels_select workflow_button'.split(
    ' ',
  ),
);

export function isInteractive(element: JsonObject): boolean {
  return interactive.has(String(element['type']));
}

function nameElements<Value>(value: Value, newId: () => string): Value {
  if (Array.isArray(value)) return value.map((entry) => nameElements(entry, newId)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value)) copy[key] = nameElements(entry, newId);
  if (interactive.has(String(copy['type'])) && copy['action_id'] === undefined) copy['action_id'] = newId();
  return copy as Value;
}
