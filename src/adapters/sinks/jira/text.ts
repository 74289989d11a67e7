/**
 * Plain text as Jira keeps it: a document for version 3 of its API, wiki markup for version 2. Rows that begin with two
 * spaces are a list, as in reports. Text from outside is only ever text: no markup of its own, no mention.
 */

/** Of Atlassian's document format: the nodes used here. */
export interface AdfNode {
  readonly type: 'doc' | 'paragraph' | 'bulletList' | 'listItem' | 'text' | 'hardBreak';
  readonly version?: 1;
  readonly text?: string;
  readonly content?: readonly AdfNode[];
}

interface Part {
  readonly kind: 'lines' | 'list';
  readonly rows: string[];
}

/** Descriptions and comments alike (REST reference). */
const maxLength = 32_000;

export function documentOf(text: string): AdfNode {
  const content = partsOf(text).map(
    ({ kind, rows }): AdfNode =>
      kind === 'list'
        ? { type: 'bulletList', content: rows.map((row) => ({ type: 'listItem', content: [paragraph([row])] })) }
        : paragraph(rows),
  );
  return { type: 'doc', version: 1, content: content.length === 0 ? [paragraph([])] : content };
}

function paragraph(rows: readonly string[]): AdfNode {
  const content = rows.flatMap((row, i): AdfNode[] => [...(i === 0 ? [] : [{ type: 'hardBreak' } as const]), { type: 'text', text: row }]);
  return content.length === 0 ? { type: 'paragraph' } : { type: 'paragraph', content };
}

/** Signs that could begin markup, a link, a picture, a macro or a mention (Jira's text formatting notation). */
const markup = /[{}[\]\\*_+^~|!?]|(?<!\w)-|-(?!\w)/g;
/** Stands as it is: an address with backslashes in it leads nowhere. */
const address = /(https?:\/\/[\w./:?&=%~+,;-]+)/;

export function wikiOf(text: string): string {
  const wiki = partsOf(text)
    .map(({ kind, rows }) => rows.map((row) => `${kind === 'list' ? '* ' : ''}${escapedWiki(row)}`).join('\n'))
    .join('\n\n');
  return wiki.length <= maxLength ? wiki : wiki.slice(0, maxLength).replace(/\\+$/, '').toWellFormed();
}

function escapedWiki(row: string): string {
  const escaped = row
    .split(address)
    .map((part, i) => (i % 2 === 1 ? part : part.replace(markup, (sign) => (sign === '\\' ? '&#92;' : `\\${sign}`))));
  return escaped
    .join('')
    .replace(/^(h[1-6]|bq)\./, '$1\u200b.')
    .replace(/^#/, '\\#');
}

function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let isNew = true;
  for (const raw of text
    .slice(0, maxLength)
    .toWellFormed()
    .split(/\r\n|[\n\r\u2028\u2029]/)) {
    const row = raw.replace(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim();
    if (row === '') {
      isNew = true;
      continue;
    }
    const kind = /^ {2}|^[•*-] /.test(raw) ? 'list' : 'lines';
    const last = parts.at(-1);
    if (isNew || last === undefined || last.kind !== kind) parts.push({ kind, rows: [row] });
    else last.rows.push(row);
    isNew = false;
  }
  return parts;
}

/** A string of JQL (its reference, "Reserved characters"). */
export function quoted(text: string): string {
  return `"${text.replace(/[\p{Cc}]/gu, ' ').replace(/["\\]/g, '\\$&')}"`;
}
