/** Confirming with a word of why: the modal behind the menu's entry, and what is sent with it. */
import type { App as Bolt, ViewOutput } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { Log } from '../../adapter.ts';
import type { App } from '../../app.ts';
import { bold, escaped } from '../../domain/mrkdwn.ts';
import { readRef, refText, slackNames } from '../../domain/slack-names.ts';
import { cast, find, gone, pressOf } from './feedback.ts';
import { type Permits, permitted } from './permits.ts';
import { jsonOf } from './reject-view.ts';
import { opens, type Tell, tellIn } from './tell.ts';

const maxNote = 1_000;
const noteBlock = 'note';
const Metadata = z.object({ value: z.string(), channel: z.string().nullable() });

export interface Asked {
  readonly app: App;
  readonly incidentId: string;
  readonly trigger: string;
  readonly channel: string | null;
  readonly client: WebClient;
  readonly log: Log;
}

/** About the suspect that is first now. */
export async function askForNote({ app, incidentId, trigger, channel, client, log }: Asked, tell: Tell): Promise<void> {
  const first = (await app.incident(incidentId))?.card.report?.context.hypotheses[0];
  if (first === undefined) return tell(gone);
  const view = noteView(refText({ incidentId, hypothesisId: first.id }), channel, first.service);
  if (!(await opens(() => client.views.open({ trigger_id: trigger, view }), log))) await tell('That took too long: choose it once more.');
}

export function listenToNotes(bolt: Bolt, app: App, permits: Permits, log: Log): void {
  bolt.view(slackNames.confirmView, async ({ ack, view, body, client, context }) => {
    await ack();
    const sent = readNote(view);
    if (sent === null) return;
    const tell = tellIn(client, sent.channel, body.user.id, log);
    if (!(await permitted(permits.may(body.user.id, sent.channel, client), tell))) return;
    const found = await find(app, sent.value, pressOf(body.user.id, context));
    if (found === null) return tell(gone);
    if (!found.isCast) await cast(app, found, 'confirm', { note: sent.note }, tell);
  });
}

function noteView(value: string, channel: string | null, service: string): ModalView {
  return {
    type: 'modal',
    callback_id: slackNames.confirmView,
    private_metadata: JSON.stringify({ value, channel } satisfies z.infer<typeof Metadata>),
    title: { type: 'plain_text', text: 'Confirm this cause' },
    submit: { type: 'plain_text', text: 'Confirm' },
    close: { type: 'plain_text', text: 'Cancel' },
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: `You say it was ${bold(escaped(service, 120))}.`, verbatim: true } },
      {
        type: 'input',
        block_id: noteBlock,
        label: { type: 'plain_text', text: 'What did you find?' },
        element: { type: 'plain_text_input', action_id: noteBlock, multiline: true, max_length: maxNote },
      },
    ],
  };
}

/** Null when the modal is not one that we made. */
function readNote({ private_metadata, state }: ViewOutput) {
  const metadata = Metadata.safeParse(jsonOf(private_metadata));
  if (!metadata.success || readRef(metadata.data.value) === null) return null;
  const note = state.values[noteBlock]?.[noteBlock]?.value?.trim() ?? '';
  return { ...metadata.data, note: note === '' ? null : note.slice(0, maxNote) };
}
