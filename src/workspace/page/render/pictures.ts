/**
 * Pictures, videos and files. A picture that lies on another host is described and linked, not loaded: the page asks
 * nobody but its own server, so that reading a channel tells no one that it was read.
 */
import { attributes, escapeHtml, link, linkTarget, pictureSource } from './html.ts';
import { type Json, object, string } from './read.ts';
import { type Scope, textOf } from './scope.ts';

export function picture(element: Json, scope: Scope, size: 'full' | 'thumbnail' | 'icon' | 'hero'): string {
  const file = object(element['slack_file']);
  const url = string(element['image_url']) || string(file['url']) || string(file['id']);
  const alt = string(element['alt_text']);
  const source = scope.lookups.picture?.(url) ?? pictureSource(url);
  if (source !== undefined) return `<img class="picture-${size}"${attributes({ src: source, alt, loading: 'lazy' })}>`;
  const target = linkTarget(url);
  const words = escapeHtml(alt || 'Picture');
  return `<span class="picture-elsewhere picture-${size}"><span aria-hidden="true">🖼</span> ${target === undefined ? words : link(target, words, { title: 'The picture is on another host' })}</span>`;
}

export function imageBlock(block: Json, scope: Scope): string {
  const title = textOf(block['title']);
  const caption = title === '' ? '' : `<figcaption>${escapeHtml(title)}</figcaption>`;
  return `<figure>${caption}${picture(block, scope, 'full')}</figure>`;
}

export function videoBlock(block: Json, scope: Scope): string {
  const target = linkTarget(string(block['title_url'])) ?? linkTarget(string(block['video_url']));
  const title = escapeHtml(textOf(block['title']) || 'Video');
  const by = [string(block['author_name']), string(block['provider_name'])].filter((name) => name !== '').join(' · ');
  const description = textOf(block['description']);
  return (
    `<div class="video"><div class="video-title"><span aria-hidden="true">▶</span> ${target === undefined ? title : link(target, title)}</div>` +
    (by === '' ? '' : `<small>${escapeHtml(by)}</small>`) +
    (description === '' ? '' : `<p>${escapeHtml(description)}</p>`) +
    `${picture({ image_url: string(block['thumbnail_url']), alt_text: string(block['alt_text']) }, scope, 'full')}</div>`
  );
}

export function fileBlock(block: Json, scope: Scope): string {
  const id = string(block['external_id']) || string(block['file_id']);
  const source = scope.lookups.picture?.(id);
  const words = `<span aria-hidden="true">📄</span> ${escapeHtml(textOf(object(block['file'])['title']) || id)}`;
  return `<div class="file-box">${source === undefined ? words : `<a href="${escapeHtml(source)}" download>${words}</a>`}</div>`;
}
