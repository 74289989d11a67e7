/** The modal behind "Create Jira issue": filled in from the report, with what the project offers to choose from. */
import type { ViewOutput } from '@slack/bolt';
import type { KnownBlock, ModalView } from '@slack/types';
import { z } from 'zod';
import { plainLine } from '../../domain/mrkdwn.ts';
import { slackNames } from '../../domain/slack-names.ts';
import type { TicketForm, TicketWish } from '../../domain/ticket-wish.ts';

/** Options of a select, characters of an option and of a value, and of a typed text (Block Kit reference). */
const maxOptions = 100;
const maxLabel = 75;
const maxValue = 150;
const maxTyped = 3_000;
const maxSummary = 255;

const fields = {
  project: 'ticket_project',
  type: 'ticket_type',
  priority: 'ticket_priority',
  assignee: 'ticket_assignee',
  summary: 'ticket_summary',
  description: 'ticket_description',
} as const;

const Metadata = z.object({ incidentId: z.string(), channel: z.string().nullable() });

interface Option {
  readonly value: string;
  readonly text: string;
}

export function ticketView(incidentId: string, channel: string | null, { wish, choices }: TicketForm): ModalView {
  const same = (names: readonly string[]) => names.map((name) => ({ value: name, text: name }));
  const projects = (choices?.projects ?? []).map(({ key, name }) => ({ value: key, text: name === '' ? key : `${key} · ${name}` }));
  return {
    type: 'modal',
    callback_id: slackNames.ticketView,
    private_metadata: JSON.stringify({ incidentId, channel } satisfies z.infer<typeof Metadata>),
    title: { type: 'plain_text', text: 'Create Jira issue' },
    submit: { type: 'plain_text', text: 'Create' },
    close: { type: 'plain_text', text: 'Cancel' },
    blocks: [
      chosenOrTyped(fields.project, 'Project', projects, wish.project),
      chosenOrTyped(fields.type, 'Issue type', same(choices?.types ?? []), wish.type),
      ...(choices === null ? [] : chosen(fields.priority, 'Priority', same(choices.priorities), wish.priority)),
      ...(choices === null
        ? []
        : chosen(
            fields.assignee,
            'Assignee',
            choices.assignees.map(({ id, name }) => ({ value: id, text: name })),
            null,
          )),
      typed(fields.summary, 'Summary', plainLine(wish.summary, maxSummary), maxSummary, false),
      typed(fields.description, 'Description', wish.description.slice(0, maxTyped).toWellFormed(), maxTyped, true),
    ],
  };
}

/** Where the tracker did not say what there is, or does not know what is configured, it is typed. */
function chosenOrTyped(id: string, label: string, options: readonly Option[], value: string): KnownBlock {
  const select = options.some((option) => option.value === value) ? chosen(id, label, options, value, 'needed')[0] : undefined;
  return select ?? typed(id, label, value, maxLabel, false);
}

function chosen(
  id: string,
  label: string,
  options: readonly Option[],
  value: string | null,
  need: 'needed' | 'optional' = 'optional',
): KnownBlock[] {
  // What was chosen already must not be the one that no longer fits.
  const first = options.filter((option) => option.value === value);
  const usable = [...first, ...options.filter((option) => option.value !== value)].filter((option) => option.value.length <= maxValue);
  const shown = usable
    .slice(0, maxOptions)
    .map((option) => ({ text: { type: 'plain_text' as const, text: plainLine(option.text, maxLabel) || '?' }, value: option.value }));
  const initial = shown.find((option) => option.value === value);
  if (shown.length === 0) return [];
  return [
    {
      type: 'input',
      block_id: id,
      optional: need === 'optional',
      label: { type: 'plain_text', text: label },
      element: { type: 'static_select', action_id: id, options: shown, ...(initial === undefined ? {} : { initial_option: initial }) },
    },
  ];
}

function typed(id: string, label: string, value: string, max: number, multiline: boolean): KnownBlock {
  return {
    type: 'input',
    block_id: id,
    label: { type: 'plain_text', text: label },
    element: { type: 'plain_text_input', action_id: id, multiline, max_length: max, ...(value === '' ? {} : { initial_value: value }) },
  };
}

export interface AskedTicket {
  readonly incidentId: string;
  readonly channel: string | null;
  readonly wish: TicketWish;
  /** By field, what cannot be taken as it is. */
  readonly errors: Readonly<Record<string, string>>;
}

/** Null when the modal is not one that we made. */
export function readTicket(view: ViewOutput): AskedTicket | null {
  const metadata = Metadata.safeParse(jsonOf(view.private_metadata));
  if (!metadata.success) return null;
  const read = (id: string): string => {
    const field = view.state.values[id]?.[id];
    return (field?.selected_option?.value ?? field?.value ?? '').trim();
  };
  const project = read(fields.project).toUpperCase();
  const summary = read(fields.summary).replace(/\s+/g, ' ').slice(0, maxSummary).toWellFormed();
  const errors = {
    ...(/^[A-Z][A-Z0-9_]{0,99}$/.test(project) ? {} : { [fields.project]: 'This must be the key of a project, such as OPS.' }),
    ...(summary === '' ? { [fields.summary]: 'This cannot be empty.' } : {}),
  };
  const wish = {
    project,
    type: read(fields.type),
    priority: read(fields.priority) || null,
    assignee: read(fields.assignee) || null,
    summary,
    description: read(fields.description).slice(0, maxTyped).toWellFormed(),
  };
  return { ...metadata.data, wish, errors };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
