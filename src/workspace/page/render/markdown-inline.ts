/** Markdown within a line: code, links, emphasis, escapes, and Slack's own `<…>` and emoji. */
import { angle } from './angle.ts';
import { emojiCharacter, emojiHtml } from './emoji.ts';
import { escapeHtml, link, linkTarget, pictureSource } from './html.ts';
import { markSides, nest, type Piece } from './inline.ts';
import type { Lookups } from './lookups.ts';

const finished = '￼';
const tags = { '**': 'b', __: 'b', '*': 'i', _: 'i', '~~': 's', '~': 's' } as const;

const construct =
  /\\(?<escaped>[\\`*_{}[\]()#+\-.!~|<>])|(?<ticks>`+)(?<code>[^\n]*?[^`\n])\k<ticks>(?!`)|(?<image>!?)\[(?<label>(?:[^[\]]|\[[^[\]]*\])*)\]\((?<target>[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)(?:\s+"[^"]*")?\)|(?<angle><)|(?<url>https?:\/\/[^\s<>|"`]+)|(?<emoji>:[a-z0-9_+'-]+:)|(?<mark>\*\*|__|~~|[*_~])|(?<break> {2,}\n|\n)/u;

export function inlineMarkdown(source: string, lookups: Lookups): string {
  const pieces: Piece[] = [];
  let rest = source;
  let before = '';
  const add = (html: string): void => {
    pieces.push({ kind: 'html', html });
    before = finished;
  };
  const text = (raw: string): void => {
    if (raw === '') return;
    pieces.push({ kind: 'text', text: raw });
    before = raw.slice(-1);
  };
  while (rest !== '') {
    const found = construct.exec(rest);
    if (found === null) {
      text(rest);
      break;
    }
    text(rest.slice(0, found.index));
    const from = rest.slice(found.index);
    let taken = found[0].length;
    const groups = found.groups ?? {};
    if (groups['escaped'] !== undefined) text(groups['escaped']);
    else if (groups['code'] !== undefined) add(`<code>${escapeHtml(groups['code'].trim())}</code>`);
    else if (groups['target'] !== undefined) add(linked(groups['label'] ?? '', groups['target'], groups['image'] === '!', lookups));
    else if (groups['break'] !== undefined) {
      add('<br>');
      before = '';
    } else if (groups['angle'] !== undefined) {
      const parsed = angle(from.slice(0, 4_000), lookups);
      if (parsed === undefined) text('<');
      else add(parsed.html);
      taken = parsed?.length ?? 1;
    } else if (groups['url'] !== undefined) {
      const address = groups['url'].replace(/[.,;:!?*_~)'’…]+$/, '');
      taken = address.length;
      add(link(address, escapeHtml(address)));
    } else if (groups['emoji'] !== undefined) {
      taken = emoji(groups['emoji'], before, from, add, text);
    } else if (groups['mark'] !== undefined) {
      const mark = groups['mark'];
      const after = from[mark.length] ?? '';
      pieces.push({ kind: 'mark', mark, ...markSides(before, /[\n]/.test(after) ? '' : after, mark) });
      before = mark.slice(-1);
    }
    rest = rest.slice(found.index + taken);
  }
  return nest(pieces, tags);
}

function emoji(whole: string, before: string, from: string, add: (html: string) => void, text: (raw: string) => void): number {
  const character = emojiCharacter(whole.slice(1, -1));
  if (character === undefined || /[\p{L}\p{N}:]/u.test(before) || /[\p{L}\p{N}]/u.test(from[whole.length] ?? '')) {
    text(':');
    return 1;
  }
  add(emojiHtml(whole.slice(1, -1), character));
  return whole.length;
}

function linked(label: string, target: string, isPicture: boolean, lookups: Lookups): string {
  const source = isPicture ? (lookups.picture?.(target) ?? pictureSource(target)) : undefined;
  if (source !== undefined) return `<img src="${escapeHtml(source)}" alt="${escapeHtml(label)}" loading="lazy">`;
  const safe = linkTarget(target);
  // A label is emphasised text, but never holds another link.
  const inner = nest([{ kind: 'html', html: label === '' ? escapeHtml(target) : withoutLinks(inlineMarkdown(label, lookups)) }], tags);
  return safe === undefined ? `${inner} (${escapeHtml(target)})` : link(safe, inner);
}

function withoutLinks(html: string): string {
  return html.replace(/<\/?a(?: [^>]*)?>/g, '');
}
