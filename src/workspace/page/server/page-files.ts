/**
 * The page's files, as they lie in the folder above. Apart from `assets.ts` so that a build which makes one file of the whole
 * program can put a module in this one's place that carries them (`deploy/edge/build.ts`).
 */
import { readdirSync, readFileSync } from 'node:fs';

const home = new URL('../', import.meta.url);

const inside = (folder: string, ending = '') =>
  readdirSync(new URL(`${folder}/`, home))
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => `${folder}/${name}`);

/** Paths of all that the page is made of: pages, scripts, styles. */
export const pageFiles: readonly string[] = [
  'index.html',
  'login.html',
  ...inside('render', '.ts'),
  ...inside('client', '.ts'),
  ...inside('styles'),
];

/** The text of one of them. */
export function readPageFile(path: string): string {
  return readFileSync(new URL(path, home), 'utf8');
}
