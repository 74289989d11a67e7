/**
 * Streamed answers: started, appended to, stopped. Whatever an app sends, a stream is over five minutes after its start
 * (python-slack-sdk #1859, node-slack-sdk #2702; measured by others at 306 s), and a person may stop it earlier.
 */
import { checkMessageBlocks } from './blocks/surfaces.ts';
import type { Core } from './core.ts';
import { type JsonObject, objectsIn, textOf } from './json.ts';
import { edit } from './messages.ts';
import type { Channel, Message, Stream, StreamPart } from './records.ts';
import { Refused } from './refused.ts';

export const streamLivesMs = 300_000;
const maxMarkdown = 12_000;
const maxTaskField = 256;
const statuses = ['pending', 'in_progress', 'complete', 'error'];

export const emptyStream = (startedAt: number, display: Stream['display']): Stream => ({
  startedAt,
  state: 'streaming',
  endedBy: null,
  display,
  planTitle: null,
  parts: [],
});

/** `title` and `status` of a task replace what was there, `details` are added to it. */
export function grow(stream: Stream, chunks: readonly JsonObject[]): Stream {
  let grown = stream;
  for (const [index, chunk] of chunks.entries()) grown = withChunk(grown, chunk, `/chunks/${index}`);
  return grown;
}

function withChunk(stream: Stream, chunk: JsonObject, pointer: string): Stream {
  switch (chunk['type']) {
    case 'markdown_text':
      return { ...stream, parts: withText(stream.parts, markdownOf(chunk['text'])) };
    case 'plan_update':
      return { ...stream, planTitle: shortText(chunk, 'title', pointer) };
    case 'task_update':
      return { ...stream, parts: withTask(stream.parts, chunk, pointer) };
    case 'blocks':
      checkMessageBlocks(objectsIn(chunk['blocks']), `${pointer}/blocks`);
      return { ...stream, parts: [...stream.parts, { kind: 'blocks', blocks: objectsIn(chunk['blocks']) }] };
    default:
      throw new Refused('invalid_arguments', [`[ERROR] unsupported type: ${String(chunk['type'])} [json-pointer:${pointer}/type]`]);
  }
}

function markdownOf(value: unknown): string {
  const text = textOf(value);
  if (text.length > maxMarkdown) throw new Refused('msg_too_long');
  return text;
}

function withText(parts: readonly StreamPart[], text: string): readonly StreamPart[] {
  const last = parts.at(-1);
  return last?.kind === 'text' ? [...parts.slice(0, -1), { kind: 'text', text: last.text + text }] : [...parts, { kind: 'text', text }];
}

function withTask(parts: readonly StreamPart[], chunk: JsonObject, pointer: string): readonly StreamPart[] {
  const id = shortText(chunk, 'id', pointer);
  const title = shortText(chunk, 'title', pointer);
  const status = textOf(chunk['status']);
  if (!statuses.includes(status))
    throw new Refused('invalid_arguments', [`[ERROR] must be a valid enum value: ${statuses.join(', ')} [json-pointer:${pointer}/status]`]);
  const before = parts.find((part) => part.kind === 'task' && part.task['task_id'] === id);
  const earlier: JsonObject = before?.kind === 'task' ? before.task : {};
  const details =
    chunk['details'] === undefined ? earlier['details'] : richText(wordsOf(earlier['details']) + shortText(chunk, 'details', pointer));
  const output = chunk['output'] === undefined ? earlier['output'] : richText(shortText(chunk, 'output', pointer));
  const sources = chunk['sources'] === undefined ? earlier['sources'] : objectsIn(chunk['sources']);
  const more = Object.fromEntries(Object.entries({ details, output, sources }).filter(([, value]) => value !== undefined));
  const after: StreamPart = { kind: 'task', task: { type: 'task_card', task_id: id, title, status, ...more } };
  return before === undefined ? [...parts, after] : parts.map((part) => (part === before ? after : part));
}

function shortText(chunk: JsonObject, name: string, pointer: string): string {
  const text = textOf(chunk[name]);
  if (text === '') throw new Refused('invalid_arguments', [`[ERROR] missing required field: ${name} [json-pointer:${pointer}]`]);
  if (text.length > maxTaskField)
    throw new Refused('invalid_arguments', [`[ERROR] must be less than ${maxTaskField + 1} characters [json-pointer:${pointer}/${name}]`]);
  return text;
}

function richText(text: string): JsonObject {
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }] };
}

function wordsOf(rich: unknown): string {
  const [block] = objectsIn([rich]);
  return objectsIn(block?.['elements'])
    .flatMap((section) => objectsIn(section['elements']))
    .map((element) => textOf(element['text']))
    .join('');
}

/** The message as it stands: in plan mode the tasks are gathered in one plan above the text, else they stay in place. */
export function streamBlocks(stream: Stream): readonly JsonObject[] {
  const tasks = stream.parts.flatMap((part) => (part.kind === 'task' ? [part.task] : []));
  const isPlan = stream.display === 'plan' && (tasks.length > 0 || stream.planTitle !== null);
  const plan: JsonObject[] = isPlan ? [{ type: 'plan', title: stream.planTitle ?? 'Thinking', tasks }] : [];
  const rest = stream.parts.flatMap((part): readonly JsonObject[] => {
    if (part.kind === 'task') return isPlan ? [] : [part.task];
    if (part.kind === 'blocks') return part.blocks;
    return part.text === '' ? [] : [{ type: 'markdown', text: part.text }];
  });
  return [...plan, ...rest];
}

export function streamText(stream: Stream): string {
  return stream.parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('\n');
}

/** Ends it if it still runs: by its five minutes, or by the person who pressed stop. */
export function endStream(core: Core, channel: Channel, ts: string, endedBy: 'time' | 'person'): void {
  const message = core.store.message(channel.id, ts);
  if (message === undefined || message.stream?.state !== 'streaming') return;
  edit(core, channel, message, { stream: { ...message.stream, state: 'stopped', endedBy } });
}

/** The stream, while it may be written to. */
export function liveStream(message: Message): Stream {
  const { stream } = message;
  if (stream === null) throw new Refused('message_not_in_streaming_state');
  if (stream.endedBy === 'person') throw new Refused('stopped_by_user');
  if (stream.state === 'stopped') throw new Refused('message_not_in_streaming_state');
  return stream;
}
