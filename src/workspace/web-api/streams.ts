/** chat.startStream, appendStream, stopStream: text as `markdown_text` or as `chunks`, as the SDKs of both years send it. */
import type { Core } from '../core.ts';
import type { JsonObject } from '../json.ts';
import { edit, post } from '../messages.ts';
import type { Channel, Message, Stream } from '../records.ts';
import { Refused } from '../refused.ts';
import { messageJson } from '../slack-json.ts';
import { emptyStream, endStream, grow, liveStream, streamBlocks, streamLivesMs, streamText } from '../streams.ts';
import { type Arguments, listOf, optional, required } from './arguments.ts';
import { checkContent, readContent } from './content.ts';
import { channelById, messageAt, type Method, requireVoice } from './method.ts';

const displays = ['timeline', 'plan', 'dense'] as const;

const start: Method = {
  scopes: ['chat:write'],
  act(core, args) {
    const channel = channelById(core, required(args, 'channel'));
    requireVoice(core, channel);
    const threadTs = required(args, 'thread_ts');
    if (channel.kind !== 'im') requireRecipient(core, args);
    const display = displays.find((candidate) => candidate === (optional(args, 'task_display_mode') ?? 'timeline'));
    if (display === undefined)
      throw new Refused('invalid_arguments', [
        '[ERROR] must be a valid enum value: timeline, plan, dense [json-pointer:/task_display_mode]',
      ]);
    const stream = grow(emptyStream(core.clock.now(), display), chunksIn(args));
    const { botUser, botId, appId } = core.app;
    const message = post(core, channel, {
      user: botUser,
      botId,
      appId,
      threadTs,
      stream,
      text: streamText(stream),
      blocks: streamBlocks(stream),
    });
    core.clock.after(streamLivesMs, () => endStream(core, channel, message.ts, 'time'));
    return { channel: channel.id, ts: message.ts };
  },
};

/** Outside direct messages Slack wants to know whom the answer is for. */
function requireRecipient(core: Core, args: Arguments): void {
  if (optional(args, 'recipient_team_id') !== core.app.teamId) throw new Refused('missing_recipient_team_id');
  if (core.store.person(optional(args, 'recipient_user_id') ?? '') === undefined) throw new Refused('missing_recipient_user_id');
}

const append: Method = {
  scopes: ['chat:write'],
  act(core, args) {
    const { channel, message, stream } = running(core, args);
    const chunks = chunksIn(args);
    if (chunks.length === 0) throw new Refused('no_text');
    write(core, channel, message, grow(stream, chunks));
    return { channel: channel.id, ts: message.ts };
  },
};

const stop: Method = {
  scopes: ['chat:write'],
  act(core, args) {
    const { channel, message, stream } = running(core, args);
    const { text: _text, ...content } = readContent({ ...args, markdown_text: undefined, text: undefined });
    const closing: JsonObject[] = content.blocks === undefined ? [] : [{ type: 'blocks', blocks: content.blocks }];
    const ended: Stream = { ...grow(stream, [...chunksIn(args), ...closing]), state: 'stopped', endedBy: 'app' };
    checkContent(streamBlocks(ended), undefined);
    const after = write(core, channel, { ...message, metadata: content.metadata ?? message.metadata }, ended);
    return { channel: channel.id, ts: message.ts, message: messageJson(core.store, core.app, after, true) };
  },
};

export const streamMethods = { 'chat.startStream': start, 'chat.appendStream': append, 'chat.stopStream': stop } satisfies Record<
  string,
  Method
>;

function running(core: Core, args: Arguments): { channel: Channel; message: Message; stream: Stream } {
  const channel = channelById(core, required(args, 'channel'));
  const message = messageAt(core, channel, required(args, 'ts'));
  if (message.appId !== core.app.appId) throw new Refused('message_not_owned_by_app');
  return { channel, message, stream: liveStream(message) };
}

function write(core: Core, channel: Channel, message: Message, stream: Stream): Message {
  return edit(
    core,
    channel,
    message,
    { metadata: message.metadata, stream, text: streamText(stream), blocks: streamBlocks(stream) },
    stream.state === 'streaming',
  );
}

function chunksIn(args: Arguments): readonly JsonObject[] {
  const chunks = listOf(args, 'chunks', 'invalid_arguments');
  const markdown = optional(args, 'markdown_text');
  if (chunks !== undefined && markdown !== null)
    throw new Refused('invalid_arguments', ['[ERROR] chunks and markdown_text exclude each other']);
  return chunks ?? (markdown === null ? [] : [{ type: 'markdown_text', text: markdown }]);
}
