/** assistant.threads.*: "is thinking …" under a thread, and prompts that a person can pick. */
import { textOf } from '../json.ts';
import { Refused } from '../refused.ts';
import { listOf, optional, required, words } from './arguments.ts';
import { channelById, messageAt, type Method } from './method.ts';

const maxLoadingMessages = 10;
const maxPrompts = 4;
// chat:write does since assistant:write is on its way out (changelog 2026).
const scopes = ['chat:write', 'assistant:write'];

const setStatus: Method = {
  scopes,
  act(core, args) {
    const channel = channelById(core, required(args, 'channel_id'));
    const threadTs = required(args, 'thread_ts');
    if (typeof args['status'] !== 'string') throw new Refused('invalid_arguments', ['[ERROR] missing required field: status']);
    if (!channel.members.includes(core.app.botUser)) throw new Refused('not_in_channel');
    const root = messageAt(core, channel, threadTs);
    const loadingMessages = words(args, 'loading_messages');
    if (loadingMessages.length > maxLoadingMessages)
      throw new Refused('invalid_arguments', [`[ERROR] no more than ${maxLoadingMessages} items allowed [json-pointer:/loading_messages]`]);
    core.store.putStatus({
      channel: channel.id,
      threadTs: root.threadTs ?? root.ts,
      status: args['status'],
      loadingMessages,
      setAt: core.clock.now(),
    });
    return {};
  },
};

const setSuggestedPrompts: Method = {
  scopes,
  act(core, args) {
    const channel = channelById(core, required(args, 'channel_id'));
    if (!core.app.isAgent) throw new Refused('not_enabled');
    if (channel.kind !== 'im') throw new Refused('channel_not_found', ['prompts belong to the direct message with the app']);
    const given = listOf(args, 'prompts', 'invalid_arguments') ?? [];
    if (given.length === 0 || given.length > maxPrompts)
      throw new Refused('invalid_arguments', [`[ERROR] 1 to ${maxPrompts} items allowed [json-pointer:/prompts]`]);
    const prompts = given.map((prompt, index) => {
      const title = textOf(prompt['title']);
      const message = textOf(prompt['message']);
      if (title === '' || message === '')
        throw new Refused('invalid_arguments', [`[ERROR] title and message are required [json-pointer:/prompts/${index}]`]);
      return { title, message };
    });
    core.store.putPrompts({ channel: channel.id, threadTs: optional(args, 'thread_ts'), title: optional(args, 'title') ?? '', prompts });
    return {};
  },
};

const setTitle: Method = {
  scopes,
  act(core, args) {
    const channel = channelById(core, required(args, 'channel_id'));
    messageAt(core, channel, required(args, 'thread_ts'));
    required(args, 'title');
    return {};
  },
};

export const assistantMethods = {
  'assistant.threads.setStatus': setStatus,
  'assistant.threads.setSuggestedPrompts': setSuggestedPrompts,
  'assistant.threads.setTitle': setTitle,
} satisfies Record<string, Method>;
