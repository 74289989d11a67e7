/**
 * An answer that takes a while, written as it comes about: the steps as a plan, then the answer with its sources. Slack ends
 * a stream five minutes after its start whatever is sent (python-slack-sdk #1859), so that a new message goes on before
 * then. Where a stream is refused the message is edited instead, and where that is refused too the caller says it otherwise.
 *
 *   nothing → streaming → done
 *                └ broken: edited, or said anew        └ stopped by the person: nothing more is said
 */
import type { AnyChunk } from '@slack/types';
import { SlackError, WebAPIPlatformError, type WebClient } from '@slack/web-api';
import type { Log } from '../../adapter.ts';
import type { Answer, Step } from '../../app.ts';
import { Failure } from '../../domain/failure.ts';
import { plainLine } from '../../domain/mrkdwn.ts';
import { slackNames } from '../../domain/slack-names.ts';
import { answerBlocks, answerText, streamedBlocks, streamedSentence } from './answer-text.ts';

const rotateAfterMs = 240_000;
/** Of a task's fields, by Slack: 256. */
const maxField = 250;

export interface ReplyPlace {
  readonly channel: string;
  readonly threadTs: string;
  /** Whom it is for; outside of direct messages Slack insists on both. */
  readonly user: string;
  readonly team: string | undefined;
}

export interface Reply {
  /** The first step opens the message. */
  tell(step: Step): void;
  /** True: the answer stands, or the person wanted no more. False: say it otherwise. */
  finish(answer: Answer, answerId: string): Promise<boolean>;
  /** It came to nothing; a message that was opened says so. */
  abandon(): Promise<void>;
}

export interface ReplyOptions {
  readonly client: WebClient;
  readonly place: ReplyPlace;
  readonly now: () => number;
  readonly log: Log;
}

type State =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'streaming'; readonly ts: string; readonly startedAt: number }
  | { readonly kind: 'broken'; readonly ts: string | null }
  | { readonly kind: 'stopped' };

const statusOf = { asking: 'in_progress', answered: 'complete', failed: 'error' } as const;

export function createReply(options: ReplyOptions): Reply {
  const { client, place, now, log } = options;
  let state: State = { kind: 'nothing' };
  let waiting = new Map<string, Step>();
  let last: Promise<void> = Promise.resolve();
  const isOver = () => state.kind === 'broken' || state.kind === 'stopped';

  /** Everything in order; a refusal changes the state and is never thrown. */
  function inTurn(act: () => Promise<void>): Promise<void> {
    last = last.then(async () => {
      if (isOver()) return;
      try {
        await act();
      } catch (error) {
        state = afterRefusal(error, state, log);
      }
    });
    return last;
  }

  /** What was told while a call was under way goes out in one. */
  async function write(): Promise<void> {
    if (waiting.size === 0) return;
    const chunks = [...waiting.values()].map(taskOf);
    waiting = new Map();
    if (state.kind === 'streaming' && now() - state.startedAt >= rotateAfterMs) {
      const { ts } = state;
      state = { kind: 'nothing' };
      await client.chat.stopStream({ channel: place.channel, ts, chunks: [{ type: 'markdown_text', text: 'It goes on below.' }] });
    }
    if (state.kind === 'streaming') await client.chat.appendStream({ channel: place.channel, ts: state.ts, chunks });
    else state = await open(options, chunks);
  }

  return {
    tell(step) {
      waiting.set(step.id, step);
      void inTurn(write);
    },
    async finish(answer, answerId) {
      await inTurn(write);
      if (state.kind === 'nothing') return false;
      await inTurn(() => close(options, state, answer, answerId));
      if (state.kind === 'broken') return state.ts !== null && edited(options, state.ts, answer, answerId);
      return true;
    },
    async abandon() {
      await inTurn(async () => {
        if (state.kind !== 'streaming') return;
        const chunks: AnyChunk[] = [{ type: 'markdown_text', text: 'This could not be finished; it is tried again.' }];
        await client.chat.stopStream({ channel: place.channel, ts: state.ts, chunks });
      });
    },
  };
}

async function open({ client, place, now }: ReplyOptions, chunks: AnyChunk[]): Promise<State> {
  const startedAt = now();
  const { channel, threadTs, user, team } = place;
  const recipient = team === undefined ? {} : { recipient_team_id: team, recipient_user_id: user };
  const plan: AnyChunk[] = [{ type: 'plan_update', title: 'Looking it up' }, ...chunks];
  const { ts } = await client.chat.startStream({ channel, thread_ts: threadTs, ...recipient, task_display_mode: 'plan', chunks: plan });
  if (ts === undefined) throw new Failure('bad_response', 'slack', 'start an answer', { hint: 'it does not say where it stands' });
  return { kind: 'streaming', ts, startedAt };
}

async function close({ client, place }: ReplyOptions, state: State, answer: Answer, answerId: string): Promise<void> {
  if (state.kind !== 'streaming') return;
  await client.chat.stopStream({
    channel: place.channel,
    ts: state.ts,
    chunks: [
      { type: 'plan_update', title: 'Looked up' },
      { type: 'markdown_text', text: streamedSentence(answer) },
    ],
    blocks: streamedBlocks(answer, answerId),
    metadata: metadataOf(answerId),
  });
}

async function edited({ client, place, log }: ReplyOptions, ts: string, answer: Answer, answerId: string): Promise<boolean> {
  try {
    const blocks = answerBlocks(answer, answerId);
    await client.chat.update({ channel: place.channel, ts, text: answerText(answer), blocks, metadata: metadataOf(answerId) });
    return true;
  } catch (error) {
    if (!isTrouble(error)) throw error;
    log.warn('an answer that was begun could not be edited', { error: String(error) });
    return false;
  }
}

/** As the outbox marks what it says, so that one look finds either. */
function metadataOf(answerId: string) {
  return { event_type: slackNames.textMetadata, event_payload: { id: answerId } };
}

function taskOf({ id, title, state, outcome }: Step): AnyChunk {
  const output = outcome === null || outcome === '' ? {} : { output: plainLine(outcome, maxField) };
  return { type: 'task_update', id, title: plainLine(title, maxField), status: statusOf[state], ...output };
}

function afterRefusal(error: unknown, state: State, log: Log): State {
  if (!isTrouble(error)) throw error;
  const word = error instanceof WebAPIPlatformError ? error.data.error : null;
  if (word === 'stopped_by_user') return { kind: 'stopped' };
  log.warn('an answer cannot be streamed', { error: word ?? String(error) });
  return { kind: 'broken', ts: state.kind === 'streaming' ? state.ts : null };
}

const isTrouble = (error: unknown): boolean => error instanceof Failure || error instanceof SlackError;
