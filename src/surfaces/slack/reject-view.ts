/** The modal behind Reject: "what was it really?" Its answers are looked up by hash: names may be longer than Slack's values. */
import type { ViewOutput } from '@slack/bolt';
import type { KnownBlock, ModalView } from '@slack/types';
import { z } from 'zod';
import type { App } from '../../app.ts';
import { fnv1a } from '../../domain/evidence.ts';
import { type FaultKind, faultKinds } from '../../domain/hypothesis.ts';
import { bold, escaped, plainLine } from '../../domain/mrkdwn.ts';
import { type HypothesisRef, readRef, refText, slackNames } from '../../domain/slack-names.ts';
import { faultWords } from '../../domain/wording.ts';

/** Options of a select, and characters of each (@slack/types). */
const maxOptions = 100;
const maxLabel = 75;
const maxNote = 1_000;
const blocks = { service: 'actual_service', kind: 'actual_kind', note: 'note' } as const;

const Metadata = z.object({ value: z.string(), channel: z.string().nullable() });

/** Services that it may have been, those of the report first. */
export async function servicesFor(app: App, incidentId: string): Promise<string[]> {
  const [map, context] = await Promise.all([app.map(), app.context(incidentId)]);
  const suspects = context?.hypotheses.map((h) => h.service) ?? [];
  const near = context?.map.services.map((service) => service.name) ?? [];
  return [...new Set([...suspects, ...near, ...map.services.map((service) => service.name)])];
}

export function rejectView(about: { ref: HypothesisRef; channel: string | null; service: string; services: readonly string[] }): ModalView {
  const { ref, channel, service, services } = about;
  return {
    type: 'modal',
    callback_id: slackNames.rejectView,
    private_metadata: JSON.stringify({ value: refText(ref), channel } satisfies z.infer<typeof Metadata>),
    title: { type: 'plain_text', text: 'Reject this cause' },
    submit: { type: 'plain_text', text: 'Reject' },
    close: { type: 'plain_text', text: 'Cancel' },
    blocks: [
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: `You say it was not ${bold(escaped(service, 120))}. What was it really? All of it may stay empty.`,
          verbatim: true,
        },
      },
      ...serviceSelect(services),
      kindSelect,
      {
        type: 'input',
        block_id: blocks.note,
        optional: true,
        label: { type: 'plain_text', text: 'What did you find?' },
        element: { type: 'plain_text_input', action_id: blocks.note, multiline: true, max_length: maxNote },
      },
    ],
  };
}

function serviceSelect(services: readonly string[]): KnownBlock[] {
  const options = services
    .slice(0, maxOptions)
    .map((name) => ({ text: { type: 'plain_text' as const, text: plainLine(name, maxLabel) || '?' }, value: optionValue(name) }));
  if (options.length === 0) return [];
  return [
    {
      type: 'input',
      block_id: blocks.service,
      optional: true,
      label: { type: 'plain_text', text: 'Service at fault' },
      element: { type: 'static_select', action_id: blocks.service, placeholder: { type: 'plain_text', text: 'Choose a service' }, options },
    },
  ];
}

const kindSelect: KnownBlock = {
  type: 'input',
  block_id: blocks.kind,
  optional: true,
  label: { type: 'plain_text', text: 'Kind of fault' },
  element: {
    type: 'static_select',
    action_id: blocks.kind,
    placeholder: { type: 'plain_text', text: 'Choose a kind' },
    options: faultKinds.map((kind) => ({ text: { type: 'plain_text', text: faultWords[kind] }, value: kind })),
  },
};

function optionValue(service: string): string {
  return `s${fnv1a(service).toString(36)}`;
}

export interface Rejection {
  readonly ref: HypothesisRef;
  readonly channel: string | null;
  readonly note: string | null;
  readonly kind: FaultKind | null;
  readonly serviceBlock: string;
  isChosen(service: string): boolean;
}

/** Null when the modal is not one that we made. */
export function readRejection(view: ViewOutput): Rejection | null {
  const metadata = Metadata.safeParse(jsonOf(view.private_metadata));
  const ref = metadata.success ? readRef(metadata.data.value) : null;
  if (!metadata.success || ref === null) return null;
  const { values } = view.state;
  const chosen = values[blocks.service]?.[blocks.service]?.selected_option?.value ?? null;
  const note = values[blocks.note]?.[blocks.note]?.value?.trim() ?? '';
  const kind = values[blocks.kind]?.[blocks.kind]?.selected_option?.value;
  return {
    ref,
    channel: metadata.data.channel,
    note: note === '' ? null : note.slice(0, maxNote),
    kind: faultKinds.find((known) => known === kind) ?? null,
    serviceBlock: blocks.service,
    isChosen: (service) => chosen !== null && optionValue(service) === chosen,
  };
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
