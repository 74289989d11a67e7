/**
 * What Slack's composer makes of typed text: mentions and addresses become tokens, everything else is escaped, since `<`
 * and `&` mean something in message text. The same words go into a rich_text block, unescaped.
 *
 *   typed   @ana is a < b & see https://x.io?a=1&b=2
 *   text    <@U0ANA> is a &lt; b &amp; see <https://x.io?a=1&amp;b=2>
 */
import type { Core } from '../core.ts';
import type { JsonObject } from '../json.ts';

export interface Composed {
  readonly text: string;
  readonly blocks: readonly JsonObject[];
}

type Piece =
  | { readonly kind: 'user'; readonly id: string }
  | { readonly kind: 'link'; readonly url: string }
  | { readonly kind: 'text'; readonly text: string };

export function compose(core: Core, typed: string): Composed {
  const pieces = piecesOf(core, typed);
  return {
    text: pieces.map(tokenOf).join(''),
    blocks: [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements: pieces.map(elementOf) }] }],
  };
}

/** For commands: `@ana` and `#debug` become `<@U…|ana>` and `<#C…|debug>` where the manifest asks for it. */
export function escapeMentions(core: Core, text: string): string {
  return text.replace(/(?<![\w.&])([@#])([\p{L}\p{N}](?:[\p{L}\p{N}._-]*[\p{L}\p{N}])?)/gu, (whole, sign: string, name: string) => {
    const person = sign === '@' ? core.store.people().find((candidate) => candidate.name === name.toLowerCase()) : undefined;
    if (person !== undefined) return `<@${person.id}|${person.name}>`;
    const channel =
      sign === '#' ? core.store.channels().find((candidate) => candidate.name === name && candidate.kind !== 'im') : undefined;
    return channel === undefined ? whole : `<#${channel.id}|${channel.name}>`;
  });
}

export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

// A token already written as one, an address, or an @name that does not stand inside a word (an e-mail address).
// Punctuation at the end belongs to the sentence.
const token = /<@([UW][A-Z0-9]+)>|(https?:\/\/[^\s<>]*[^\s<>.,;:!?)'"])|(?<![\w.])@([\p{L}\p{N}](?:[\p{L}\p{N}._-]*[\p{L}\p{N}])?)/gu;

function piecesOf(core: Core, typed: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of typed.matchAll(token)) {
    const piece = meantBy(core, match);
    if (piece === null) continue;
    if (match.index > end) pieces.push({ kind: 'text', text: typed.slice(end, match.index) });
    pieces.push(piece);
    end = match.index + match[0].length;
  }
  if (end < typed.length) pieces.push({ kind: 'text', text: typed.slice(end) });
  return pieces;
}

function meantBy(core: Core, [, id, url, name]: RegExpMatchArray): Piece | null {
  if (url !== undefined) return { kind: 'link', url };
  const person = core.store.people().find((candidate) => candidate.id === id || candidate.name === name?.toLowerCase());
  return person === undefined ? null : { kind: 'user', id: person.id };
}

function tokenOf(piece: Piece): string {
  if (piece.kind === 'user') return `<@${piece.id}>`;
  return piece.kind === 'link' ? `<${escapeText(piece.url)}>` : escapeText(piece.text);
}

function elementOf(piece: Piece): JsonObject {
  if (piece.kind === 'user') return { type: 'user', user_id: piece.id };
  return piece.kind === 'link' ? { type: 'link', url: piece.url } : { type: 'text', text: piece.text };
}
