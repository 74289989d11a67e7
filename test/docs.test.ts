/** Documentation rots silently; here what it names must be there. */
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path/posix';
import { describe, expect, it } from 'vitest';
import { anchorsIn, figuresWithoutCommand, headingAnchors, namedIn, triedBy, untriedCommands } from './docs-rules.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const list = (pattern: string) => globSync(pattern, { cwd: root }).map((file) => file.replaceAll('\\', '/'));

const pages = [...list('*.md'), ...list('docs/**/*.md'), ...list('deploy/**/*.md'), ...list('clients/*/*.md')].sort();
const files = [...list('*.*'), ...list('{src,test,docs,bin,clients,deploy,.ci}/**/*')];
const known = new Set([...files, ...files.map((file) => dirname(file))]);
const sources = [...list('src/**/*.ts'), ...list('bin/*.mjs'), ...list('clients/*/{lib,debug_queue}/*')].map(read).join('\n');
const scripts: Record<string, string> = JSON.parse(read('package.json')).scripts;
const commands = new Set([...read('src/main.ts').matchAll(/case '([a-z-]+)'/g)].map((match) => match[1] ?? ''));

const tests = list('test/**/*.test.ts')
  .filter((file) => !/^test\/docs/.test(file))
  .map(read)
  .join('\n');
const makers = list('test/**/*.ts').map(read).join('\n');

/** By its function, or as the word that is typed. */
function isTested(name: string): boolean {
  const called = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  return new RegExp(`\\b${called}Command\\b|['"]${name}['"]`).test(tests);
}

/** Of the product's own commands in its source, of scripts in whatever they run. */
const isFlag = ({ of, flag }: { of: string; flag: string }) =>
  new RegExp(`--${flag}\\b|['"]${flag}['"]|\\b${flag}:`).test(
    of.startsWith('tracepulse') || of === 'npm run demo' ? sources : `${sources}${makers}${read('deploy/edge/build.ts')}`,
  );

/** From the root, from src, from the page's own folder, or by the end of its path where that is one file's alone. */
function isThere(path: string, page: string): boolean {
  const wanted = path.replace(/\/$/, '');
  if ([wanted, `src/${wanted}`, normalize(join(dirname(page), wanted))].some((candidate) => known.has(candidate))) return true;
  return files.some((file) => file.endsWith(`/${wanted}`));
}

describe('the pages', () => {
  it('are found', () => expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/architecture.md'])));
});

describe('the pictures', () => {
  it('are shown, each by itself or as the dark twin of one that is', () => {
    const shown = pages.map(read).join('\n');
    const names = list('docs/images/*').map((file) => basename(file));
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !shown.includes(name) && !shown.includes(name.replace('-dark.', '-light.')))).toEqual([]);
  });
});

describe.each(pages)('%s', (page) => {
  const named = namedIn(read(page));
  it('names paths that are there', () => expect(named.paths.filter((path) => !isThere(path, page))).toEqual([]));
  it('names npm scripts that are there', () => expect(named.scripts.filter((name) => !(name in scripts))).toEqual([]));
  it('names commands that are there', () => expect(named.commands.filter((name) => !commands.has(name))).toEqual([]));
  it('names commands that a test runs', () => expect(named.commands.filter((name) => !isTested(name))).toEqual([]));
  it('names flags that are read', () => expect(named.flags.filter((flag) => !isFlag(flag))).toEqual([]));
  it('tells people to type nothing that was not tried', () => expect(untriedCommands(read(page))).toEqual([]));
  it('says by which command a figure came', () => expect(figuresWithoutCommand(read(page))).toEqual([]));
  it('leads to headings that are there', () =>
    expect(
      anchorsIn(read(page)).filter(({ target, anchor }) => {
        const file = target === '' ? page : normalize(join(dirname(page), target));
        return !(known.has(file) && headingAnchors(read(file)).has(anchor));
      }),
    ).toEqual([]));
  it('names variables that are read', () =>
    expect(named.variables.filter((name) => !new RegExp(`\\b${name}\\b`).test(sources))).toEqual([]));
});

describe('the architecture', () => {
  it('has a place for every part of the source', () => {
    const page = read('docs/architecture.md');
    const parts = [...list('src/*'), 'clients', 'deploy'].map((part) => (part.endsWith('.ts') ? part : `${part}/`));
    expect(parts.length).toBeGreaterThan(15);
    expect(parts.filter((part) => !page.includes(`\`${part}`))).toEqual([]);
  });

  it('has decisions numbered one by one', () => {
    const numbers = list('docs/decisions/*.md').map((file) => Number(/(\d{4})-[a-z0-9-]+\.md$/.exec(file)?.[1]));
    expect(numbers.sort((a, b) => a - b)).toEqual(numbers.map((_, i) => i + 1));
  });
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
    '<source srcset="images/a-dark.png">',
  ].join('\n');

  it('finds what a page names and nothing else', () => {
    expect(namedIn(page)).toEqual({
      paths: ['src/ports.ts', 'docs/decisions/', 'rank.ts', 'docs/plan.md', 'bin/tracepulse.mjs', 'images/a-dark.png'],
      scripts: ['demo', 'test', 'start'],
      commands: ['map', 'replay', 'check'],
      variables: ['SLACK_APP_TOKEN'],
      flags: [
        { of: 'npm run demo', flag: 'exit' },
        { of: 'tracepulse map', flag: 'format' },
      ],
    });
  });

  it('is not content with what is gone', () => {
    expect(isThere('src/gone.ts', 'README.md')).toBe(false);
    expect(isThere('ports.ts', 'README.md')).toBe(true);
    expect(commands.has('replay')).toBe(true);
    expect(commands.has('gone')).toBe(false);
  });
});

describe('what is to be typed', () => {
  it('is a command that was tried', () => {
    const page = [
      '```sh\nhelm install tracepulse\ncurl http://localhost -d \'{\n  "a": 1 }\'\n```',
      '    SLACK_CHANNEL=x npm start && brew upgrade\n',
      '    SMTP_URL=smtp://localhost\n    EMAIL_TO=a@example.com\n',
      '    TRACEPULSE_ROUTES:\n      - channels: []\n',
      '    alert ─receive→ incident\n',
    ].join('\n');
    expect(untriedCommands(page)).toEqual(['helm', 'brew']);
  });

  it('has tests that are there', () => expect(Object.values(triedBy).filter((file) => !known.has(file))).toEqual([]));

  it('is tested under its own name', () => {
    expect([isTested('replay'), isTested('no-such-command')]).toEqual([true, false]);
    expect([isFlag({ of: 'tracepulse replay', flag: 'pictures' }), isFlag({ of: 'tracepulse replay', flag: 'paint' })]).toEqual([
      true,
      false,
    ]);
  });
});

describe('a figure', () => {
  it('stands with the command that made it', () => {
    expect(figuresWithoutCommand('# A\n\n## B\n\nIt took 12 ms.\n\n## C\n\nMeasured: 3 MiB (`bun test/bench/start.bench.ts`).\n')).toEqual([
      '## B',
    ]);
    expect(figuresWithoutCommand('# A\n\nAll from `npm run accuracy`.\n\n## B\n\nIt took 12 ms.\n')).toEqual([]);
  });
});

describe('a heading', () => {
  it('is found as GitHub names it', () => {
    expect(headingAnchors("# Who gets what\n```sh\n# not one\n```\n## Senders' own `x`: a, b\n")).toEqual(
      new Set(['who-gets-what', 'senders-own-x-a-b']),
    );
    expect(anchorsIn('[a](slack.md#who-gets-what) [b](#here) [c](https://x.example/#y)')).toEqual([
      { target: 'slack.md', anchor: 'who-gets-what' },
      { target: '', anchor: 'here' },
    ]);
  });
});
