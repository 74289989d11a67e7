/** docs/accuracy.md: each part is written between its marks, the others stay. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourceDigest } from './source-digest.ts';

export type PagePart = 'recorded' | 'injected' | 'signals' | 'robustness';

const root = join(import.meta.dirname, '../..');
const pagePath = join(root, 'docs/accuracy.md');
const beginning =
  '# Accuracy\n\nWritten by `npm run accuracy`; do not edit. Each part says which ranking it was measured with, by a digest of its sources: parts that say another than the rest are older.\n';

/** Under a part's heading: when it was measured, and with what. */
export function writePage(part: PagePart, text: string): void {
  const page = existsSync(pagePath) ? readFileSync(pagePath, 'utf8') : beginning;
  const ranking = sourceDigest(root, ['src/domain/ranking/rank.ts']);
  const measured = `Measured on ${new Date().toISOString().slice(0, 10)} with ranking \`${ranking}\`.`;
  writeFileSync(pagePath, withPart(page, part, text.replace('\n', `\n\n${measured}\n`)));
}

export function withPart(page: string, part: string, text: string): string {
  const begin = `<!-- ${part} -->`;
  const end = `<!-- end of ${part} -->`;
  const block = `${begin}\n\n${text}\n\n${end}`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  return from >= 0 && to > from ? page.slice(0, from) + block + page.slice(to + end.length) : `${page.trimEnd()}\n\n${block}\n`;
}
