/** What one person alone is told, right where they acted. It may come too late (a link expires); the act itself stands. */
import { RespondError, type RespondFn } from '@slack/bolt';
import { SlackError, type WebClient } from '@slack/web-api';
import type { Log } from '../../adapter.ts';
import { Failure } from '../../domain/failure.ts';
import { redact } from '../../domain/redact.ts';

export type Tell = (text: string) => Promise<void>;

/** What `boundedFetch` throws is a Failure; what Slack answers is one of the other two. */
const isSlackTrouble = (error: unknown): boolean =>
  error instanceof Failure || error instanceof SlackError || error instanceof RespondError;

/** In answer to a command or a button. */
export function tellBy(respond: RespondFn | undefined, log: Log): Tell {
  return async (text) => {
    if (respond === undefined) return;
    await attempt(() => respond({ response_type: 'ephemeral', replace_original: false, text: redact(text).text }), log);
  };
}

/** After a modal, which has no such link. */
export function tellIn(client: WebClient, channel: string | null, user: string, log: Log): Tell {
  return async (text) => {
    if (channel === null) return;
    await attempt(() => client.chat.postEphemeral({ channel, user, text: redact(text).text }), log);
  };
}

/** Opens a modal; false when the click is too old for that. */
export async function opens(open: () => Promise<unknown>, log: Log): Promise<boolean> {
  return attempt(open, log);
}

async function attempt(act: () => Promise<unknown>, log: Log): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (!isSlackTrouble(error)) throw error;
    log.warn('Slack did not take an answer to one person', { error: String(error) });
    return false;
  }
}
