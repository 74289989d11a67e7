/** What a page of documentation names, so that it can be looked up: files, npm scripts, commands, environment variables. */
import { parse } from 'yaml';

export interface Named {
  /** Paths in backticks or links. */
  readonly paths: readonly string[];
  readonly scripts: readonly string[];
  readonly commands: readonly string[];
  readonly variables: readonly string[];
  /** `--flag` of a command line, with what it is given to: `tracepulse replay` or `npm run accuracy`. */
  readonly flags: readonly { readonly of: string; readonly flag: string }[];
}

/** Top-level folders of ours; a path that begins otherwise is somebody else's. */
const ownFolders = ['src', 'test', 'docs', 'bin', 'clients', 'deploy', '.ci'];

/** Variables of the system or of others that a page may mention. */
const foreignVariables = new Set([
  ...['PATH', 'HOME', 'NODE_OPTIONS', 'UPDATE_GOLDEN', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_PROTOCOL'],
  // Datadog's, in the body its webhooks are given.
  ...['ALERT_ID', 'ALERT_CYCLE_KEY', 'ALERT_TRANSITION', 'ALERT_PRIORITY', 'EVENT_TYPE', 'EVENT_TITLE', 'TEXT_ONLY_MSG', 'LAST_UPDATED'],
  // An event type.
  'SESSION_DROP',
]);

export function namedIn(page: string): Named {
  const spans = [...page.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '');
  const blocks = [...page.matchAll(/^```[^\n]*\n([\s\S]*?)^```/gm), ...page.matchAll(/^ {4,}(\S[^\n]*)$/gm)].map((match) => match[1] ?? '');
  const code = [...spans, ...blocks].join('\n');
  return {
    paths: unique([...spans.filter(isPath), ...linkTargets(page), ...pathsIn(code), ...pictures(page)]),
    scripts: unique([
      ...[...code.matchAll(/\bnpm run ([\w:-]+)/g)].map((match) => match[1] ?? ''),
      ...[...code.matchAll(/\bnpm (test|start)\b/g)].map((match) => match[1] ?? ''),
    ]),
    // A slash before it makes it a command of Slack, a dot or word the name of a file, -n a namespace.
    commands: unique(
      [
        ...code.matchAll(/(?<![/\w.-]|-n )tracepulse(?:\.mjs)? ([a-z][a-z-]*)/g),
        ...code.matchAll(/bin\/tracepulse\.mjs ([a-z][a-z-]*)/g),
      ].map((match) => match[1] ?? ''),
    ),
    variables: unique([...code.matchAll(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g)].map((match) => match[0])).filter(
      (name) => !foreignVariables.has(name),
    ),
    flags: code.split('\n').flatMap(flagsIn),
  };
}

function flagsIn(line: string): { of: string; flag: string }[] {
  const found = /(?:^|\s)(npm run [\w:-]+|npm test|(?<![/\w.-]|-n )tracepulse(?:\.mjs)? [a-z][a-z-]*)(.*)/.exec(line);
  if (found === null) return [];
  return [...(found[2] ?? '').matchAll(/(?<=[\s[])--([a-z][\w-]*)/g)].map((flag) => ({ of: found[1] ?? '', flag: flag[1] ?? '' }));
}

/** Arguments of commands: `bun test/bench/growth.bench.ts`, `-k deploy/kubernetes/overlays/redis`. */
function pathsIn(code: string): string[] {
  const pattern = new RegExp(`(?<=^|\\s)(?:${ownFolders.join('|').replaceAll('.', '\\.')})/[\\w./-]+(?=\\s|$)`, 'gm');
  // `kubectl exec deploy/tracepulse` names what runs in a cluster.
  return [...code.replace(/^.*\bexec\b.*$/gm, '').matchAll(pattern)].map((found) => found[0]);
}

/** `<img src>` and `<source srcset>`, for pictures in light and dark. */
function pictures(page: string): string[] {
  return [...page.matchAll(/\b(?:src|srcset)="([^"]+)"/g)].map((found) => found[1] ?? '').filter((target) => !/^[a-z]+:/.test(target));
}

/** `page.md#heading` and `#heading`, as the page that is meant ('' for its own) and the heading's name. */
export function anchorsIn(page: string): { readonly target: string; readonly anchor: string }[] {
  return [...page.matchAll(/\]\(([^)\s#:]*)#([^)\s]+)\)/g)].map(([, target = '', anchor = '']) => ({ target, anchor }));
}

/** As GitHub makes them of headings. */
export function headingAnchors(page: string): Set<string> {
  const headings = [...page.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.*)$/gm)];
  return new Set(
    headings.map(([, text = '']) =>
      text
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/**
 * Programs that pages tell people to run, each with the test that runs it or what it would read. What stands in a block to be
 * typed and begins with anything else is a command nobody has tried.
 */
export const triedBy: Readonly<Record<string, string>> = {
  npm: 'test/docs.test.ts',
  npx: 'test/docs.test.ts',
  tracepulse: 'test/docs.test.ts',
  node: 'test/bin',
  bun: 'test/docs.test.ts',
  curl: 'test/docs-integrations.test.ts',
  vmalert: 'test/docs-integrations.test.ts',
  docker: 'test/deploy/docker.slow.test.ts',
  kubectl: 'test/deploy/kubernetes.kubectl.test.ts',
  pip: 'test/clients',
};

/** First words of what is to be typed and is in no list; settings, YAML and drawings are not typed. */
export function untriedCommands(page: string): string[] {
  const fenced = [...page.matchAll(/^```(?:sh|bash|console)\n([\s\S]*?)^```/gm)].map((found) => found[1] ?? '');
  const plain = page.replace(/^```[\s\S]*?^```/gm, '');
  const indented = [...plain.matchAll(/(?:^(?: {4,}|\t)\S.*\n?)+/gm)].map((found) => found[0]).filter((block) => !isData(block));
  return unique([...fenced, ...indented].flatMap(commandWords)).filter((word) => !(word in triedBy));
}

function isData(block: string): boolean {
  if (/[→│├└]/.test(block)) return true;
  const lines = block.split('\n').filter((line) => line.trim() !== '');
  if (lines.every((line) => /^\s*\w+=/.test(line))) return lines.every((line) => !/^\s*(?:\w+=\S+ )+(npm|tracepulse|node)\b/.test(line));
  try {
    return typeof parse(block) === 'object';
  } catch {
    return false;
  }
}

/** The first word of each command: after variables that are set for it, after `&&`; what is quoted over lines is one word. */
function commandWords(block: string): string[] {
  return block
    .replace(/'[^']*'|"[^"]*"/g, 'quoted')
    .replace(/\\\n/g, ' ')
    .split(/\n|&&|\|\s(?=[a-z]+ )/)
    .map((line) => line.trim().replace(/^(?:export\s+)?(?:\w+=\S*(?:\s+|$))+/, ''))
    .filter((line) => line !== '' && !line.startsWith('#') && !/^\w+=\S*$/.test(line))
    .map((line) => line.split(/\s/)[0] ?? '');
}

const figure = /\d[\d.,]*\s?(?:ms|s|min|minutes|MB|MiB|GiB|%|requests|spans|lines|messages|alerts|cards)\b|\d %/;
const measuring = /\b(?:measured|took|takes up to|drawn in|resident|tested with|done \d+ minutes|peak|median|p95|on average)\b/i;
/** Or a page that names it for each of its figures. */
const command =
  /(?:`|^ {4,})(?:npm run (?!demo)|npm test|bun test\/|node test\/|tracepulse replay)|\b(?:accuracy|benchmarks|learning|reliability|walk)\.md\b/m;

/** Sections that tell what was measured and not by which command. */
export function figuresWithoutCommand(page: string): string[] {
  const [head = '', ...sections] = page.split(/^(?=## )/m);
  if (command.test(head)) return [];
  return [head, ...sections]
    .filter((section) => section.split('\n').some((line) => figure.test(line) && measuring.test(line)) && !command.test(section))
    .map((section) => section.split('\n')[0] ?? '');
}

/** `src/ports.ts`, `docs/decisions/`, `ports.ts`; no routes, globs, types or commands. */
function isPath(span: string): boolean {
  if (!/^[\w.@-]+(\/[\w.@-]+)*\/?$/.test(span)) return false;
  return ownFolders.includes(span.split('/')[0] ?? '') || /\.(ts|mjs|md)$/.test(span) || (/\.json$/.test(span) && span.includes('/'));
}

function linkTargets(page: string): string[] {
  return [...page.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => (match[1] ?? '').replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}

function unique(list: readonly string[]): string[] {
  return [...new Set(list)];
}
