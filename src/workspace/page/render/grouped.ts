/** Blocks that hold others or show progress: card, carousel, container, alert, plan and task_card. */
import { attributes, escapeHtml, link, linkTarget } from './html.ts';
import { renderElement } from './elements.ts';
import { textHtml } from './inputs.ts';
import { picture } from './pictures.ts';
import { isObject, type Json, list, object, objects, string } from './read.ts';
import { renderRichText } from './rich-text.ts';
import type { Scope } from './scope.ts';

export function alertBlock(block: Json, scope: Scope): string {
  const level = ['info', 'warning', 'error', 'success'].includes(string(block['level'])) ? string(block['level']) : 'default';
  const icon = { info: 'ℹ️', warning: '⚠️', error: '⛔', success: '✅', default: '💬' }[level as 'info'];
  return `<div class="alert alert-${level}" role="note"><span class="emoji" role="img" aria-label="${level === 'default' ? 'note' : level}">${icon}</span><div>${textHtml(object(block['text']), scope)}</div></div>`;
}

export function cardBlock(block: Json, scope: Scope): string {
  const part = (name: string, kind: string): string =>
    isObject(block[name]) ? `<div class="card-${kind}">${textHtml(object(block[name]), scope)}</div>` : '';
  const hero = isObject(block['hero_image']) ? picture(object(block['hero_image']), scope, 'hero') : '';
  const icon = isObject(block['icon']) ? picture(object(block['icon']), scope, 'icon') : '';
  const actions = list(block['actions']).map((element) => renderElement(element, scope));
  return (
    `<article class="card">${hero}<div class="card-head">${icon}<div>${part('title', 'title')}${part('subtitle', 'subtitle')}</div></div>` +
    `${part('body', 'body')}${part('subtext', 'subtitle')}${actions.length === 0 ? '' : `<div class="actions">${actions.join('')}</div>`}</article>`
  );
}

export function carouselBlock(block: Json, scope: Scope): string {
  const cards = list(block['elements']).map((card) => `<li>${scope.renderBlock(card)}</li>`);
  return `<div class="carousel" role="group" aria-label="Cards" tabindex="0"><ul>${cards.join('')}</ul></div>`;
}

export function containerBlock(block: Json, scope: Scope): string {
  const title = isObject(block['rich_text_title'])
    ? renderRichText(object(block['rich_text_title']), scope.lookups)
    : textHtml(object(block['title']), scope);
  const subtitle = isObject(block['subtitle']) ? `<div class="container-subtitle">${textHtml(object(block['subtitle']), scope)}</div>` : '';
  const icon = isObject(block['icon']) ? picture(object(block['icon']), scope, 'icon') : '';
  const head = `${icon}<div class="container-titles"><div class="container-title">${title}</div>${subtitle}</div>`;
  const body = `<div class="container-body">${list(block['child_blocks'])
    .map((child) => scope.renderBlock(child))
    .join('')}</div>`;
  if (block['is_collapsible'] === true) {
    return `<details class="container"${attributes({ open: block['default_collapsed'] !== true })}><summary><div class="container-head">${head}</div></summary>${body}</details>`;
  }
  return `<div class="container${block['has_header_divider'] === true ? ' with-divider' : ''}"><div class="container-head">${head}</div>${body}</div>`;
}

export function planBlock(block: Json, scope: Scope): string {
  const tasks = list(block['tasks']).map((task) => `<li>${scope.renderBlock(isObject(task) ? { type: 'task_card', ...task } : task)}</li>`);
  return `<div class="plan"><div class="plan-title">${escapeHtml(string(block['title']))}</div><ol>${tasks.join('')}</ol></div>`;
}

const statuses: Readonly<Record<string, readonly [icon: string, words: string]>> = {
  pending: ['○', 'waiting'],
  in_progress: ['◐', 'in progress'],
  complete: ['✓', 'done'],
  error: ['✕', 'failed'],
};

export function taskCardBlock(block: Json, scope: Scope): string {
  const status = string(block['status']);
  const known = Object.hasOwn(statuses, status) ? statuses[status] : undefined;
  const [icon, words] = known ?? ['?', status];
  const rich = (name: string): string => {
    const value = block[name];
    if (isObject(value)) return `<div class="task-${name}">${renderRichText(value, scope.lookups)}</div>`;
    return string(value) === '' ? '' : `<div class="task-${name}">${escapeHtml(string(value))}</div>`;
  };
  const sources = objects(block['sources']).map((source) => {
    const label = escapeHtml(string(source['text']) || string(source['url']));
    const target = linkTarget(string(source['url']));
    return `<li>${target === undefined ? label : link(target, label)}</li>`;
  });
  return (
    `<div class="task task-${known === undefined ? 'unknown' : status}"><span class="task-status" role="img" aria-label="${escapeHtml(words)}">${icon}</span>` +
    `<div><div class="task-title">${escapeHtml(string(block['title']))}</div>${rich('details')}${rich('output')}${sources.length === 0 ? '' : `<ul class="task-sources">${sources.join('')}</ul>`}</div></div>`
  );
}
