/** Block Kit's blocks, those of 2026 among them. Limits: @slack/types 3.2.0 doc comments unless another source is named. */
import { byType, type Check, fault, list, oneOf, pick, shape, text, truth } from './check.ts';
import { anyText, mrkdwn, onePicture, picture, plainText, url } from './composition.ts';
import { type ElementName, elements, menus, multiMenus, width } from './elements.ts';
import { richText } from './rich-text.ts';
import { dataTable, dataVisualization, table } from './tables-and-charts.ts';

const named = { block_id: text(0, 255) };
const only = (...names: readonly ElementName[]): Check => byType(pick(elements, ...names));
const pickers = ['datepicker', 'timepicker', 'datetimepicker'] as const;
const ticks = ['checkboxes', 'radio_buttons'] as const;

const section = shape({
  optional: {
    ...named,
    text: anyText(3_000),
    fields: list(anyText(2_000), 1, 10),
    accessory: only('button', 'overflow', 'image', 'workflow_button', 'datepicker', 'timepicker', ...ticks, ...menus, ...multiMenus),
    expand: truth,
  },
  also(value, pointer, faults) {
    if (value['text'] === undefined && value['fields'] === undefined) faults.push(fault('missing required field: text or fields', pointer));
  },
});

const actions = shape({
  required: {
    elements: list(only('button', 'overflow', 'workflow_button', 'rich_text_input', ...ticks, ...menus, ...multiMenus, ...pickers), 1, 25),
  },
  optional: named,
});

const typed = ['plain_text_input', 'email_text_input', 'url_text_input', 'number_input', 'rich_text_input', 'file_input'] as const;
const input = shape({
  required: { label: plainText(2_000), element: only(...typed, ...ticks, ...menus, ...multiMenus, ...pickers) },
  optional: { ...named, hint: plainText(2_000), optional: truth, dispatch_action: truth },
});

const image = shape({
  required: { alt_text: text(1, 2_000) },
  optional: { ...named, ...picture, title: plainText(2_000) },
  also: onePicture,
});
const context = shape({ required: { elements: list(only('image', 'mrkdwn', 'plain_text'), 1, 10) }, optional: named });
const header = shape({ required: { text: plainText(150) }, optional: named });
const divider = shape({ optional: named });
const file = shape({ required: { source: oneOf('remote'), external_id: text(1, 255) }, optional: named });
const video = shape({
  required: { video_url: url, thumbnail_url: url, alt_text: text(1, 2_000), title: plainText(200) },
  optional: {
    ...named,
    title_url: url,
    author_name: text(1, 50),
    provider_name: text(1, 50),
    provider_icon_url: url,
    description: plainText(200),
  },
});

// The alert block's 200 characters are quoted from Slack's documentation by others.
const alert = shape({
  required: { text: anyText(200) },
  optional: { ...named, level: oneOf('default', 'info', 'warning', 'error', 'success') },
});

const card = shape({
  optional: {
    ...named,
    hero_image: only('image'),
    icon: only('image'),
    title: mrkdwn(150),
    subtitle: mrkdwn(150),
    body: mrkdwn(200),
    actions: list(only('button'), 1, 3),
  },
  also(value, pointer, faults) {
    if (['hero_image', 'title', 'actions', 'body'].every((name) => value[name] === undefined))
      faults.push(fault('must have one of hero_image, title, actions, body', pointer));
  },
});

const status = oneOf('pending', 'in_progress', 'complete', 'error');
const taskCard = shape({
  required: { task_id: text(1, 255), title: text(1, 256), status },
  optional: { ...named, details: richText, output: richText, sources: list(only('url'), 0, 100) },
});

const inContainer = { actions, context, divider, file, header, image, input, rich_text: richText, section, table, video };
const container = shape({
  required: { child_blocks: list(byType(inContainer), 1, 10) },
  optional: {
    ...named,
    title: plainText(150),
    rich_text_title: richText,
    subtitle: anyText(150),
    width,
    icon: only('image'),
    is_collapsible: truth,
    default_collapsed: truth,
    has_header_divider: truth,
  },
  also(value, pointer, faults) {
    if (value['title'] === undefined && value['rich_text_title'] === undefined)
      faults.push(fault('missing required field: title or rich_text_title', pointer));
    if (value['default_collapsed'] === true && value['is_collapsible'] !== true)
      faults.push(fault('default_collapsed requires is_collapsible', pointer));
  },
});

const everywhere = {
  actions,
  context,
  divider,
  file,
  header,
  image,
  input,
  rich_text: richText,
  section,
  video,
  container,
  card,
  carousel: shape({ required: { elements: list(byType({ card }), 1, 10) }, optional: named }),
};

export const messageBlock = byType({
  ...everywhere,
  table,
  data_table: dataTable,
  data_visualization: dataVisualization,
  markdown: shape({ required: { text: text(1, 12_000) }, optional: named }),
  context_actions: shape({ required: { elements: list(only('feedback_buttons', 'icon_button'), 1, 5) }, optional: named }),
  task_card: taskCard,
  plan: shape({ required: { title: text(1, 256) }, optional: { ...named, tasks: list(byType({ task_card: taskCard }), 0, 100) } }),
});

/** Alerts are for modals alone; charts, tables of data and what streams in are for messages alone. */
export const modalBlock = byType({ ...everywhere, table, alert });
export const homeBlock = byType({ ...everywhere, table });
