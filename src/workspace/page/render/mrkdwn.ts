/**
 * Slack's mrkdwn to HTML. One tokenizer: at each place of the text the strongest construct wins (code fence, inline
 * code, `<…>`, bare link, emoji, emphasis mark), and whatever is none of these is text. What comes out is always
 * escaped, and text that only looks like markup stays as it was written: `12:01:12`, `host:8080:tcp`, `2*3*4`, `snake_case`.
 */
import { angle } from './angle.ts';
import { emojiCharacter, emojiHtml } from './emoji.ts';
import { decodeSlack, escapeHtml, link, linkTarget } from './html.ts';
import { markSides, nest, type Piece } from './inline.ts';
import type { Lookups } from './lookups.ts';

/** Stands in for a finished piece when the characters around a mark are looked at: neither space, letter nor digit. */
const finished = '￼';
/** An address has at most 3,000 characters; the bound keeps a text full of `<` linear. */
const longestAngle = 4_000;
const tags = { '*': 'b', _: 'i', '~': 's' } as const;

/** `isVerbatim`: only what is marked up is made something of; an address without brackets stays text. */
export function renderMrkdwn(text: string, lookups: Lookups = {}, isVerbatim = false): string {
  let out = '';
  // The odd parts are fences. A fence without its end is not a fence, and an empty one is text.
  for (const part of text.split(/(```[\s\S]+?```)/)) {
    if (part === '') continue;
    if (/^```[\s\S]+```$/.test(part) && part.length > 6) {
      out += `<pre class="code-block"><code>${inCode(part.slice(3, -3).replace(/^\n/, '').replace(/\n$/, ''), lookups)}</code></pre>`;
    } else {
      const joinsFence = out !== '';
      out += lines(joinsFence ? part.replace(/^\n/, '') : part, lookups, isVerbatim);
    }
  }
  return out.replace(/(?:<br>)(?=<pre class="code-block">)/g, '');
}

/** Text that is no markup at all, with emoji names where the sender allows them. */
export function renderPlain(text: string, emoji: boolean): string {
  const html = emoji
    ? nest(
        text.split(/(?<![\p{L}\p{N}:])(:[a-z0-9_+'-]+:(?::skin-tone-[2-6]:)?)(?![\p{L}\p{N}])/u).map((part) => emojiPiece(part)),
        {},
      )
    : escapeHtml(text);
  return html.replaceAll('\n', '<br>');
}

function emojiPiece(part: string): Piece {
  const name = /^:([^\s]+):$/.exec(part)?.[1];
  const character = name === undefined ? undefined : emojiCharacter(name);
  return character === undefined ? { kind: 'text', text: part } : { kind: 'html', html: emojiHtml(name ?? '', character) };
}

function lines(text: string, lookups: Lookups, isVerbatim: boolean): string {
  const rows = text.split('\n');
  let out = '';
  let quoted: string[] = [];
  const endQuote = (): void => {
    if (quoted.length > 0) out += `<blockquote>${quoted.join('<br>')}</blockquote>`;
    quoted = [];
  };
  for (const [index, row] of rows.entries()) {
    const toTheEnd = /^(?:>>>|&gt;&gt;&gt;) ?/.exec(row);
    if (toTheEnd !== null) {
      endQuote();
      const quotedRows = [row.slice(toTheEnd[0].length), ...rows.slice(index + 1)].map((line) => renderLine(line, lookups, isVerbatim));
      return `${out}<blockquote>${quotedRows.join('<br>')}</blockquote>`;
    }
    const quote = /^(?:>|&gt;) ?(.*)$/.exec(row);
    if (quote !== null) {
      quoted.push(renderLine(quote[1] ?? '', lookups, isVerbatim));
      continue;
    }
    endQuote();
    out += renderLine(row, lookups, isVerbatim) + (index < rows.length - 1 ? '<br>' : '');
  }
  endQuote();
  return out.replace(/<br>(?=<blockquote>)/g, '');
}

const construct =
  /`(?<code>[^`\n]+)`|(?<angle><)|(?<url>https?:\/\/[^\s<>|"`]+)|(?<emoji>:[a-z0-9_+'-]+:(?::skin-tone-[2-6]:)?)|(?<mark>[*_~])/u;

function renderLine(line: string, lookups: Lookups, isVerbatim: boolean): string {
  const pieces: Piece[] = [];
  let rest = line;
  let before = '';
  const text = (raw: string): void => {
    if (raw === '') return;
    pieces.push({ kind: 'text', text: decodeSlack(raw) });
    before = raw.slice(-1);
  };
  const html = (value: string): void => {
    pieces.push({ kind: 'html', html: value });
    before = finished;
  };
  while (rest !== '') {
    const found = construct.exec(rest);
    if (found === null) {
      text(rest);
      break;
    }
    text(rest.slice(0, found.index));
    const whole = found[0];
    let taken = whole.length;
    const after = rest.slice(found.index);
    const { code, angle: bracket, url, emoji, mark } = found.groups ?? {};
    if (code !== undefined) {
      html(`<code>${inCode(code, lookups)}</code>`);
    } else if (bracket !== undefined) {
      const parsed = angle(after.slice(0, longestAngle), lookups);
      taken = parsed?.length ?? 1;
      if (parsed === undefined) text('<');
      else html(parsed.html);
    } else if (url !== undefined) {
      taken = bareLinkLength(url);
      const address = decodeSlack(url.slice(0, taken));
      const target = isVerbatim ? undefined : linkTarget(address);
      if (target === undefined) text(address);
      else html(link(target, escapeHtml(address)));
    } else if (emoji !== undefined) {
      taken = emojiOrColon(emoji, before, after[emoji.length] ?? '', text, html);
    } else if (mark !== undefined) {
      const next = after[1] === undefined ? '' : /[<`:]/.test(after[1]) ? finished : after[1];
      pieces.push({ kind: 'mark', mark, ...markSides(before, next, mark) });
      before = mark;
    }
    rest = rest.slice(found.index + taken);
  }
  return nest(pieces, tags);
}

/** Takes the emoji when it is one and stands alone, else only its first colon, so that the next name gets its chance. */
function emojiOrColon(whole: string, before: string, after: string, text: (raw: string) => void, html: (value: string) => void): number {
  const name = whole.slice(1, -1);
  const character = emojiCharacter(name);
  const alone = !/[\p{L}\p{N}:]/u.test(before) && !/[\p{L}\p{N}]/u.test(after);
  if (character === undefined || !alone) {
    text(':');
    return 1;
  }
  html(emojiHtml(name, character));
  return whole.length;
}

/** How much of a bare address is the address: not the full stop or bracket that the sentence put behind it. */
function bareLinkLength(url: string): number {
  const bare = url.replace(/(?:&gt;|&lt;).*$/, '').replace(/[.,;:!?*_~'’…]+$/, '');
  const closes = bare.endsWith(')') && !bare.includes('(');
  return (closes ? bare.slice(0, -1) : bare).length;
}

/** Inside code only `<…>` means anything; marks, colons and quotes are what they are. */
function inCode(text: string, lookups: Lookups): string {
  let out = '';
  let rest = text;
  for (;;) {
    const at = rest.search(/<(?:https?:|mailto:|[@#!])/);
    if (at < 0) return out + escapeHtml(decodeSlack(rest));
    out += escapeHtml(decodeSlack(rest.slice(0, at)));
    const parsed = angle(rest.slice(at, at + longestAngle), lookups);
    out += parsed?.html ?? '&lt;';
    rest = rest.slice(at + (parsed?.length ?? 1));
  }
}
