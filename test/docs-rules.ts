/** What a page of documentation names, so that it can be looked up: files, npm scripts, commands, environment variables. */

export interface Named {
  /** Paths in backticks or links. */
  readonly paths: readonly string[];
  readonly scripts: readonly string[];
  readonly commands: readonly string[];
  readonly variables: readonly string[];
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
    paths: unique([...spans.filter(isPath), ...linkTargets(page)]),
    scripts: unique([
      ...[...code.matchAll(/\bnpm run ([\w:-]+)/g)].map((match) => match[1] ?? ''),
      ...[...code.matchAll(/\bnpm (test|start)\b/g)].map((match) => match[1] ?? ''),
    ]),
    // A slash before it makes it a command of Slack, a dot or word the name of a file.
    commands: unique(
      [...code.matchAll(/(?<![/\w.-])tracepulse(?:\.mjs)? ([a-z][a-z-]*)/g), ...code.matchAll(/bin\/tracepulse\.mjs ([a-z][a-z-]*)/g)].map(
        (match) => match[1] ?? '',
      ),
    ),
    variables: unique([...code.matchAll(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g)].map((match) => match[0])).filter(
      (name) => !foreignVariables.has(name),
    ),
  };
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
