/**
 * Text from outside, made harmless for Slack's mrkdwn: it can neither mention, link, nor break out of its line, and it
 * never grows past the space it was given. Escapes are those of docs.slack.dev "Formatting message text".
 */

import { bidiControls } from './control-signs.ts';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** One line of text for a mrkdwn field, at most `max` characters after escaping; what was cut shows as `…`. */
export function escaped(text: string, max: number): string {
  const line = unformatted(oneLine(text, max));
  if (!rightToLeft.test(line)) return within(line, max);
  return `\u2068${within(line, max - 2)}\u2069`;
}

/**
 * mrkdwn has no escape for its own signs, and two `<*>` in one line of a log template would make bold what lies between.
 * They become look-alikes where Slack could take them for formatting; inside words (`ts_order`, `2*3`) it does not.
 */
const formatting = /(?<![\p{L}\p{N}*_~])[*_~]+|[*_~]+(?![\p{L}\p{N}*_~])/gu;
const lookAlikes: Readonly<Record<string, string>> = { '*': '∗', _: 'ˍ', '~': '∼' };

function unformatted(text: string): string {
  return text.replaceAll('`', "'").replace(formatting, (run) => run.replace(/[*_~]/g, (sign) => lookAlikes[sign] ?? sign));
}

/** The same for text that may keep its line breaks, such as rows inside a code fence. */
export function escapedRows(rows: readonly string[], max: number): string {
  const kept: string[] = [];
  let left = max;
  for (const row of rows) {
    const shown = within(
      row
        .slice(0, left + 1)
        .toWellFormed()
        .replace(bidiControls, '')
        .replace(/[\r\n\u2028\u2029\p{Cc}]/gu, ' ')
        .replaceAll('```', "'''"),
      left,
    );
    if (shown.length + 1 > left) break;
    kept.push(shown);
    left -= shown.length + 1;
  }
  const missing = rows.length - kept.length;
  return missing === 0 ? kept.join('\n') : [...kept, `… ${missing} more`].join('\n');
}

/** For plain_text fields, whose text Slack shows as it is. */
export function plainLine(text: string, max: number): string {
  const line = oneLine(text, max).replaceAll('<', '‹').replaceAll('>', '›');
  return line.length <= max
    ? line
    : cut(
        line,
        max,
        (part) => part.length,
        (part) => part,
      );
}

export function bold(text: string): string {
  return text === '' ? '' : `*${text.replaceAll('*', '∗')}*`;
}

export function code(text: string): string {
  return text === '' ? '' : `\`${text.replaceAll('`', "'")}\``;
}

/** `label` must be escaped already. Anything but http and https, and anything too long to be a real link, stays a label. */
export function link(url: string | null, label: string): string {
  if (url === null || url.length > 1_000 || !/^https?:\/\/[^\s<>|]+$/i.test(url)) return label;
  return `<${url.replaceAll('&', '&amp;')}|${label.replaceAll('|', '¦')}>`;
}

/** An instant in the reader's own zone; clients that cannot do that show UTC. */
export function instant(at: number): string {
  return `<!date^${Math.floor(at / 1000)}^{date_short_pretty} at {time_secs}|${utc(at)}>`;
}

/** `2026-11-25 10:02:41 UTC` */
export function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `slack:U024BE7LH` becomes a mention that shows the person's name; anyone else stays text. */
export function personText(person: string): string {
  const id = /^slack:([UW][A-Z0-9]{1,20})$/.exec(person)?.[1];
  return id === undefined ? escaped(person, 60) : `<@${id}>`;
}

function oneLine(text: string, max: number): string {
  // Far more than will be shown need not be looked at: a log line can be megabytes.
  const looked = max * 4 + 64;
  const part = text.length <= looked ? text : `${text.slice(0, looked)}…`;
  // Half a surrogate pair would make the request's encoding throw.
  return part
    .toWellFormed()
    .replace(bidiControls, '')
    .replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim();
}

function within(text: string, max: number): string {
  const whole = escapeSigns(text);
  return whole.length <= max ? whole : cut(text, max, (part) => escapeSigns(part).length, escapeSigns);
}

/** Cuts between what readers see as characters, so that no emoji, accent or entity is left in halves. */
function cut(text: string, max: number, sizeOf: (part: string) => number, write: (part: string) => string): string {
  let used = 1;
  let end = 0;
  for (const { segment, index } of graphemes.segment(text)) {
    used += sizeOf(segment);
    if (used > max) break;
    end = index + segment.length;
  }
  return `${write(text.slice(0, end).trimEnd())}…`;
}

function escapeSigns(text: string): string {
  return text.replace(/[&<>]/g, (character) => escapes[character] ?? character);
}
