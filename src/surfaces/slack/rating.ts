/** A press on the feedback buttons under an answer: kept, said back to whoever pressed, and changed by pressing the other. */
import type { App as Bolt, BlockFeedbackButtonsAction } from '@slack/bolt';
import type { Log } from '../../adapter.ts';
import type { App } from '../../app.ts';
import { ratingAction, readRating } from '../../domain/answer-rating.ts';
import { placeText, slackNames } from '../../domain/slack-names.ts';
import { pressOf } from './feedback.ts';
import { opens } from './tell.ts';

const said = {
  helped: 'Noted: this answer helped. Press the other button if you change your mind.',
  didNotHelp:
    'Noted: this answer did not help. Press the other button if you change your mind, or ask again in other words: `help` lists what I can look up.',
} as const;

export function listenToRatings(bolt: Bolt, app: App, mainChannel: string, log: Log): void {
  bolt.action<BlockFeedbackButtonsAction>(ratingAction, async ({ ack, action, body, context, client }) => {
    await ack();
    const rating = readRating(action.value ?? '');
    const channel = body.channel?.id;
    if (rating === null || channel === undefined) return;
    const thread: unknown = body.message?.['thread_ts'];
    const threadTs = typeof thread === 'string' ? thread : null;
    const place = threadTs === null ? null : placeText({ channel, ts: threadTs });
    const incidentId = place === null ? null : await app.incidentAt(slackNames.sink, mainChannel, place);
    await app.rate({ ...rating, incidentId, ...pressOf(body.user.id, context) });
    const text = rating.hasHelped ? said.helped : said.didNotHelp;
    const where = threadTs === null ? { channel } : { channel, thread_ts: threadTs };
    await opens(() => client.chat.postEphemeral({ ...where, user: body.user.id, text }), log);
  });
}
