/**
 * Interactive elements. Each root carries `data-action` (its type), `data-action-id` and `data-block-id`; a confirm
 * object rides along as JSON. The page's script reads only these attributes and the controls' own values, so the same
 * HTML works wherever it is put.
 */
import { attributes, escapeHtml, linkTarget } from './html.ts';
import { isObject, type Json, object, objects, string } from './read.ts';
import { renderPlain } from './mrkdwn.ts';
import { renderSelect } from './select.ts';
import { actionAttributes, type Scope, spokenName, textOf } from './scope.ts';
import { renderChoices, renderTextInput, renderTime } from './inputs.ts';
import { picture } from './pictures.ts';

type ElementRenderer = (element: Json, scope: Scope) => string;

const renderers: Readonly<Record<string, ElementRenderer>> = {
  button,
  workflow_button: button,
  overflow,
  static_select: renderSelect,
  multi_static_select: renderSelect,
  users_select: renderSelect,
  multi_users_select: renderSelect,
  conversations_select: renderSelect,
  multi_conversations_select: renderSelect,
  channels_select: renderSelect,
  multi_channels_select: renderSelect,
  external_select: renderSelect,
  multi_external_select: renderSelect,
  checkboxes: renderChoices,
  radio_buttons: renderChoices,
  datepicker: renderTime,
  timepicker: renderTime,
  datetimepicker: renderTime,
  plain_text_input: renderTextInput,
  rich_text_input: renderTextInput,
  email_text_input: renderTextInput,
  url_text_input: renderTextInput,
  number_input: renderTextInput,
  file_input: renderTextInput,
  feedback_buttons: feedbackButtons,
  icon_button: iconButton,
  image: (element, scope) => picture(element, scope, 'thumbnail'),
};

export function renderElement(element: unknown, scope: Scope): string {
  if (!isObject(element)) return unknownElement(element);
  const render = Object.hasOwn(renderers, string(element['type'])) ? renderers[string(element['type'])] : undefined;
  return render === undefined ? unknownElement(element) : render(element, scope);
}

function unknownElement(element: unknown): string {
  const type = escapeHtml(string(object(element)['type']) || 'no type');
  const json = escapeHtml(JSON.stringify(element, null, 2) ?? 'undefined');
  return `<details class="unknown"><summary>Element <code>${type}</code> has no form here</summary><pre><code>${json}</code></pre></details>`;
}

function button(element: Json, scope: Scope): string {
  const style = element['style'] === 'primary' || element['style'] === 'danger' ? ` ${element['style']}` : '';
  const label = renderPlain(textOf(element['text']), object(element['text'])['emoji'] !== false);
  const common = `class="button${style}"${actionAttributes(element, scope)}${attributes({
    'data-value': typeof element['value'] === 'string' ? element['value'] : undefined,
    'aria-label': spokenName(textOf(element['text']), element['accessibility_label']),
  })}`;
  const url = linkTarget(string(element['url']) || string(object(object(element['workflow'])['trigger'])['url']));
  if (url !== undefined) return `<a ${common}${attributes({ href: url, target: '_blank', rel: 'noopener noreferrer' })}>${label}</a>`;
  return `<button type="button" ${common}>${label}</button>`;
}

function overflow(element: Json, scope: Scope): string {
  const id = scope.newId('menu');
  const entries = objects(element['options']).map((option) => {
    const description = textOf(option['description']);
    const inner = `${renderPlain(textOf(option['text']), true)}${description === '' ? '' : `<small>${escapeHtml(description)}</small>`}`;
    const url = linkTarget(string(option['url']));
    const common = attributes({ role: 'menuitem', tabindex: -1, class: 'menu-entry', 'data-option': JSON.stringify(option) });
    return url === undefined
      ? `<button type="button"${common}>${inner}</button>`
      : `<a${common}${attributes({ href: url, target: '_blank', rel: 'noopener noreferrer' })}>${inner}</a>`;
  });
  return (
    `<div class="overflow"${actionAttributes(element, scope)}>` +
    `<button type="button" class="button icon-only" data-action="toggle-menu" aria-haspopup="menu" aria-expanded="false" aria-controls="${id}" aria-label="More actions"><span aria-hidden="true">⋯</span></button>` +
    `<div class="menu" role="menu" id="${id}" aria-label="More actions" hidden>${entries.join('')}</div></div>`
  );
}

function feedbackButtons(element: Json, scope: Scope): string {
  const one = (source: Json, icon: string): string => {
    const label = textOf(source['text']);
    return `<button type="button" class="button quiet"${attributes({
      'data-value': string(source['value']),
      'aria-label': spokenName(label, source['accessibility_label']),
    })}><span aria-hidden="true">${icon}</span> ${escapeHtml(label)}</button>`;
  };
  return `<span class="feedback" role="group" aria-label="Feedback"${actionAttributes(element, scope)}>${one(object(element['positive_button']), '👍')}${one(object(element['negative_button']), '👎')}</span>`;
}

const icons: Readonly<Record<string, string>> = { trash: '🗑', copy: '⧉', refresh: '↻', edit: '✎', share: '↗' };

function iconButton(element: Json, scope: Scope): string {
  const visibleTo = element['visible_to_user_ids'];
  if (Array.isArray(visibleTo) && scope.lookups.viewer !== undefined && !visibleTo.includes(scope.lookups.viewer)) return '';
  const label = textOf(element['text']);
  const icon = icons[string(element['icon'])] ?? '•';
  return `<button type="button" class="button quiet"${actionAttributes(element, scope)}${attributes({
    'data-value': typeof element['value'] === 'string' ? element['value'] : undefined,
    'aria-label': spokenName(label, element['accessibility_label']),
  })}><span aria-hidden="true">${icon}</span> ${escapeHtml(label)}</button>`;
}
