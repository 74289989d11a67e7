/** Documentation rots silently; here what it names must be there. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import { describe, expect, it } from 'vitest';
import { namedIn } from './docs-rules.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const list = (pattern: string) => globSync(pattern, { cwd: root }).map((file) => file.replaceAll('\\', '/'));

const pages = [...list('*.md'), ...list('docs/**/*.md')].sort();
const files = [...list('*.*'), ...list('{src,test,docs,bin,clients,deploy,.ci}/**/*')];
const known = new Set([...files, ...files.map((file) => dirname(file))]);
const sources = [...list('src/**/*.ts'), ...list('bin/*.mjs')].map(read).join('\n');
const scripts: Record<string, string> = JSON.parse(read('package.json')).scripts;
const commands = new Set([...read('src/main.ts').matchAll(/case '([a-z-]+)'/g)].map((match) => match[1] ?? ''));

/** From the root, from src, from the page's own folder, or by the end of its path where that is one file's alone. */
function isThere(path: string, page: string): boolean {
  const wanted = path.replace(/\/$/, '');
  if ([wanted, `src/${wanted}`, normalize(join(dirname(page), wanted))].some((candidate) => known.has(candidate))) return true;
  return files.some((file) => file.endsWith(`/${wanted}`));
}

describe('the pages', () => {
  it('are found', () => expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/architecture.md'])));
});

describe.each(pages)('%s', (page) => {
  const named = namedIn(read(page));
  it('names paths that are there', () => expect(named.paths.filter((path) => !isThere(path, page))).toEqual([]));
  it('names npm scripts that are there', () => expect(named.scripts.filter((name) => !(name in scripts))).toEqual([]));
  it('names commands that are there', () => expect(named.commands.filter((name) => !commands.has(name))).toEqual([]));
  it('names variables that are read', () =>
    expect(named.variables.filter((name) => !new RegExp(`\\b${name}\\b`).test(sources))).toEqual([]));
});

describe('namedIn', () => {
  const page = [
    '`src/ports.ts`, `docs/decisions/`, `rank.ts`, [the plan](docs/plan.md#goal), [a site](https://example.net/x.md)',
    '`/webhook/event`, `src/**/*.ts`, `application/json`, `alert.json`, `src/{a,b}.ts`, `IncidentContext`',
    'Run `npm run demo -- --exit` or `npm test`; `/tracepulse help` in Slack, `npx tracepulse map --format svg`.',
    '',
    '    SLACK_APP_TOKEN=x npm start',
    '    tracepulse replay DIR...   investigate',
    '',
    '```',
    'node bin/tracepulse.mjs check',
    '```',
  ].join('\n');

  it('finds what a page names and nothing else', () => {
    expect(namedIn(page)).toEqual({
      paths: ['src/ports.ts', 'docs/decisions/', 'rank.ts', 'docs/plan.md'],
      scripts: ['demo', 'test', 'start'],
      commands: ['map', 'replay', 'check'],
      variables: ['SLACK_APP_TOKEN'],
    });
  });

  it('is not content with what is gone', () => {
    expect(isThere('src/gone.ts', 'README.md')).toBe(false);
    expect(isThere('ports.ts', 'README.md')).toBe(true);
    expect(commands.has('replay')).toBe(true);
    expect(commands.has('gone')).toBe(false);
  });
});
