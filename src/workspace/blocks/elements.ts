/** Block Kit's elements: buttons, menus, pickers and inputs. Limits: @slack/types 3.2.0 doc comments. */
import { isObject, objectsIn } from '../json.ts';
import { type Check, fault, list, matching, number, oneOf, shape, text, truth } from './check.ts';
import {
  actionId,
  anyText,
  colour,
  confirm,
  conversationFilter,
  dispatchConfig,
  markedOption,
  onePicture,
  optionGroup,
  overflowOption,
  picture,
  plainOption,
  plainText,
  url,
} from './composition.ts';
import { richText } from './rich-text.ts';

const common = { action_id: actionId };
const acting = { ...common, confirm };
const choosing = { ...acting, focus_on_load: truth, placeholder: plainText(150) };
const typing = { ...common, focus_on_load: truth, placeholder: plainText(150), dispatch_action_config: dispatchConfig };
const id = text(1, 255);
const date = matching(/^\d{4}-\d{2}-\d{2}$/, 'must be a date in the format YYYY-MM-DD');
const time = matching(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time in the format HH:mm');

const eitherOptions: NonNullable<Parameters<typeof shape>[0]['also']> = (value, pointer, faults) => {
  if ((value['options'] === undefined) === (value['option_groups'] === undefined))
    faults.push(fault('must have exactly one of options and option_groups', pointer));
  for (const initial of [value['initial_option'], ...objectsIn(value['initial_options'])].filter(isObject)) {
    const offered = [...objectsIn(value['options']), ...objectsIn(value['option_groups']).flatMap((group) => objectsIn(group['options']))];
    if (!offered.some((option) => option['value'] === initial['value']))
      faults.push(fault('initial option must be one of the options', pointer));
  }
};

function select(initial: string, check: Check, more: Readonly<Record<string, Check>>): Check {
  const isStatic = more['options'] !== undefined;
  return shape({ optional: { ...choosing, ...more, [initial]: check }, ...(isStatic ? { also: eitherOptions } : {}) });
}

const chosen = { max_selected_items: number(1, 100) };
const staticOptions = { options: list(plainOption, 1, 100), option_groups: list(optionGroup, 1, 100) };
const querying = { min_query_length: number(0, 3_000) };
const conversing = { default_to_current_conversation: truth, filter: conversationFilter };

const feedback = shape({ required: { text: plainText(75), value: text(1, 2_000) }, optional: { accessibility_label: text(1, 75) } });

const plainInput = shape({
  optional: { ...typing, initial_value: text(0, 3_000), multiline: truth, min_length: number(0, 3_000), max_length: number(1, 3_000) },
  also(value, pointer, faults) {
    if (Number(value['min_length'] ?? 0) > Number(value['max_length'] ?? 3_000))
      faults.push(fault('min_length must not exceed max_length', pointer));
  },
});

export const elements = {
  button: shape({
    required: { text: plainText(75) },
    optional: { ...acting, value: text(0, 2_000), url, style: colour, accessibility_label: text(1, 75) },
  }),
  workflow_button: shape({
    required: { text: plainText(75), workflow: shape({ required: { trigger: () => undefined } }) },
    optional: { ...common, style: colour, accessibility_label: text(1, 75) },
  }),
  icon_button: shape({
    required: { icon: text(1, 100), text: plainText(75) },
    optional: { ...acting, value: text(0, 2_000), accessibility_label: text(1, 75), visible_to_user_ids: list(id, 1, 100) },
  }),
  feedback_buttons: shape({ required: { positive_button: feedback, negative_button: feedback }, optional: common }),
  overflow: shape({ required: { options: list(overflowOption, 1, 5) }, optional: acting }),
  checkboxes: shape({
    required: { options: list(markedOption, 1, 10) },
    optional: { ...acting, focus_on_load: truth, initial_options: list(markedOption, 1, 10) },
  }),
  radio_buttons: shape({
    required: { options: list(markedOption, 1, 10) },
    optional: { ...acting, focus_on_load: truth, initial_option: markedOption },
  }),
  static_select: select('initial_option', plainOption, staticOptions),
  external_select: select('initial_option', plainOption, querying),
  users_select: select('initial_user', id, {}),
  conversations_select: select('initial_conversation', id, { ...conversing, response_url_enabled: truth }),
  channels_select: select('initial_channel', id, { response_url_enabled: truth }),
  multi_static_select: select('initial_options', list(plainOption, 1, 100), { ...staticOptions, ...chosen }),
  multi_external_select: select('initial_options', list(plainOption, 1, 100), { ...querying, ...chosen }),
  multi_users_select: select('initial_users', list(id, 1, 100), chosen),
  multi_conversations_select: select('initial_conversations', list(id, 1, 100), { ...conversing, ...chosen }),
  multi_channels_select: select('initial_channels', list(id, 1, 100), chosen),
  datepicker: shape({ optional: { ...choosing, initial_date: date } }),
  timepicker: shape({ optional: { ...choosing, initial_time: time, timezone: text(1, 100) } }),
  datetimepicker: shape({ optional: { ...acting, focus_on_load: truth, initial_date_time: number(1_000_000_000, 9_999_999_999) } }),
  plain_text_input: plainInput,
  email_text_input: shape({ optional: { ...typing, initial_value: text(0, 3_000) } }),
  url_text_input: shape({ optional: { ...typing, initial_value: text(0, 3_000) } }),
  number_input: shape({
    required: { is_decimal_allowed: truth },
    optional: { ...typing, initial_value: text(0, 100), min_value: text(1, 100), max_value: text(1, 100) },
  }),
  rich_text_input: shape({ optional: { ...typing, initial_value: richText, min_lines: number(1, 100), max_lines: number(1, 100) } }),
  file_input: shape({ optional: { ...common, filetypes: list(text(1, 20), 1, 100), max_files: number(1, 10) } }),
  image: shape({ required: { alt_text: text(1, 2_000) }, optional: picture, also: onePicture }),
  url: shape({ required: { url, text: text(1, 255) } }),
  mrkdwn: anyText(3_000),
  plain_text: anyText(3_000),
} satisfies Record<string, Check>;

export type ElementName = keyof typeof elements;

export const menus = ['static_select', 'external_select', 'users_select', 'conversations_select', 'channels_select'] as const;
export const multiMenus = [
  'multi_static_select',
  'multi_external_select',
  'multi_users_select',
  'multi_conversations_select',
  'multi_channels_select',
] as const;
export const width = oneOf('narrow', 'standard', 'wide', 'full');
