/** The buttons under a card that are of the whole incident: resolve, mute for an hour or longer, hand over to a coding agent. */
import type { BlockAction, BlockButtonAction, App as Bolt, OverflowAction } from '@slack/bolt';
import type { Log } from '../../adapter.ts';
import type { App } from '../../app.ts';
import { Failure } from '../../domain/failure.ts';
import { escaped } from '../../domain/mrkdwn.ts';
import { readMore, slackNames } from '../../domain/slack-names.ts';
import { exportText } from './act-commands.ts';
import { askForNote } from './confirm-note.ts';
import { mutedText, resolvedText, unmutedText } from './act-texts.ts';
import { mapText } from './command-texts.ts';
import { type Permits, permitted } from './permits.ts';
import { tellBy } from './tell.ts';

const hourMs = 3_600_000;

export function listenToIncidentButtons(bolt: Bolt, app: App, permits: Permits, now: () => number, log: Log, url: string | null): void {
  const on = (name: string, act: (id: string, person: string) => Promise<string>, isReading: boolean = false) =>
    bolt.action<BlockButtonAction>(name, async ({ ack, action, body, client, respond }) => {
      await ack();
      const tell = tellBy(respond, log);
      if (!isReading && !(await permitted(permits.may(body.user.id, body.channel?.id ?? null, client), tell))) return;
      await tell(await orWhyNot(() => act(action.value ?? '', `slack:${body.user.id}`)));
    });
  const muteFor = async (incidentId: string, ms: number, person: string) => {
    const untilAt = now() + ms;
    return mutedText(incidentId, untilAt, await app.mute({ subject: { incidentId }, untilAt, person }));
  };
  on(slackNames.resolve, async (incidentId, person) => resolvedText(incidentId, await app.resolve({ incidentId, person })));
  on(slackNames.mute, (incidentId, person) => muteFor(incidentId, hourMs, person));
  on(slackNames.unmute, async (incidentId, person) => unmutedText(incidentId, await app.unmute({ subject: { incidentId }, person })));
  on(slackNames.export, (incidentId) => exportText(app, incidentId, url), true);
  bolt.action<BlockAction<OverflowAction>>(slackNames.more, async ({ ack, action, body, client, respond }) => {
    await ack();
    const tell = tellBy(respond, log);
    const chosen = readMore(action.selected_option.value);
    if (chosen === null) return;
    const { incidentId, what } = chosen;
    if (what !== 'map' && !(await permitted(permits.may(body.user.id, body.channel?.id ?? null, client), tell))) return;
    const person = `slack:${body.user.id}`;
    if (what === 'confirm-note')
      return askForNote({ app, incidentId, trigger: body.trigger_id, channel: body.channel?.id ?? null, client, log }, tell);
    const act = {
      'mute-4h': () => muteFor(incidentId, 4 * hourMs, person),
      'mute-1d': () => muteFor(incidentId, 24 * hourMs, person),
      map: async () => mapText(await app.map(), (await app.incident(incidentId))?.card.report?.context.hypotheses[0]?.service ?? null),
    }[what];
    await tell(await orWhyNot(act));
  });
}

async function orWhyNot(act: () => Promise<string>): Promise<string> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Failure) || error.isRetryable) throw error;
    return `That did not work: ${escaped(error.hint ?? error.message, 300)}`;
  }
}
