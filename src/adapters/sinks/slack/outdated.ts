/**
 * Pictures stay in the thread when the ranking changes its mind. Those of a suspect that is not the first any more say so, and no
 * longer when it is first again: messages are edited, none is posted, so that a ranking that wavers does not fill a thread.
 */
import type { WebClient } from '@slack/web-api';
import { escaped } from '../../../domain/mrkdwn.ts';
import { slackNames, type SlackPlace } from '../../../domain/slack-names.ts';
import { type Found, markIn, repliesIn } from './earlier.ts';
import { goneWords, refusalWord } from './failures.ts';
import { wordsBlock } from './minutes.ts';

const opening = '_Out of date: ';
const ending = ' is more likely now._\n';
const maxName = 120;

export interface Pictured {
  /** Names of files and marks of messages that show an incident. */
  readonly isOf: (name: string) => boolean;
  /** Of those, the ones that show what is likeliest now. */
  readonly isCurrent: (name: string) => boolean;
  /** The service that is likeliest now. */
  readonly service: string;
}

/** False where Slack lets a message not be edited. */
export async function markOutdated(client: WebClient, root: SlackPlace, { isOf, isCurrent, service }: Pictured): Promise<boolean> {
  const note = `${opening}${escaped(service, maxName)}${ending}`;
  let isMarked = true;
  for await (const message of repliesIn(client, root)) {
    const names = namesIn(message).filter(isOf);
    if (names.length === 0 || message.ts === undefined) continue;
    const said = message.text ?? '';
    const plain = said.startsWith(opening) ? said.slice(said.indexOf(ending) + ending.length) : said;
    const text = names.some(isCurrent) ? plain : `${note}${plain}`;
    if (text !== said) isMarked = (await edit(client, { channel: root.channel, ts: message.ts }, text, message)) && isMarked;
  }
  return isMarked;
}

function namesIn({ files = [], metadata }: Found): string[] {
  const id = markIn(metadata, { type: slackNames.textMetadata, key: 'id' });
  return [...files.flatMap(({ name }) => name ?? []), ...(id === null ? [] : [id])];
}

async function edit(client: WebClient, { channel, ts }: SlackPlace, text: string, { files = [], blocks = [] }: Found): Promise<boolean> {
  // What stands above files has no blocks of ours; a chart stands below its words.
  const [first, ...rest] = files.length > 0 ? [] : blocks;
  const shown = first === undefined ? {} : { blocks: [{ ...first, ...wordsBlock(text) }, ...rest] };
  try {
    await client.chat.update({ channel, ts, text, ...shown });
    return true;
  } catch (error) {
    if (goneWords.has(refusalWord(error) ?? '')) return false;
    throw error;
  }
}
