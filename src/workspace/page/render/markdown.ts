/**
 * The `markdown` block: the part of CommonMark and GitHub's tables that models write. Blocks first, line by line,
 * then inline. HTML is never passed through; mentions and dates in `<…>` work as in mrkdwn.
 */
import { inlineMarkdown } from './markdown-inline.ts';
import { escapeHtml } from './html.ts';
import type { Lookups } from './lookups.ts';

export function renderMarkdown(text: string, lookups: Lookups = {}): string {
  const rows = text.replace(/\r\n?/g, '\n').split('\n');
  const depths = [...new Set(rows.flatMap((row) => headingRow.exec(row)?.[1]?.length ?? []))].sort();
  return blocksOf(rows, { ...lookups, depths }, 0);
}

/** With the heading depths a text uses: `##` and `####` become two levels that follow each other, as screen readers need it. */
interface Known extends Lookups {
  readonly depths: readonly number[];
}

const headingRow = /^ {0,3}(#{1,6})\s+(.*?)\s*#*$/;

/** Deeper nesting than this is shown flat: no model means it, and a thousand `>` must not overflow the stack. */
const deepest = 6;

interface Taken {
  readonly html: string;
  readonly lines: number;
}

function blocksOf(rows: readonly string[], lookups: Known, depth: number): string {
  const starts = [fence, heading, rule, quote, list, table];
  let out = '';
  let paragraph: string[] = [];
  const endParagraph = (): void => {
    if (paragraph.length > 0) out += `<p>${inlineMarkdown(paragraph.join('\n'), lookups)}</p>`;
    paragraph = [];
  };
  for (let at = 0; at < rows.length; ) {
    const row = rows[at] ?? '';
    if (row.trim() === '') {
      endParagraph();
      at += 1;
      continue;
    }
    let taken: Taken | undefined;
    for (const start of starts) {
      taken = start(rows, at, lookups, depth);
      if (taken !== undefined) break;
    }
    if (taken === undefined) {
      paragraph.push(row);
      at += 1;
      continue;
    }
    endParagraph();
    out += taken.html;
    at += taken.lines;
  }
  endParagraph();
  return out;
}

function fence(rows: readonly string[], at: number): Taken | undefined {
  const open = /^ {0,3}(`{3,}|~{3,})\s*([\w+#.-]*)[^`]*$/.exec(rows[at] ?? '');
  if (open === null) return undefined;
  const mark = open[1] ?? '```';
  let end = at + 1;
  while (end < rows.length && !(rows[end] ?? '').trim().startsWith(mark)) end += 1;
  const language = open[2] === '' ? '' : ` data-language="${escapeHtml(open[2] ?? '')}"`;
  const code = escapeHtml(rows.slice(at + 1, end).join('\n'));
  return { html: `<pre class="code-block"${language}><code>${code}</code></pre>`, lines: end - at + 1 };
}

function heading(rows: readonly string[], at: number, lookups: Known): Taken | undefined {
  const found = headingRow.exec(rows[at] ?? '');
  if (found === null) return undefined;
  const rank = Math.max(0, lookups.depths.indexOf((found[1] ?? '#').length));
  const level = Math.min(6, (lookups.headingLevel ?? 3) + rank);
  return { html: `<h${level} class="md-heading">${inlineMarkdown(found[2] ?? '', lookups)}</h${level}>`, lines: 1 };
}

function rule(rows: readonly string[], at: number): Taken | undefined {
  return /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/.test(rows[at] ?? '') ? { html: '<hr>', lines: 1 } : undefined;
}

function quote(rows: readonly string[], at: number, lookups: Known, depth: number): Taken | undefined {
  if (depth >= deepest) return undefined;
  let end = at;
  const inner: string[] = [];
  for (; end < rows.length; end += 1) {
    const found = /^ {0,3}> ?(.*)$/.exec(rows[end] ?? '');
    if (found === null) break;
    inner.push(found[1] ?? '');
  }
  return end === at ? undefined : { html: `<blockquote>${blocksOf(inner, lookups, depth + 1)}</blockquote>`, lines: end - at };
}

const listRow = /^( *)([-*+•]|\d{1,9}[.)])\s+(.*)$/;

function list(rows: readonly string[], at: number, lookups: Known, depth: number): Taken | undefined {
  const first = listRow.exec(rows[at] ?? '');
  if (first === null || depth >= deepest) return undefined;
  const indent = (first[1] ?? '').length;
  const ordered = /\d/.test(first[2] ?? '');
  const entries: string[][] = [];
  let end = at;
  for (; end < rows.length; end += 1) {
    const row = rows[end] ?? '';
    const found = listRow.exec(row);
    const own = found !== null && (found[1] ?? '').length <= indent + 1;
    if (own && (found[1] ?? '').length >= indent && /\d/.test(found[2] ?? '') === ordered) {
      entries.push([found[3] ?? '']);
    } else if (row.trim() === '') {
      // A blank line ends the list unless what follows still belongs to it.
      if (!/^ {2,}\S/.test(rows[end + 1] ?? '') && listRow.exec(rows[end + 1] ?? '') === null) break;
      entries[entries.length - 1]?.push('');
    } else if (/^ {2,}/.test(row) && row.search(/\S/) > indent) {
      entries[entries.length - 1]?.push(row.slice(Math.min(row.search(/\S/), indent + (first[2] ?? '').length + 1)));
    } else {
      break;
    }
  }
  const tag = ordered ? 'ol' : 'ul';
  const start = ordered && Number.parseInt(first[2] ?? '1', 10) !== 1 ? ` start="${Number.parseInt(first[2] ?? '1', 10)}"` : '';
  return { html: `<${tag}${start}>${entries.map((entry) => listEntry(entry, lookups, depth)).join('')}</${tag}>`, lines: end - at };
}

function listEntry(rows: readonly string[], lookups: Known, depth: number): string {
  const task = /^\[([ xX])\]\s+(.*)$/.exec(rows[0] ?? '');
  const box =
    task === null
      ? ''
      : `<span class="task-box" role="img" aria-label="${task[1] === ' ' ? 'not done' : 'done'}">${task[1] === ' ' ? '☐' : '☑'}</span> `;
  const content = blocksOf([task?.[2] ?? rows[0] ?? '', ...rows.slice(1)], lookups, depth + 1);
  // A list of short lines looks better without a paragraph around each.
  const single = /^<p>((?:(?!<p>)[\s\S])*?)<\/p>/.exec(content);
  return `<li>${box}${single === null ? content : (single[1] ?? '') + content.slice(single[0].length)}</li>`;
}

function table(rows: readonly string[], at: number, lookups: Lookups): Taken | undefined {
  const head = rows[at] ?? '';
  const marks = rows[at + 1] ?? '';
  if (!head.includes('|') || !/^[\s|:-]+$/.test(marks) || !marks.includes('-') || !marks.includes('|')) return undefined;
  const alignments = cells(marks).map((cell) => (/^:-+:$/.test(cell) ? 'center' : /^-+:$/.test(cell) ? 'right' : 'left'));
  let end = at + 2;
  while (end < rows.length && (rows[end] ?? '').includes('|')) end += 1;
  const row = (line: string, tag: 'th' | 'td'): string =>
    cells(line)
      .map(
        (cell, column) =>
          `<${tag}${tag === 'th' ? ' scope="col"' : ''} class="align-${alignments[column] ?? 'left'}">${inlineMarkdown(cell, lookups)}</${tag}>`,
      )
      .join('');
  const body = rows.slice(at + 2, end).map((line) => `<tr>${row(line, 'td')}</tr>`);
  const html = `<div class="table-scroll" tabindex="0" role="group" aria-label="Table"><table><thead><tr>${row(head, 'th')}</tr></thead><tbody>${body.join('')}</tbody></table></div>`;
  return { html, lines: end - at };
}

function cells(row: string): readonly string[] {
  return row
    .trim()
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}
