/**
 * Selects of every source and kind as one combobox: a text field that filters, and a listbox that holds all options.
 * Several may be chosen in the `multi_` kinds. An external select starts empty and asks the bot while a person types.
 */
import { attributes, escapeHtml } from './html.ts';
import type { Lookups } from './lookups.ts';
import { type Json, number, object, objects, string } from './read.ts';
import { actionAttributes, naming, type Scope, textOf } from './scope.ts';

interface Group {
  readonly label: string;
  readonly options: readonly Json[];
}

export function renderSelect(element: Json, scope: Scope): string {
  const type = string(element['type']);
  const isMulti = type.startsWith('multi_');
  const listId = scope.newId('list');
  const groups = groupsOf(element, scope.lookups);
  const chosen = chosenValues(element);
  const shown = isMulti ? '' : (groups.flatMap((group) => group.options).find((option) => chosen.has(string(option['value']))) ?? {});
  const placeholder = textOf(element['placeholder']) || 'Choose…';
  const input = `<input type="text" class="select-input" role="combobox" autocomplete="off" spellcheck="false" aria-autocomplete="list" aria-expanded="false"${attributes(
    {
      'aria-controls': listId,
      placeholder,
      value: isMulti ? '' : textOf(object(shown)['text']),
    },
  )}${naming(element, scope, 'Choose')}>`;
  const options = groups.map((group, index) => groupHtml(group, index, listId, chosen)).join('');
  const list = `<div class="listbox" role="listbox"${attributes({ id: listId, 'aria-label': placeholder, 'aria-multiselectable': isMulti ? 'true' : undefined, hidden: true })}>${options}</div>`;
  const own = attributes({
    'data-multiple': isMulti,
    'data-max': number(element['max_selected_items']),
    'data-external': type.endsWith('external_select'),
    'data-min-query': type.endsWith('external_select') ? (number(element['min_query_length']) ?? 3) : undefined,
  });
  return `<div class="select"${actionAttributes(element, scope)}${own}>${isMulti ? '<span class="chips"></span>' : ''}${input}${list}</div>`;
}

function groupHtml(group: Group, index: number, listId: string, chosen: ReadonlySet<string>): string {
  const options = group.options
    .map((option, at) => optionHtml(option, `${listId}-${index}-${at}`, chosen.has(string(option['value']))))
    .join('');
  if (group.label === '') return options;
  return `<div role="group" class="option-group"${attributes({ 'aria-label': group.label })}><div class="option-heading" aria-hidden="true">${escapeHtml(group.label)}</div>${options}</div>`;
}

/** One option; the page's script makes more of them for an external select, hence exported. */
export function optionHtml(option: Json, id: string, isChosen: boolean): string {
  const description = textOf(option['description']);
  const small = description === '' ? '' : `<small>${escapeHtml(description)}</small>`;
  const own = attributes({ id, 'aria-selected': isChosen ? 'true' : 'false', 'data-option': JSON.stringify(option) });
  return `<div role="option" class="option"${own}><span class="option-text">${escapeHtml(textOf(option['text']))}</span>${small}</div>`;
}

function groupsOf(element: Json, lookups: Lookups): readonly Group[] {
  const type = string(element['type']).replace('multi_', '');
  const named = (id: string, name: string): Json => ({ text: { type: 'plain_text', text: name }, value: id });
  const people = (lookups.people ?? []).map((person) => named(person.id, person.name));
  const channels = (lookups.channels ?? []).map((channel) => named(channel.id, `#${channel.name}`));
  if (type === 'users_select') return [{ label: '', options: people }];
  if (type === 'channels_select') return [{ label: '', options: channels }];
  if (type === 'conversations_select')
    return [
      { label: 'Channels', options: channels },
      { label: 'People', options: people },
    ];
  const groups = objects(element['option_groups']).map((group) => ({ label: textOf(group['label']), options: objects(group['options']) }));
  if (groups.length > 0) return groups;
  const initial = [
    ...objects(element['initial_options']),
    ...(element['initial_option'] === undefined ? [] : [object(element['initial_option'])]),
  ];
  return [{ label: '', options: type === 'external_select' ? initial : objects(element['options']) }];
}

function chosenValues(element: Json): ReadonlySet<string> {
  const options = [...objects(element['initial_options']), object(element['initial_option'])].map((option) => string(option['value']));
  const ids = ['initial_user', 'initial_channel', 'initial_conversation'].map((name) => string(element[name]));
  const many = ['initial_users', 'initial_channels', 'initial_conversations'].flatMap((name) => {
    const values = element[name];
    return Array.isArray(values) ? values.map(string) : [];
  });
  return new Set([...options, ...ids, ...many].filter((value) => value !== ''));
}
