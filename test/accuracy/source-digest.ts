/** A digest of files with all that they import: what they computed holds as long as none of it changes. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const imported = /(?:^|\n)(?:import|export)\s(?!type\b)[^'";]*?from\s+'(\.[^']+)'/g;

export function sourceDigest(root: string, files: readonly string[]): string {
  const texts = new Map<string, string>();
  const open = files.map((file) => join(root, file));
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (texts.has(file)) continue;
    const text = readFileSync(file, 'utf8');
    texts.set(file, text);
    for (const [, target = ''] of text.matchAll(imported)) open.push(join(dirname(file), target));
  }
  const hash = createHash('sha256');
  for (const [, text] of [...texts].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(text).update('\0');
  return hash.digest('hex').slice(0, 12);
}
