/**
 * Carries out a Dockerfile without an engine, as far as that goes: every stage is a folder, COPY copies into it, RUN runs in
 * its working directory. Commands of ours name no absolute paths, so no root of their own is needed. A line of a form that is
 * not known here is an error, so that the rehearsal never leaves a step out.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

export interface Stage {
  readonly base: string;
  readonly folder: string;
  workdir: string;
  readonly environment: Record<string, string>;
  user: string | null;
  entrypoint: readonly string[];
  command: readonly string[];
  health: readonly string[];
  readonly ports: string[];
}

const runDeadlineMs = 15 * 60_000;

/** Lines as Docker reads them: no comments, continued lines joined. */
export function instructions(text: string): { readonly word: string; readonly rest: string }[] {
  return text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => ({ word: line.split(/\s/, 1)[0] ?? '', rest: line.replace(/^\S+\s*/, '') }));
}

/** What .dockerignore lets in of the files at `root`, as its rules of these forms say: everything, a path let in, a name left out wherever it lies. */
export function contextFiles(root: string, ignore: string): string[] {
  const lines = ignore.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const [all, ...rules] = lines;
  if (all !== '*') throw new Error('.dockerignore begins by leaving everything out');
  const allowed = rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1));
  const excluded = rules.filter((rule) => !rule.startsWith('!'));
  const unknown = excluded.find((rule) => !/^\*\*\/[\w.-]+\*?$/.test(rule));
  if (unknown !== undefined) throw new Error(`.dockerignore: ${unknown} is a form that is not known here`);
  const isOut = (name: string) =>
    excluded.some((rule) => (rule.endsWith('*') ? name.startsWith(rule.slice(3, -1)) : name === rule.slice(3)));
  const walk = (path: string): string[] => {
    if (isOut(basename(path))) return [];
    if (!statSync(join(root, path)).isDirectory()) return [path];
    return readdirSync(join(root, path)).flatMap((name) => walk(join(path, name)));
  };
  return allowed.flatMap(walk);
}

interface Rehearsal {
  /** The tree the image is built from. */
  readonly context: string;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Build arguments that the builder sets by itself. */
  readonly given: Readonly<Record<string, string>>;
}

/** Carries all stages out and gives the last one. */
export function rehearse(text: string, { context, folder, environment, given }: Rehearsal): Stage {
  const stages = new Map<string, Stage>();
  let stage: Stage | null = null;
  const now = (): Stage => {
    if (stage === null) throw new Error('the file begins without FROM');
    return stage;
  };
  for (const { word, rest } of instructions(text)) {
    if (word === 'FROM') {
      const [base = '', , name] = rest.replace(/--platform=\S+\s+/, '').split(/\s+/);
      stage = newStage(base, join(folder, name ?? 'image'));
      stages.set(name ?? 'image', stage);
    } else if (word === 'COPY') copy(now(), rest, stages, context);
    else if (word === 'RUN') run(now(), rest, environment);
    else if (word === 'ARG') Object.assign(now().environment, argument(rest, given));
    else if (word === 'ENV') for (const pair of rest.split(/\s+/)) Object.assign(now().environment, argument(pair, {}));
    else set(now(), word, rest);
  }
  return now();
}

function newStage(base: string, folder: string): Stage {
  mkdirSync(folder, { recursive: true });
  return { base, folder, workdir: '/', environment: {}, user: null, entrypoint: [], command: [], health: [], ports: [] };
}

function set(stage: Stage, word: string, rest: string): void {
  if (word === 'WORKDIR') {
    stage.workdir = rest;
    mkdirSync(join(stage.folder, rest), { recursive: true });
  } else if (word === 'USER') stage.user = rest;
  else if (word === 'EXPOSE') stage.ports.push(rest);
  else if (word === 'ENTRYPOINT') stage.entrypoint = JSON.parse(rest) as string[];
  else if (word === 'CMD') stage.command = JSON.parse(rest) as string[];
  else if (word === 'HEALTHCHECK') stage.health = JSON.parse(rest.slice(rest.indexOf('CMD') + 3)) as string[];
  else if (word !== 'VOLUME') throw new Error(`${word} is an instruction that is not known here`);
}

function argument(pair: string, given: Readonly<Record<string, string>>): Record<string, string> {
  const [name = '', value = ''] = pair.split('=');
  return { [name]: given[name] ?? value };
}

function copy(stage: Stage, rest: string, stages: ReadonlyMap<string, Stage>, context: string): void {
  const words = rest.split(/\s+/);
  const flags = words.filter((word) => word.startsWith('--'));
  const paths = words.filter((word) => !word.startsWith('--'));
  const to = paths.pop() ?? '';
  const from = flags.find((flag) => flag.startsWith('--from='))?.slice('--from='.length);
  const source = from === undefined ? context : stages.get(from)?.folder;
  if (source === undefined) throw new Error(`COPY --from=${from}: there is no such stage`);
  const target = join(stage.folder, to.startsWith('/') ? to : join(stage.workdir, to));
  for (const path of paths) {
    const isInto = to.endsWith('/') && !statSync(join(source, path)).isDirectory();
    cpSync(join(source, path), isInto ? join(target, basename(path)) : target, { recursive: true });
  }
}

function run(stage: Stage, command: string, environment: Readonly<Record<string, string>>): void {
  const { status, stderr } = spawnSync('sh', ['-ec', command], {
    cwd: join(stage.folder, stage.workdir),
    env: { ...environment, ...stage.environment },
    encoding: 'utf8',
    timeout: runDeadlineMs,
  });
  if (status !== 0) throw new Error(`RUN ${command} ended with ${status}: ${stderr}`);
}

/** A clean copy of what the image is built from. */
export function copyContext(root: string, to: string): void {
  for (const path of contextFiles(root, readFileSync(join(root, '.dockerignore'), 'utf8'))) {
    cpSync(join(root, path), join(to, path), { recursive: true });
  }
}

/** Every file below a folder, with its size. */
export function filesBelow(folder: string): Map<string, number> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(files.map(({ parentPath, name }) => [relative(folder, join(parentPath, name)), statSync(join(parentPath, name)).size]));
}

export const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
