/**
 * Block Kit to HTML: one function a block type, in one table. What is not in the table, or is in it but malformed, is
 * shown as what it is (its type and its JSON): a reader must never miss that a message had more to say.
 */
import { renderElement } from './elements.ts';
import { escapeHtml } from './html.ts';
import { chartBlock } from './chart.ts';
import { alertBlock, cardBlock, carouselBlock, containerBlock, planBlock, taskCardBlock } from './grouped.ts';
import { textHtml } from './inputs.ts';
import type { Lookups } from './lookups.ts';
import { renderMarkdown } from './markdown.ts';
import { renderPlain } from './mrkdwn.ts';
import { fileBlock, imageBlock, picture, videoBlock } from './pictures.ts';
import { isObject, type Json, list, object, string } from './read.ts';
import { renderRichText } from './rich-text.ts';
import { type Scope, textOf } from './scope.ts';
import { dataTableBlock, tableBlock } from './tables.ts';

type BlockRenderer = (block: Json, scope: Scope) => string;

const renderers: Readonly<Record<string, BlockRenderer>> = {
  section,
  header,
  divider: () => '<hr>',
  context,
  actions: (block, scope) => `<div class="actions">${elements(block, scope)}</div>`,
  context_actions: (block, scope) => `<div class="actions context-actions">${elements(block, scope)}</div>`,
  input,
  image: imageBlock,
  markdown: (block, scope) => `<div class="markdown">${renderMarkdown(string(block['text']), scope.lookups)}</div>`,
  rich_text: (block, scope) => `<div class="rich-text">${renderRichText(block, scope.lookups)}</div>`,
  table: tableBlock,
  data_table: dataTableBlock,
  data_visualization: chartBlock,
  alert: alertBlock,
  card: cardBlock,
  carousel: carouselBlock,
  container: containerBlock,
  plan: planBlock,
  task_card: taskCardBlock,
  file: fileBlock,
  video: videoBlock,
};

export function knownBlockTypes(): readonly string[] {
  return Object.keys(renderers);
}

/** What a block must hold to be more than an empty frame; one that lacks it is shown as malformed. */
const needed: Readonly<Record<string, readonly string[]>> = {
  section: ['text', 'fields'],
  header: ['text'],
  context: ['elements'],
  actions: ['elements'],
  context_actions: ['elements'],
  input: ['element'],
  image: ['image_url', 'slack_file'],
  markdown: ['text'],
  rich_text: ['elements'],
  table: ['rows'],
  data_table: ['rows'],
  data_visualization: ['chart'],
  alert: ['text'],
  card: ['title', 'body', 'hero_image', 'actions'],
  carousel: ['elements'],
  container: ['child_blocks'],
  plan: ['title', 'tasks'],
  task_card: ['title'],
  video: ['title', 'video_url'],
  file: ['external_id', 'file_id', 'file'],
};

export function renderBlocks(blocks: unknown, lookups: Lookups = {}): string {
  const counts = { next: 0 };
  return list(blocks)
    .map((block) => renderBlock(block, lookups, counts, 0))
    .join('');
}

/** Containers in containers are not Slack's, so this bound is only reached by mischief. */
const deepest = 5;

function renderBlock(block: unknown, lookups: Lookups, counts: { next: number }, depth: number): string {
  if (!isObject(block)) return unknownBlock(block, 'This is no block');
  const type = string(block['type']);
  const render = Object.hasOwn(renderers, type) ? renderers[type] : undefined;
  if (render === undefined || depth > deepest) return unknownBlock(block, `Block type “${type}” has no form here`);
  const wants = needed[type];
  if (wants !== undefined && !wants.some((name) => block[name] !== undefined))
    return unknownBlock(block, `Block of type “${type}” lacks ${wants.join(' or ')}`);
  const scope: Scope = {
    lookups,
    blockId: string(block['block_id']),
    newId: (kind) => {
      counts.next += 1;
      return `${lookups.idPrefix ?? 'b'}-${kind}-${counts.next}`;
    },
    renderBlock: (child) => renderBlock(child, lookups, counts, depth + 1),
  };
  let html: string;
  try {
    html = render(block, scope);
  } catch (error) {
    // Whatever a foreign block makes a renderer throw, the rest of the message must still be readable.
    return unknownBlock(block, `Block of type “${type}” could not be shown: ${error instanceof Error ? error.message : String(error)}`);
  }
  return `<div class="block block-${type.replaceAll('_', '-')}" data-block="${escapeHtml(scope.blockId)}">${html}</div>`;
}

function unknownBlock(block: unknown, reason: string): string {
  const json = JSON.stringify(block, null, 2) ?? 'undefined';
  return `<details class="unknown"><summary>${escapeHtml(reason)}</summary><pre><code>${escapeHtml(json)}</code></pre></details>`;
}

function header(block: Json, scope: Scope): string {
  const tag = `h${scope.lookups.headingLevel ?? 3}`;
  return `<${tag} class="block-header">${renderPlain(textOf(block['text']), object(block['text'])['emoji'] !== false)}</${tag}>`;
}

function section(block: Json, scope: Scope): string {
  const text = isObject(block['text']) ? `<div class="section-text">${textHtml(object(block['text']), scope)}</div>` : '';
  const fields = list(block['fields']).map((field) => `<div class="field-text">${textHtml(object(field), scope)}</div>`);
  const grid = fields.length === 0 ? '' : `<div class="fields">${fields.join('')}</div>`;
  const accessory = block['accessory'] === undefined ? '' : `<div class="accessory">${renderElement(block['accessory'], scope)}</div>`;
  return `<div class="section-main">${text}${grid}</div>${accessory}`;
}

function context(block: Json, scope: Scope): string {
  return list(block['elements'])
    .map((element) => {
      const source = object(element);
      if (source['type'] === 'image') return picture(source, scope, 'icon');
      if (source['type'] === 'mrkdwn' || source['type'] === 'plain_text')
        return `<span class="context-text">${textHtml(source, scope)}</span>`;
      return renderElement(element, scope);
    })
    .join('');
}

function elements(block: Json, scope: Scope): string {
  return list(block['elements'])
    .map((element) => renderElement(element, scope))
    .join('');
}

function input(block: Json, scope: Scope): string {
  const controlId = scope.newId('field');
  const labelId = `${controlId}-label`;
  const isOptional = block['optional'] === true;
  const hint = textOf(block['hint']);
  const field = { controlId, labelId, isOptional, describedBy: `${controlId}-error${hint === '' ? '' : ` ${controlId}-hint`}` };
  const control = renderElement(block['element'], { ...scope, field });
  const isGroup = ['checkboxes', 'radio_buttons'].includes(string(object(block['element'])['type']));
  const words = `${escapeHtml(textOf(block['label']))}${isOptional ? ' <span class="optional">(optional)</span>' : ''}`;
  const label = isGroup
    ? `<span class="field-label" id="${labelId}">${words}</span>`
    : `<label class="field-label" id="${labelId}" for="${controlId}">${words}</label>`;
  const dispatch = block['dispatch_action'] === true ? ' data-dispatches' : '';
  return `${label}<div class="field-control"${dispatch}>${control}</div>${hint === '' ? '' : `<div class="hint" id="${controlId}-hint">${escapeHtml(hint)}</div>`}<div class="field-error" id="${controlId}-error" hidden></div>`;
}
