/**
 * What a person typed or chose, in Slack's words: `{ block_id: { action_id: { type, value | selected_option | … } } }`.
 * People (and the page) say it plainly: a text, or a list of texts; the element's type decides how it is written.
 */
import { withChildren } from '../blocks/surfaces.ts';
import { isObject, type Json, type JsonObject, objectsIn, textOf } from '../json.ts';
import { isInteractive } from '../messages.ts';
import { Refused } from '../refused.ts';

/** By action_id or block_id: a text (value, option value, user or channel id, date), or several. */
export type Inputs = Readonly<Record<string, string | readonly string[]>>;

export interface Placed {
  readonly element: JsonObject;
  readonly blockId: string;
  readonly actionId: string;
  readonly block: JsonObject;
}

/** Every interactive element of a message or view, with the block it stands in. */
export function elementsIn(blocks: readonly JsonObject[]): readonly Placed[] {
  return withChildren(blocks).flatMap((block) => {
    const cards = block['type'] === 'carousel' ? objectsIn(block['elements']) : [block];
    const candidates = [
      ...cards.flatMap((card) => [...objectsIn(card['elements']), ...objectsIn(card['actions'])]),
      block['accessory'],
      block['element'],
    ];
    return candidates
      .filter(isObject)
      .filter(isInteractive)
      .map((element) => ({ element, blockId: textOf(block['block_id']), actionId: textOf(element['action_id']), block }));
  });
}

export function findElement(blocks: readonly JsonObject[], actionId: string, blockId: string | undefined): Placed {
  const found = elementsIn(blocks).find((placed) => placed.actionId === actionId && (blockId === undefined || placed.blockId === blockId));
  if (found === undefined) throw new Refused('no_such_element', [`nothing with action_id ${actionId} can be used here`]);
  return found;
}

const listField: Readonly<Record<string, string>> = {
  multi_users_select: 'selected_users',
  multi_conversations_select: 'selected_conversations',
  multi_channels_select: 'selected_channels',
};
const singleField: Readonly<Record<string, string>> = {
  users_select: 'selected_user',
  conversations_select: 'selected_conversation',
  channels_select: 'selected_channel',
  datepicker: 'selected_date',
  timepicker: 'selected_time',
};
const optionTypes = new Set(['static_select', 'external_select', 'radio_buttons', 'overflow']);
const optionListTypes = new Set(['multi_static_select', 'multi_external_select', 'checkboxes']);

/** The chosen value as Slack writes it; without `given`, the element's initial value, or its empty form. */
export function stateOf(element: JsonObject, given: string | readonly string[] | undefined): JsonObject {
  const type = textOf(element['type']);
  const texts = given === undefined ? undefined : typeof given === 'string' ? (given === '' ? [] : [given]) : given;
  const first = texts?.[0] ?? null;
  const field = singleField[type];
  if (field !== undefined) return { type, [field]: texts === undefined ? (initial(element) ?? null) : first };
  const many = listField[type];
  if (many !== undefined) return { type, [many]: texts ?? (initial(element) as Json[] | undefined) ?? [] };
  if (optionTypes.has(type))
    return {
      type,
      selected_option: texts === undefined ? (element['initial_option'] ?? null) : first === null ? null : optionOf(element, first),
    };
  if (optionListTypes.has(type))
    return {
      type,
      selected_options: texts === undefined ? (element['initial_options'] ?? []) : texts.map((text) => optionOf(element, text)),
    };
  if (type === 'datetimepicker')
    return {
      type,
      selected_date_time: texts === undefined ? (element['initial_date_time'] ?? null) : first === null ? null : Number(first),
    };
  if (type === 'file_input') return { type, files: (texts ?? []).map((id) => ({ id })) };
  if (type === 'rich_text_input')
    return { type, rich_text_value: texts === undefined ? (element['initial_value'] ?? null) : richText(first ?? '') };
  return { type, value: texts === undefined ? (element['initial_value'] ?? null) : first };
}

function initial(element: JsonObject): Json | undefined {
  const names = [
    'initial_user',
    'initial_users',
    'initial_conversation',
    'initial_conversations',
    'initial_channel',
    'initial_channels',
    'initial_date',
    'initial_time',
  ];
  return names.map((name) => element[name]).find((value) => value !== undefined);
}

/** Options of external menus come from the app, so whatever was chosen there is taken as it is. */
function optionOf(element: JsonObject, value: string): JsonObject {
  const options = [
    ...objectsIn(element['options']),
    ...objectsIn(element['option_groups']).flatMap((group) => objectsIn(group['options'])),
  ];
  const found = options.find((option) => option['value'] === value);
  if (found !== undefined) return found;
  if (textOf(element['type']).includes('external')) return { text: { type: 'plain_text', text: value }, value };
  throw new Refused('no_such_option', [`${value} is none of the options of ${textOf(element['action_id'])}`]);
}

function richText(text: string): JsonObject {
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }] };
}

/** `earlier` (what was entered before) < `inputs` (now). Elements that hold no value, such as buttons, have no state. */
export function stateValues(blocks: readonly JsonObject[], inputs: Inputs, earlier: JsonObject): JsonObject {
  const values: Record<string, Record<string, JsonObject>> = {};
  for (const { element, blockId, actionId } of elementsIn(blocks)) {
    if (['button', 'overflow', 'workflow_button', 'feedback_buttons', 'icon_button'].includes(textOf(element['type']))) continue;
    const given = inputs[actionId] ?? inputs[blockId];
    const before = isObject(earlier[blockId]) ? earlier[blockId][actionId] : undefined;
    values[blockId] = { ...values[blockId], [actionId]: given === undefined && isObject(before) ? before : stateOf(element, given) };
  }
  return values;
}

/** What Slack's client says before it sends a form: block_id → sentence. Empty where all is well. */
export function clientErrors(blocks: readonly JsonObject[], values: JsonObject): Readonly<Record<string, string>> {
  const errors: Record<string, string> = {};
  for (const { element, blockId, actionId, block } of elementsIn(blocks)) {
    if (block['type'] !== 'input') continue;
    const entry = isObject(values[blockId]) ? values[blockId][actionId] : undefined;
    const sentence = isObject(entry) ? complaint(element, entry, block['optional'] === true) : null;
    if (sentence !== null) errors[blockId] = sentence;
  }
  return errors;
}

function complaint(element: JsonObject, entry: JsonObject, isOptional: boolean): string | null {
  const [value] = Object.entries(entry).flatMap(([key, each]) => (key === 'type' ? [] : [each]));
  const isEmpty =
    value === null ||
    value === undefined ||
    (typeof value === 'string' && value.trim() === '') ||
    (Array.isArray(value) && value.length === 0);
  if (isEmpty) return isOptional ? null : 'Please complete this required field.';
  const text = textOf(value);
  const type = textOf(element['type']);
  if (type === 'email_text_input' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)) return 'Must be a valid email address.';
  if (type === 'url_text_input' && !URL.canParse(text)) return 'Must be a valid URL.';
  if (type === 'number_input') return numberComplaint(element, text);
  const { min_length: shortest, max_length: longest } = element;
  if (typeof shortest === 'number' && text.length < shortest) return `Must be at least ${shortest} characters.`;
  if (typeof longest === 'number' && text.length > longest) return `Must be at most ${longest} characters.`;
  const most = element['max_selected_items'];
  if (typeof most === 'number' && Array.isArray(value) && value.length > most) return `Choose at most ${most}.`;
  return null;
}

function numberComplaint(element: JsonObject, text: string): string | null {
  const value = Number(text);
  if (!Number.isFinite(value)) return 'Must be a number.';
  if (element['is_decimal_allowed'] !== true && !Number.isInteger(value)) return 'Must be a whole number.';
  if (element['min_value'] !== undefined && value < Number(element['min_value']))
    return `Must be at least ${textOf(element['min_value'])}.`;
  if (element['max_value'] !== undefined && value > Number(element['max_value'])) return `Must be at most ${textOf(element['max_value'])}.`;
  return null;
}
