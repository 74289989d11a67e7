/** The combobox behind every select: typing filters, arrows move, Enter chooses, Escape closes. One handler for all of them. */
import { optionHtml } from '../render/select.ts';
import type { Json } from '../render/read.ts';
import { all, byId, closest, elementOf } from './dom.ts';

export interface SelectEvents {
  /** A choice was made (single) or the list closed with a changed choice (multiple). */
  chosen(select: HTMLElement): void;
  suggest(select: HTMLElement, query: string): Promise<readonly Json[]>;
}

export function listenToSelects(events: SelectEvents): void {
  document.addEventListener('focusin', (event) => {
    const input = closest(event.target, '.select-input');
    for (const other of all(document, '.select.open')) if (input === null || !other.contains(input)) close(other, events);
  });
  // The field keeps the focus while its list is clicked; else the list would close before the click arrives.
  document.addEventListener('mousedown', (event) => {
    if (closest(event.target, '.listbox') !== null) event.preventDefault();
  });
  document.addEventListener('click', (event) => {
    const option = closest(event.target, '.select .option');
    const select = closest(event.target, '.select');
    if (option !== null && select !== null) return pick(select, option, events);
    const chip = closest(event.target, '.chip');
    if (chip !== null && select !== null) return unpick(select, chip.dataset['value'] ?? '', events);
    if (closest(event.target, '.select-input') !== null && select !== null) return open(select);
    for (const other of all(document, '.select.open')) if (other !== select) close(other, events);
  });
  document.addEventListener('input', (event) => {
    const select = closest(event.target, '.select');
    if (select === null || !(event.target instanceof HTMLInputElement)) return;
    open(select);
    if (select.dataset['external'] === undefined) filter(select, event.target.value);
    else void refill(select, event.target.value, events);
  });
  document.addEventListener('keydown', (event) => {
    const select = closest(event.target, '.select');
    if (select !== null && closest(event.target, '.select-input') !== null) onKey(event, select, events);
  });
}

export function chosenValues(select: HTMLElement): readonly string[] {
  return all(select, '.option[aria-selected="true"]').map(optionValue);
}

/** Puts values back that were chosen before the surface was drawn anew. */
export function choose(select: HTMLElement, values: readonly string[]): void {
  for (const option of all(select, '.option')) option.setAttribute('aria-selected', String(values.includes(optionValue(option))));
  const input = inputOf(select);
  if (select.dataset['multiple'] === undefined) input.value = optionText(all(select, '.option[aria-selected="true"]')[0]);
  fillChips(select);
}

export function fillChips(select: HTMLElement): void {
  const chips = select.querySelector('.chips');
  if (chips === null) return;
  chips.replaceChildren(
    ...all(select, '.option[aria-selected="true"]').map((option) => {
      const chip = document.createElement('button');
      chip.type = 'button';
      chip.className = 'chip';
      chip.dataset['value'] = optionValue(option);
      chip.setAttribute('aria-label', `Remove ${optionText(option)}`);
      chip.textContent = `${optionText(option)} ✕`;
      return chip;
    }),
  );
}

function onKey(event: KeyboardEvent, select: HTMLElement, events: SelectEvents): void {
  const isOpen = select.classList.contains('open');
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    open(select);
    move(select, event.key === 'ArrowDown' ? 1 : -1);
  } else if (event.key === 'Enter' && isOpen) {
    event.preventDefault();
    const active = select.querySelector<HTMLElement>('.option.active') ?? visible(select)[0];
    if (active !== undefined) pick(select, active, events);
  } else if (event.key === 'Escape' && isOpen) {
    // Closes the list, not the modal around it.
    event.preventDefault();
    event.stopPropagation();
    close(select, events);
  } else if (event.key === 'Backspace' && inputOf(select).value === '' && select.dataset['multiple'] !== undefined) {
    const last = chosenValues(select).at(-1);
    if (last !== undefined) unpick(select, last, events);
  }
}

function open(select: HTMLElement): void {
  if (select.classList.contains('open')) return;
  select.classList.add('open');
  const input = inputOf(select);
  input.setAttribute('aria-expanded', 'true');
  listOf(select).hidden = false;
  filter(select, '');
  select.dataset['before'] = JSON.stringify(chosenValues(select));
  if (select.dataset['multiple'] === undefined) input.select();
}

function close(select: HTMLElement, events: SelectEvents): void {
  if (!select.classList.contains('open')) return;
  select.classList.remove('open');
  const input = inputOf(select);
  input.setAttribute('aria-expanded', 'false');
  input.removeAttribute('aria-activedescendant');
  listOf(select).hidden = true;
  const isMultiple = select.dataset['multiple'] !== undefined;
  // A text that chose nothing must not look like a choice.
  input.value = isMultiple ? '' : optionText(all(select, '.option[aria-selected="true"]')[0]);
  if (isMultiple && select.dataset['before'] !== JSON.stringify(chosenValues(select))) events.chosen(select);
}

function pick(select: HTMLElement, option: HTMLElement, events: SelectEvents): void {
  const isMultiple = select.dataset['multiple'] !== undefined;
  const isChosen = option.getAttribute('aria-selected') === 'true';
  if (!isMultiple) {
    for (const other of all(select, '.option')) other.setAttribute('aria-selected', String(other === option));
    inputOf(select).focus();
    close(select, events);
    if (!isChosen) events.chosen(select);
    return;
  }
  const most = Number(select.dataset['max'] ?? Number.POSITIVE_INFINITY);
  if (!isChosen && chosenValues(select).length >= most) return;
  option.setAttribute('aria-selected', String(!isChosen));
  inputOf(select).value = '';
  filter(select, '');
  fillChips(select);
  inputOf(select).focus();
}

function unpick(select: HTMLElement, value: string, events: SelectEvents): void {
  for (const option of all(select, '.option')) if (optionValue(option) === value) option.setAttribute('aria-selected', 'false');
  fillChips(select);
  inputOf(select).focus();
  if (!select.classList.contains('open')) events.chosen(select);
}

function filter(select: HTMLElement, query: string): void {
  const words = query.trim().toLowerCase();
  for (const option of all(select, '.option')) {
    option.hidden = !optionText(option).toLowerCase().includes(words);
    option.classList.remove('active');
  }
  for (const group of all(select, '.option-group')) group.hidden = all(group, '.option').every((option) => option.hidden);
  listOf(select).classList.toggle('nothing', visible(select).length === 0);
}

async function refill(select: HTMLElement, query: string, events: SelectEvents): Promise<void> {
  if (query.length < Number(select.dataset['minQuery'] ?? 3)) return;
  select.dataset['query'] = query;
  const options = await events.suggest(select, query);
  // A slower answer to an earlier question must not replace a newer one.
  if (select.dataset['query'] !== query) return;
  const list = listOf(select);
  const kept = all(select, '.option[aria-selected="true"]');
  list.replaceChildren(...kept, ...options.map((option, index) => elementOf(optionHtml(option, `${list.id}-x-${index}`, false))));
  list.classList.toggle('nothing', options.length === 0);
}

function move(select: HTMLElement, step: number): void {
  const options = visible(select);
  const at = options.findIndex((option) => option.classList.contains('active'));
  const next = options[(at + step + options.length) % options.length] ?? options[0];
  for (const option of options) option.classList.toggle('active', option === next);
  if (next === undefined) return;
  inputOf(select).setAttribute('aria-activedescendant', next.id);
  next.scrollIntoView({ block: 'nearest' });
}

function visible(select: HTMLElement): HTMLElement[] {
  return all(select, '.option').filter((option) => !option.hidden);
}

function inputOf(select: HTMLElement): HTMLInputElement {
  return select.querySelector<HTMLInputElement>('.select-input') ?? (byId('none') as HTMLInputElement);
}

function listOf(select: HTMLElement): HTMLElement {
  return select.querySelector<HTMLElement>('.listbox') ?? byId('none');
}

function optionValue(option: HTMLElement): string {
  const parsed = JSON.parse(option.dataset['option'] ?? '{}') as { readonly value?: string };
  return parsed.value ?? '';
}

function optionText(option: HTMLElement | undefined): string {
  return option?.querySelector('.option-text')?.textContent ?? '';
}
