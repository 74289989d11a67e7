/** The `rich_text` block: text that is already parsed. Lists carry their depth as `indent`; one deeper list may follow another. */
import { broadcast, channel, dateHtml, mention, userGroup } from './angle.ts';
import { emojiCharacter, emojiHtml } from './emoji.ts';
import { escapeHtml, link, linkTarget } from './html.ts';
import type { Lookups } from './lookups.ts';
import { isObject, type Json, list, number, object, objects, string } from './read.ts';

export function renderRichText(block: Json, lookups: Lookups): string {
  return objects(block['elements'])
    .map((element) => part(element, lookups))
    .join('');
}

function part(element: Json, lookups: Lookups): string {
  const border = number(element['border']) === 1 ? ' bordered' : '';
  switch (element['type']) {
    case 'rich_text_section':
      return `<div class="rich-section">${inline(element, lookups)}</div>`;
    case 'rich_text_preformatted':
      return `<pre class="code-block"><code>${inline(element, lookups, '\n')}</code></pre>`;
    case 'rich_text_quote':
      return `<blockquote>${inline(element, lookups)}</blockquote>`;
    case 'rich_text_list': {
      const tag = element['style'] === 'ordered' ? 'ol' : 'ul';
      const indent = Math.min(8, Math.max(0, Math.trunc(number(element['indent']) ?? 0)));
      const offset = Math.max(0, Math.trunc(number(element['offset']) ?? 0));
      const start = tag === 'ol' && offset > 0 ? ` start="${offset + 1}"` : '';
      const entries = objects(element['elements']).map((entry) => `<li>${inline(entry, lookups)}</li>`);
      return `<${tag} class="rich-list indent-${indent}${border}"${start}>${entries.join('')}</${tag}>`;
    }
    default:
      return unknown(element);
  }
}

function inline(element: Json, lookups: Lookups, newline: '<br>' | '\n' = '<br>'): string {
  return list(element['elements'])
    .map((child) => (isObject(child) ? leaf(child, lookups, newline) : ''))
    .join('');
}

function leaf(element: Json, lookups: Lookups, newline: '<br>' | '\n'): string {
  return styled(content(element, lookups, newline), object(element['style']));
}

function content(element: Json, lookups: Lookups, newline: '<br>' | '\n'): string {
  switch (element['type']) {
    case 'text':
      return escapeHtml(string(element['text'])).replaceAll('\n', newline);
    case 'link': {
      const url = string(element['url']);
      const label = escapeHtml(string(element['text']) || url);
      const target = linkTarget(url);
      return target === undefined ? label : link(target, label);
    }
    case 'user':
      return mention(string(element['user_id']), undefined, lookups);
    case 'channel':
      return channel(string(element['channel_id']), undefined, lookups);
    case 'usergroup':
      return userGroup(string(element['usergroup_id']), undefined, lookups);
    case 'team':
      return `<span class="mention">@${escapeHtml(string(element['team_id']))}</span>`;
    case 'broadcast':
      return broadcast(string(element['range']));
    case 'emoji':
      return emoji(element);
    case 'color':
      return `<code>${escapeHtml(string(element['value']))}</code>`;
    case 'date': {
      const fallback = string(element['fallback']);
      const url = string(element['url']);
      return dateHtml(
        number(element['timestamp']) ?? Number.NaN,
        string(element['format']),
        url === '' ? undefined : url,
        fallback,
        lookups,
      );
    }
    default:
      return unknown(element);
  }
}

function emoji(element: Json): string {
  const name = string(element['name']);
  const points = string(element['unicode'])
    .split('-')
    .map((point) => Number.parseInt(point, 16));
  const valid =
    points.length > 0 &&
    points.every(
      (point) =>
        point > 0x22 && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff) && point !== 0x3c && point !== 0x3e && point !== 0x26,
    );
  const character = emojiCharacter(name) ?? (valid ? String.fromCodePoint(...points) : undefined);
  return character === undefined ? escapeHtml(`:${name}:`) : emojiHtml(name, character);
}

function styled(html: string, style: Json): string {
  let out = html;
  if (style['code'] === true) out = `<code>${out}</code>`;
  if (style['strike'] === true) out = `<s>${out}</s>`;
  if (style['underline'] === true) out = `<u>${out}</u>`;
  if (style['italic'] === true) out = `<i>${out}</i>`;
  if (style['bold'] === true) out = `<b>${out}</b>`;
  return out;
}

function unknown(element: Json): string {
  return `<code class="unknown-inline">${escapeHtml(JSON.stringify(element))}</code>`;
}
