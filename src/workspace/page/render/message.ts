/** A message's body: its blocks, or its text where it has none, then attachments and files. */
import { renderBlocks } from './blocks.ts';
import { attributes, escapeHtml, link, linkTarget, pictureSource } from './html.ts';
import type { Lookups } from './lookups.ts';
import { renderMrkdwn } from './mrkdwn.ts';
import { type Json, list, objects, string } from './read.ts';

export function renderMessageBody(message: Json, lookups: Lookups = {}): string {
  const blocks = list(message['blocks']);
  const text = string(message['text']);
  const body =
    blocks.length > 0
      ? renderBlocks(blocks, lookups)
      : text === ''
        ? ''
        : `<div class="block message-text">${message['mrkdwn'] === false ? escapeHtml(text) : renderMrkdwn(text, lookups)}</div>`;
  const attached = objects(message['attachments']).map((attachment, index) =>
    renderAttachment(attachment, { ...lookups, idPrefix: `${lookups.idPrefix ?? 'b'}-a${index}` }),
  );
  const files = objects(message['files']).map((file) => renderFile(file, lookups));
  return body + attached.join('') + files.join('');
}

/** The old wrapper, still the only way to a coloured bar. */
function renderAttachment(attachment: Json, lookups: Lookups): string {
  const named: Readonly<Record<string, string>> = { good: '#2eb886', warning: '#daa038', danger: '#a30200' };
  const color = named[string(attachment['color'])] ?? string(attachment['color']);
  const fill = /^#?[0-9a-fA-F]{3,8}$/.test(color) ? `#${color.replace('#', '')}` : undefined;
  const bar = `<svg class="attachment-bar" aria-hidden="true"><rect width="100%" height="100%" rx="2"${attributes({ fill, class: fill === undefined ? 'plain' : undefined })}/></svg>`;
  const mrkdwn = (name: string, kind: string): string =>
    string(attachment[name]) === '' ? '' : `<div class="${kind}">${renderMrkdwn(string(attachment[name]), lookups)}</div>`;
  const titleUrl = linkTarget(string(attachment['title_link']));
  const title = escapeHtml(string(attachment['title']));
  const titleHtml = title === '' ? '' : `<div class="attachment-title">${titleUrl === undefined ? title : link(titleUrl, title)}</div>`;
  const fields = objects(attachment['fields']).map(
    (field) =>
      `<div class="field-text"><b>${escapeHtml(string(field['title']))}</b><br>${renderMrkdwn(string(field['value']), lookups)}</div>`,
  );
  const blocks = renderBlocks(attachment['blocks'], lookups);
  const content =
    blocks === ''
      ? mrkdwn('pretext', 'attachment-pretext') +
        titleHtml +
        mrkdwn('text', 'attachment-text') +
        (fields.length === 0 ? '' : `<div class="fields">${fields.join('')}</div>`) +
        mrkdwn('footer', 'attachment-footer')
      : blocks;
  return `<div class="attachment">${bar}<div class="attachment-body">${content || escapeHtml(string(attachment['fallback']))}</div></div>`;
}

function renderFile(file: Json, lookups: Lookups): string {
  const name = string(file['title']) || string(file['name']) || string(file['id']);
  const address = lookups.picture?.(string(file['id'])) ?? pictureSource(string(file['url_private']));
  const isPicture = string(file['mimetype']).startsWith('image/') && !string(file['mimetype']).includes('svg');
  const alt = string(file['alt_txt']) || string(file['alt_text']) || name;
  const shown =
    isPicture && address !== undefined
      ? `<a${attributes({ href: address, target: '_blank', rel: 'noopener noreferrer' })}><img class="picture-full"${attributes({ src: address, alt, loading: 'lazy' })}></a>`
      : '';
  const label = `<span aria-hidden="true">📄</span> ${escapeHtml(name)}`;
  const caption =
    address === undefined
      ? `<span class="file-name">${label}</span>`
      : `<a class="file-name"${attributes({ href: address, download: name })}>${label}</a>`;
  return `<figure class="file">${shown}<figcaption>${caption}</figcaption></figure>`;
}
