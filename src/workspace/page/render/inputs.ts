/** Fields that hold what a person types, ticks or dates: native controls, because browsers make those accessible. */
import { attributes, escapeHtml } from './html.ts';
import { renderMrkdwn, renderPlain } from './mrkdwn.ts';
import { type Json, list, number, object, objects, string } from './read.ts';
import { actionAttributes, naming, type Scope, textOf } from './scope.ts';

const inputTypes: Readonly<Record<string, string>> = {
  email_text_input: 'email',
  url_text_input: 'url',
  number_input: 'number',
  file_input: 'file',
  datepicker: 'date',
  timepicker: 'time',
  datetimepicker: 'datetime-local',
};

export function renderTextInput(element: Json, scope: Scope): string {
  const type = string(element['type']);
  const isLong = (type === 'plain_text_input' && element['multiline'] === true) || type === 'rich_text_input';
  const initial = type === 'rich_text_input' ? plainOf(element['initial_value']) : string(element['initial_value']);
  const common = `class="text-input"${actionAttributes(element, scope)}${naming(element, scope, 'Text')}${attributes({
    placeholder: textOf(element['placeholder']) || undefined,
    maxlength: number(element['max_length']),
    minlength: number(element['min_length']),
    autofocus: element['focus_on_load'] === true,
  })}`;
  if (isLong) return `<textarea rows="4" ${common}>\n${escapeHtml(initial)}</textarea>`;
  const numeric =
    type === 'number_input'
      ? {
          min: string(element['min_value']) || undefined,
          max: string(element['max_value']) || undefined,
          step: element['is_decimal_allowed'] === true ? 'any' : '1',
        }
      : {};
  const file =
    type === 'file_input'
      ? {
          accept:
            list(element['filetypes'])
              .map((extension) => `.${string(extension)}`)
              .join(',') || undefined,
          multiple: (number(element['max_files']) ?? 10) > 1,
        }
      : {};
  const input = `<input ${common}${attributes({ type: inputTypes[type] ?? 'text', value: initial === '' ? undefined : initial, ...numeric, ...file, disabled: type === 'file_input' })}>`;
  return type === 'file_input' ? `${input}<small class="no-files">Files cannot be attached on this page.</small>` : input;
}

export function renderTime(element: Json, scope: Scope): string {
  const type = string(element['type']);
  const epoch = number(element['initial_date_time']);
  const own = attributes({
    type: inputTypes[type],
    value: string(element['initial_date']) || string(element['initial_time']) || undefined,
    // The wall-clock value depends on the reader's zone, which only their browser knows.
    'data-epoch': epoch,
  });
  return `<input class="text-input time-input"${actionAttributes(element, scope)}${naming(element, scope, type === 'timepicker' ? 'Time' : 'Date')}${own}>`;
}

export function renderChoices(element: Json, scope: Scope): string {
  const isRadio = element['type'] === 'radio_buttons';
  const name = scope.newId('choice');
  const chosen = new Set(
    [...objects(element['initial_options']), object(element['initial_option'])].map((option) => string(option['value'])),
  );
  const options = objects(element['options']).map((option) => {
    const value = string(option['value']);
    const description = object(option['description']);
    const small = textOf(description) === '' ? '' : `<small>${textHtml(description, scope)}</small>`;
    const own = attributes({
      type: isRadio ? 'radio' : 'checkbox',
      name,
      value,
      checked: chosen.has(value),
      'data-option': JSON.stringify(option),
    });
    return `<label class="choice"><input${own}><span>${textHtml(object(option['text']), scope)}${small}</span></label>`;
  });
  const role = isRadio ? 'radiogroup' : 'group';
  return `<div class="choices" role="${role}"${actionAttributes(element, scope)}${naming(element, scope, 'Options')}>${options.join('')}</div>`;
}

export function textHtml(text: Json, scope: Scope): string {
  return text['type'] === 'mrkdwn'
    ? renderMrkdwn(string(text['text']), scope.lookups, text['verbatim'] === true)
    : renderPlain(string(text['text']), text['emoji'] !== false);
}

/** A rich text as a person would have typed it into a plain field. */
function plainOf(richText: unknown): string {
  const words = (element: Json): string =>
    string(element['text']) ||
    objects(element['elements'])
      .map(words)
      .join(element['type'] === 'rich_text_list' ? '\n' : '');
  return objects(object(richText)['elements']).map(words).join('\n');
}
