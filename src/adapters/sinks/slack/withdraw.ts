/** Takes a card back with everything of ours in its thread: pictures, answers, then the card. People's own words stay theirs. */
import type { WebClient } from '@slack/web-api';
import type { SlackPlace } from '../../../domain/slack-names.ts';
import { goneWords, refusalWord } from './failures.ts';

const pageSize = 200;
/** What stands below so many replies stays. A try that takes too long is begun anew by the outbox; what was deleted is not met again. */
const maxPages = 50;
/** A file that is gone, or that another app shared. */
const notOurFile = new Set(['file_not_found', 'file_deleted', 'cant_delete_file']);

export async function withdraw(client: WebClient, { channel, ts }: SlackPlace): Promise<void> {
  const { bot_id: own } = await client.auth.test();
  let cursor: string | undefined;
  const replies: { readonly ts: string; readonly files: readonly string[] }[] = [];
  for (let page = 0; page < maxPages; page++) {
    const answer = await unlessGone(() =>
      client.conversations.replies({ channel, ts, limit: pageSize, ...(cursor === undefined ? {} : { cursor }) }),
    );
    for (const message of answer?.messages ?? [])
      if (message.bot_id === own && message.ts !== undefined)
        replies.push({ ts: message.ts, files: (message.files ?? []).flatMap(({ id }) => (id === undefined ? [] : [id])) });
    cursor = answer?.response_metadata?.next_cursor || undefined;
    if (cursor === undefined) break;
  }
  // The card last: while it stands, the thread can be found again.
  for (const reply of [...replies].sort((a, b) => Number(a.ts === ts) - Number(b.ts === ts))) {
    for (const file of reply.files) await unless(notOurFile, () => client.files.delete({ file }));
    await unlessGone(() => client.chat.delete({ channel, ts: reply.ts }));
  }
}

const unlessGone = <Answer>(call: () => Promise<Answer>) => unless(goneWords, call);

async function unless<Answer>(words: ReadonlySet<string>, call: () => Promise<Answer>): Promise<Answer | null> {
  try {
    return await call();
  } catch (error) {
    if (words.has(refusalWord(error) ?? '')) return null;
    throw error;
  }
}
