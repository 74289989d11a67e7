/** Reads and refills what a person entered in a message, Home tab or modal: action_id → text, or texts. */
import { all, localValue } from './dom.ts';
import { choose, chosenValues } from './select.ts';

export type Inputs = Record<string, string | readonly string[]>;

const valued = '.select, .choices, .text-input';

export function inputsOf(root: HTMLElement): Inputs {
  const inputs: Inputs = {};
  for (const field of all(root, valued)) {
    const id = field.dataset['actionId'];
    if (id !== undefined) inputs[id] = valueOfField(field);
  }
  return inputs;
}

export function valueOfField(field: HTMLElement): string | readonly string[] {
  if (field.classList.contains('select')) {
    const values = chosenValues(field);
    return field.dataset['multiple'] === undefined ? (values[0] ?? '') : values;
  }
  if (field.classList.contains('choices')) {
    const values = all(field, 'input:checked').map((input) => (input as HTMLInputElement).value);
    return field.dataset['action'] === 'radio_buttons' ? (values[0] ?? '') : values;
  }
  const input = field as HTMLInputElement;
  if (input.type === 'datetime-local') return input.value === '' ? '' : String(Math.floor(new Date(input.value).getTime() / 1000));
  if (input.type === 'file') return [];
  return input.value;
}

export function refill(root: HTMLElement, inputs: Inputs): void {
  for (const field of all(root, valued)) {
    const given = inputs[field.dataset['actionId'] ?? ''];
    if (given === undefined) continue;
    const texts = typeof given === 'string' ? [given] : given;
    if (field.classList.contains('select')) choose(field, texts);
    else if (field.classList.contains('choices')) {
      for (const input of all(field, 'input')) (input as HTMLInputElement).checked = texts.includes((input as HTMLInputElement).value);
    } else {
      const input = field as HTMLInputElement;
      if (input.type === 'file') continue;
      input.value =
        input.type === 'datetime-local' && texts[0] !== undefined && texts[0] !== '' ? localValue(Number(texts[0])) : (texts[0] ?? '');
    }
  }
}
