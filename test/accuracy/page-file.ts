/** docs/accuracy.md: each part is written between its marks, the others stay. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type PagePart = 'recorded' | 'injected' | 'signals' | 'robustness';

const pagePath = join(import.meta.dirname, '../../docs/accuracy.md');

export function writePage(part: PagePart, text: string): void {
  const page = existsSync(pagePath) ? readFileSync(pagePath, 'utf8') : '# Accuracy\n\nWritten by `npm run accuracy`; do not edit.\n';
  writeFileSync(pagePath, withPart(page, part, text));
}

export function withPart(page: string, part: string, text: string): string {
  const begin = `<!-- ${part} -->`;
  const end = `<!-- end of ${part} -->`;
  const block = `${begin}\n\n${text}\n\n${end}`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  return from >= 0 && to > from ? page.slice(0, from) + block + page.slice(to + end.length) : `${page.trimEnd()}\n\n${block}\n`;
}
