/**
 * The rules of docs/architecture.md as functions over a tree of sources (path → text), so that each can be shown a tree
 * that breaks it. Imports are read with a regular expression: the code style leaves nothing that would need a parser.
 */
import { dirname, join, normalize } from 'node:path/posix';

export type Tree = ReadonlyMap<string, string>;

/** One sentence per breach. */
export type Rule = (tree: Tree) => string[];

export interface Import {
  readonly file: string;
  /** As written for packages and built-ins, else the path from the root. */
  readonly target: string;
  readonly isLocal: boolean;
}

const importPattern =
  /(?:^|[\s;}])(?:import|export)\b[^'"`;=]*?\bfrom\s*['"]([^'"]+)['"]|(?:^|[\s;])import\s*['"]([^'"]+)['"]|\bimport\s*\(\s*['"]([^'"]+)['"]/g;

/** Comments go; what stands in quotes stays, since a path does. */
export function withoutComments(source: string): string {
  return source.replace(
    /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (_, quoted?: string) => quoted ?? '',
  );
}

export function importsOf(tree: Tree): Import[] {
  return [...tree].flatMap(([file, source]) =>
    [...withoutComments(source).matchAll(importPattern)].map((match) => {
      const written = match[1] ?? match[2] ?? match[3] ?? '';
      const isLocal = written.startsWith('.');
      return { file, isLocal, target: isLocal ? normalize(join(dirname(file), written)) : written };
    }),
  );
}

/** First part of the path under src, without an ending: `src/domain/alert.ts` → `domain`, `src/ports.ts` → `ports`. */
function layerOf(file: string): string {
  return (file.split('/')[1] ?? '').replace(/\.ts$/, '');
}

const all = [
  'domain',
  'adapter',
  'ports',
  'pipeline',
  'app',
  'engine',
  'create-app',
  'observe',
  'adapters',
  'telemetry',
  'workspace',
  'surfaces',
  'config',
  'file-config',
  'log',
  'tools',
  'redacting',
  'runtime',
  'stores',
  'compose',
  'cli',
  'demo',
];

/** What each part of src may import, besides itself. Read downwards, import upwards. */
export const layers: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  adapter: [],
  runtime: [],
  ports: ['domain', 'adapter'],
  pipeline: ['domain', 'adapter', 'ports'],
  app: ['domain', 'ports', 'pipeline'],
  engine: ['domain', 'adapter', 'ports', 'pipeline'],
  observe: ['domain', 'ports'],
  'create-app': ['domain', 'adapter', 'ports', 'pipeline', 'app', 'engine', 'observe'],
  adapters: ['domain', 'adapter', 'ports'],
  surfaces: ['domain', 'adapter', 'app'],
  config: ['adapter', 'domain'],
  'file-config': ['config'],
  log: ['adapter'],
  tools: ['adapter', 'config', 'domain', 'log', 'redacting'],
  redacting: ['config', 'domain'],
  // Programs of their own: they meet the product where users do, on the wire.
  workspace: [],
  demo: [],
  // Where parts are put together.
  telemetry: ['domain', 'ports', 'adapters'],
  stores: ['domain', 'adapter', 'ports', 'adapters', 'telemetry', 'config', 'redacting'],
  compose: [
    'stores',
    'observe',
    'domain',
    'adapter',
    'ports',
    'app',
    'create-app',
    'adapters',
    'telemetry',
    'workspace',
    'surfaces',
    'config',
    'log',
    'redacting',
    'runtime',
  ],
  cli: ['stores', 'domain', 'adapter', 'ports', 'app', 'create-app', 'adapters', 'telemetry', 'config', 'log', 'redacting', 'compose'],
  main: all,
};

/** The shop uses our client for Node as any application would that has installed it. */
const isClient = (from: string, target: string): boolean => from === 'demo' && target === 'clients/node/index.cjs';

export const layering: Rule = (tree) =>
  importsOf(tree).flatMap(({ file, target, isLocal }) => {
    if (!isLocal) return [];
    const [from, to] = [layerOf(file), layerOf(target)];
    if (isClient(from, target)) return [];
    if (!target.startsWith('src/'))
      return from === 'compose' || from === 'workspace' || target === 'manifest.json'
        ? []
        : [`${file} imports ${target}, which lies outside src`];
    const allowed = layers[from];
    if (allowed === undefined) return [`${file} has no place in the table of layers`];
    return from === to || allowed.includes(to) ? [] : [`${file} imports ${target}: ${from} may import ${allowed.join(', ') || 'nothing'}`];
  });

/** Adapters of one port do not know each other, nor do ports' folders and surfaces; what several need stands beside them. */
export const siblings: Rule = (tree) =>
  importsOf(tree).flatMap(({ file, target, isLocal }) => {
    if (!isLocal) return [];
    const [, top, group, ...rest] = file.split('/');
    const [, otherTop, otherGroup, ...otherRest] = target.split('/');
    if (top !== otherTop || (top !== 'adapters' && top !== 'surfaces') || rest.length === 0 || otherRest.length === 0) return [];
    if (group !== otherGroup) return [`${file} imports ${target}: ${top} do not import each other`];
    const listed = listedIn(tree, `src/${top}/${group}/index.ts`);
    const [own, other] = [unitOf(file, listed), unitOf(target, listed)];
    const isList = rest[0] === 'index.ts';
    return isList || other === null || own === other ? [] : [`${file} imports ${target}, which is another adapter of ${group}`];
  });

/** The files an adapter list names. */
function listedIn(tree: Tree, index: string): string[] {
  const source = tree.get(index);
  return source === undefined ? [] : importsOf(new Map([[index, source]])).map(({ target }) => target);
}

/** Which listed adapter a file belongs to: it is the adapter, or lies in the adapter's own folder. */
function unitOf(file: string, listed: readonly string[]): string | null {
  return listed.find((adapter) => adapter === file || (hasOwnFolder(adapter) && file.startsWith(`${dirname(adapter)}/`))) ?? null;
}

function hasOwnFolder(adapter: string): boolean {
  return adapter.split('/').length > 4;
}

/** Type imports count: what knows each other by type cannot be understood, moved or replaced alone either. */
export const cycles: Rule = (tree) => {
  const edges = new Map<string, string[]>();
  for (const { file, target, isLocal } of importsOf(tree))
    if (isLocal && tree.has(target)) edges.set(file, [...(edges.get(file) ?? []), target]);
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const seenAt = path.indexOf(file);
    if (seenAt >= 0) found.push(`circular: ${[...path.slice(seenAt), file].join(' → ')}`);
    if (seenAt >= 0 || done.has(file)) return;
    for (const target of edges.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of tree.keys()) visit(file, []);
  return found;
};

export const maxLines = 300;

/** Longer files with a true reason; one that is gone or short enough must leave the list. */
export const longFiles: readonly { readonly file: string; readonly reason: string }[] = [];

export const fileLength: Rule = (tree) => {
  const tooLong = [...tree].filter(([, source]) => source.trimEnd().split('\n').length > maxLines).map(([file]) => file);
  const excused = new Set(longFiles.map(({ file }) => file));
  return [
    ...tooLong.filter((file) => !excused.has(file)).map((file) => `${file} has more than ${maxLines} lines`),
    ...longFiles
      .filter(({ file }) => tree.has('src/main.ts') && !tooLong.includes(file))
      .map(({ file }) => `${file} needs no exception any more`),
  ];
};

const bannedFiles = /(^|\/)(utils?|helpers?|common|shared|types|misc)(\.|\/)/;
const bannedWords =
  /^(?:\w*(?:Payload|Item|Info|Dto|DTO|Manager|Processor|Provider|Helper|Utils?)|(?:payload|item|info|manager|processor|provider|helper|utils?)[A-Z]\w*)$/;

/** Names say what a thing is. Slack's own words stay in the stand-in for Slack, which speaks its protocol. */
export const names: Rule = (tree) =>
  [...tree].flatMap(([file, source]) => {
    const bad = bannedFiles.test(file) || !/^[a-z0-9./-]+$/.test(file) ? [`${file}: not a name of this code base`] : [];
    if (layerOf(file) === 'workspace') return bad;
    const declared = [...withoutComments(source).matchAll(/^export (?:async )?(?:interface|type|class|function\*?|const) (\w+)/gm)];
    return [
      ...bad,
      ...declared
        .map(([, name]) => name ?? '')
        .filter((name) => bannedWords.test(name))
        .map((name) => `${file} exports ${name}: see the vocabulary`),
    ];
  });

/** Settings are read once, in one place. */
export const environment: Rule = (tree) =>
  [...tree].flatMap(([file, source]) =>
    file !== 'src/main.ts' && /\bprocess\s*(\.\s*env\b|\[\s*['"]env['"])|\b(Bun|import\.meta)\.env\b/.test(withoutComments(source))
      ? [`${file} reads the environment; main.ts alone does`]
      : [],
  );

/** Everything runs on Bun and on Node. */
export const runtimes: Rule = (tree) =>
  importsOf(tree).flatMap(({ file, target }) =>
    target === 'bun' || target.startsWith('bun:') ? [`${file} imports ${target}, which Node does not have`] : [],
  );

const impure =
  /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.now\b|\bfetch\(|\bset(Timeout|Interval|Immediate)\(|\bprocess\.|\bcrypto\.randomUUID\b/;

/** The one use of chance: a key nobody may know, for where the installation's own is not at hand. */
const excusedImpurity: ReadonlyMap<string, string> = new Map([['src/domain/redact.ts', 'crypto.randomUUID']]);

/** The same input gives the same answer: no I/O, no clock, no chance, no package but the schema library. */
export const purity: Rule = (tree) => {
  const domain: Tree = new Map([...tree].filter(([file]) => layerOf(file) === 'domain'));
  return [
    ...importsOf(domain).flatMap(({ file, target, isLocal }) =>
      isLocal || target === 'zod' ? [] : [`${file} imports ${target}: domain has no I/O and no package but zod`],
    ),
    ...[...domain].flatMap(([file, source]) => {
      const found = impure.exec(withoutComments(source));
      return found === null || found[0] === excusedImpurity.get(file)
        ? []
        : [`${file} uses ${found[0]}: time and chance come in as arguments`];
    }),
  ];
};

/** Names taken from each file by others; `*`: all of them, by a namespace or a dynamic import. */
function takenFrom(tree: Tree): ReadonlyMap<string, ReadonlySet<string>> {
  const taken = new Map<string, Set<string>>();
  const take = (file: string, written: string, name: string) => {
    const target = normalize(join(dirname(file), written));
    taken.set(target, (taken.get(target) ?? new Set()).add(name));
  };
  for (const [file, text] of tree) {
    const source = withoutComments(text);
    for (const [, names = '', written = ''] of source.matchAll(
      /\b(?:import|export)\s+(?:type\s+)?(\*|\{[^}]*\})[^'"`;=]*?from\s*['"](\.[^'"]+)['"]/g,
    ))
      for (const name of names.replace(/[{}]/g, '').split(',')) take(file, written, (/^\s*(?:type\s+)?(\*|\w+)/.exec(name) ?? [])[1] ?? '');
    for (const [, written = '', member] of source.matchAll(/\bimport\s*\(\s*['"](\.[^'"]+)['"]\s*\)(?:\.(\w+))?/g))
      take(file, written, member ?? '*');
  }
  return taken;
}

/**
 * What nobody else takes is not exported, so that a file's exports are what it is for. Types may name a part of a signature.
 * The tree holds tests too, whose imports count.
 */
export const deadExports: Rule = (tree) => {
  const taken = takenFrom(tree);
  return [...tree].flatMap(([file, text]) => {
    const names = taken.get(file);
    if (!file.startsWith('src/') || names?.has('*') === true) return [];
    // Templates hold the source of the demo's shop, whose exports are not ours.
    const source = withoutComments(text).replace(/`(?:\\.|[^`\\])*`/g, '``');
    return [...source.matchAll(/^export (?:async )?(interface|type|class|function\*?|const) (\w+)/gm)].flatMap(
      ([, kind = '', name = '']) => {
        const isPart = /interface|type/.test(kind) && source.split(new RegExp(`\\b${name}\\b`)).length > 2;
        return isPart || names?.has(name) === true ? [] : [`${file} exports ${name}, which nobody imports`];
      },
    );
  });
};

/** Dependencies that no file imports, of those that `manifest` names; `excused` are run as programs. */
export function unusedDependencies(tree: Tree, dependencies: readonly string[], excused: readonly string[]): string[] {
  const named = [...tree.values()].map(withoutComments).join('\n');
  return dependencies.filter((name) => !excused.includes(name) && !new RegExp(`['"]${name}(?:/[^'"]*)?['"]`).test(named));
}

export const exportsByName: Rule = (tree) =>
  [...tree].flatMap(([file, source]) => (/^export default\b/m.test(withoutComments(source)) ? [`${file} has a default export`] : []));

export const endings: Rule = (tree) =>
  importsOf(tree).flatMap(({ file, target, isLocal }) =>
    isLocal && !/\.(ts|json)$/.test(target) && !isClient(layerOf(file), target) ? [`${file} imports ${target} without its ending`] : [],
  );
