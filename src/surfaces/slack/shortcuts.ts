/** Starting an investigation with a form: from nothing, or from a message that names a service or an id. */
import type { App as Bolt, GlobalShortcut, MessageShortcut } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import { z } from 'zod';
import type { Log } from '../../adapter.ts';
import type { App } from '../../app.ts';
import { Failure } from '../../domain/failure.ts';
import { bold, escaped } from '../../domain/mrkdwn.ts';
import { slackNames } from '../../domain/slack-names.ts';
import { defaultMinutes, maxMinutes } from './commands.ts';
import { typedText } from './heard.ts';
import { opens, tellIn } from './tell.ts';

const fields = { subject: 'subject', minutes: 'minutes' } as const;
const maxSubject = 200;
const Metadata = z.object({ channel: z.string().nullable() });

export function listenToShortcuts(bolt: Bolt, app: App, log: Log): void {
  bolt.shortcut<GlobalShortcut>('new_investigation', async ({ ack, shortcut, client }) => {
    await ack();
    await opens(() => client.views.open({ trigger_id: shortcut.trigger_id, view: investigateView('', null) }), log);
  });

  bolt.shortcut<MessageShortcut>('investigate_message', async ({ ack, shortcut, client }) => {
    await ack();
    const names = (await app.map()).services.map((service) => service.name);
    const view = investigateView(subjectIn(typedText(shortcut.message.text ?? ''), names), shortcut.channel.id);
    await opens(() => client.views.open({ trigger_id: shortcut.trigger_id, view }), log);
  });

  bolt.view(slackNames.investigateView, async ({ ack, view, body, client }) => {
    const subject = view.state.values[fields.subject]?.[fields.subject]?.value?.trim() ?? '';
    const minutes = Number(view.state.values[fields.minutes]?.[fields.minutes]?.value ?? defaultMinutes);
    const errors = {
      ...(subject === '' ? { [fields.subject]: 'Name a service or a correlation id.' } : {}),
      ...(Number.isInteger(minutes) && minutes >= 1 && minutes <= maxMinutes
        ? {}
        : { [fields.minutes]: `Give a whole number from 1 to ${maxMinutes}.` }),
    };
    if (Object.keys(errors).length > 0) return void (await ack({ response_action: 'errors', errors }));
    await ack();
    const tell = tellIn(client, channelOf(view.private_metadata), body.user.id, log);
    try {
      const incident = await app.investigate({ subject: subject.slice(0, maxSubject), minutes, person: `slack:${body.user.id}` });
      await tell(`${bold(incident.id)} is under way: ${escaped(incident.title, 200)}.`);
    } catch (error) {
      if (!(error instanceof Failure) || error.isRetryable) throw error;
      await tell(`That did not work: ${escaped(error.hint ?? error.message, 300)}`);
    }
  });
}

/** The first service of the map that the text names, else the first thing that looks like an id, else nothing. */
export function subjectIn(text: string, services: readonly string[]): string {
  const words = new Set(
    text
      .toLowerCase()
      .split(/[^\p{L}\p{N}_./@-]+/u)
      .flatMap((word) => [word, word.replace(/^[./-]{1,64}|[./-]{1,64}$/g, '')]),
  );
  const named = services.find((service) => words.has(service.toLowerCase()));
  const id = /\b(?=[\w-]{0,63}\d)(?=[\w-]{0,63}[-_a-f])[\w-]{6,64}\b/i.exec(text)?.[0];
  return named ?? id ?? '';
}

export function investigateView(subject: string, channel: string | null): ModalView {
  return {
    type: 'modal',
    callback_id: slackNames.investigateView,
    private_metadata: JSON.stringify({ channel } satisfies z.infer<typeof Metadata>),
    title: { type: 'plain_text', text: 'Investigate' },
    submit: { type: 'plain_text', text: 'Investigate' },
    close: { type: 'plain_text', text: 'Cancel' },
    blocks: [
      {
        type: 'input',
        block_id: fields.subject,
        label: { type: 'plain_text', text: 'Service or correlation id' },
        element: {
          type: 'plain_text_input',
          action_id: fields.subject,
          max_length: maxSubject,
          ...(subject === '' ? {} : { initial_value: subject.slice(0, maxSubject) }),
        },
      },
      {
        type: 'input',
        block_id: fields.minutes,
        label: { type: 'plain_text', text: 'Minutes to look back' },
        element: {
          type: 'number_input',
          action_id: fields.minutes,
          is_decimal_allowed: false,
          initial_value: String(defaultMinutes),
          min_value: '1',
          max_value: String(maxMinutes),
        },
      },
    ],
  };
}

function channelOf(metadata: string): string | null {
  try {
    return Metadata.parse(JSON.parse(metadata)).channel;
  } catch {
    // Not a modal of ours: nobody to tell, nothing lost.
    return null;
  }
}
