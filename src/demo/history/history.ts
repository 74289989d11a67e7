/**
 * The shop's history as a local git repository: a week of commits and, where a release is what breaks the shop, that
 * release with its bug in the diff. Written by `git fast-import` in one go, under dates and authors of its own; the user's
 * git configuration, keys and hooks are left out of it.
 */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { type Bug, edited } from './bugs.ts';
import { type Author, authors, commits } from './commits.ts';
import { packagePath, packageText, sources } from './sources.ts';

export interface History {
  /** A working copy on branch `main`. */
  readonly folder: string;
  readonly commits: number;
}

export interface HistoryOptions {
  readonly now: number;
  /** The release that will break the shop, when it is a release. */
  readonly bug: Bug | null;
  /** PATH, by which git is found. */
  readonly path: string;
}

interface Commit {
  readonly at: number;
  readonly author: Author;
  readonly message: string;
  readonly files: ReadonlyMap<string, string>;
  readonly tag: string | null;
}

const hour = 3_600_000;
const firstHoursAgo = 168;
/** Merged well before it is rolled out, as releases are. */
const releaseHoursAgo = 0.4;
const gitDeadlineMs = 15_000;

/** Rejects with a sentence where git is missing or refuses. */
export async function makeHistory(folder: string, options: HistoryOptions): Promise<History> {
  mkdirSync(folder, { recursive: true });
  const made = plannedCommits(options);
  const git = (args: readonly string[], input = '') => runGit(folder, args, input, options.path);
  await git(['init', '--quiet', '--initial-branch=main']);
  await git(['fast-import', '--quiet', '--done'], importStream(made));
  await git(['checkout', '--quiet', '--force', 'main']);
  return { folder, commits: made.length };
}

function plannedCommits({ now, bug }: HistoryOptions): Commit[] {
  const texts = new Map(sources.map(({ path, text }) => [path, text]));
  const change = (service: string, edit: readonly [string, string]) => {
    const path = sources.find((source) => source.service === service)?.path ?? '';
    const text = edited(texts.get(path) ?? '', edit);
    texts.set(path, text);
    return [path, text] as const;
  };
  const first: Commit = {
    at: now - firstHoursAgo * hour,
    author: authors.mara,
    message: 'shop: one repository for all eleven services',
    files: new Map(
      sources.flatMap(({ service, path, version, text }) => [
        [path, text],
        [packagePath(service), packageText(service, version)],
      ]),
    ),
    tag: null,
  };
  const plain = commits.map(({ author, hoursAgo, service, title, edit }) => ({
    at: now - hoursAgo * hour,
    author,
    message: title,
    files: new Map([change(service, edit)]),
    tag: null,
  }));
  return bug === null ? [first, ...plain] : [first, ...plain, release(bug, now, change(bug.service, bug.edit))];
}

function release({ service, version, title, body }: Bug, now: number, file: readonly [string, string]): Commit {
  return {
    at: now - releaseHoursAgo * hour,
    author: authors.tomas,
    message: `${title}\n\n${body}\n\nRelease-Of: ${service} ${version}`,
    files: new Map([file, [packagePath(service), packageText(service, version)]]),
    tag: `${service}-v${version}`,
  };
}

/** The format of git-scm.com/docs/git-fast-import: lengths are of bytes. */
function importStream(made: readonly Commit[]): string {
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const person = ({ name, email }: Author, at: number) => `${name} <${email}> ${Math.floor(at / 1_000)} +0000`;
  const lines = made.map(
    ({ at, author, message, files, tag }, i) =>
      `commit refs/heads/main\nmark :${i + 1}\nauthor ${person(author, at)}\ncommitter ${person(author, at)}\n${data(message)}` +
      `${[...files].map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`).join('')}\n` +
      (tag === null ? '' : `reset refs/tags/${tag}\nfrom :${i + 1}\n\n`),
  );
  return `${lines.join('')}done\n`;
}

function runGit(cwd: string, args: readonly string[], input: string, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { PATH: path, HOME: cwd, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };
    const child = spawn('git', args, { cwd, env, stdio: ['pipe', 'ignore', 'pipe'], timeout: gitDeadlineMs });
    const complaints: string[] = [];
    child.stderr.on('data', (part) => void complaints.push(String(part)));
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(new Error(error.code === 'ENOENT' ? 'git is not installed' : `git: ${error.message}`)),
    );
    child.once('close', (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`git ${args[0]} failed: ${complaints.join('').trim().split('\n').at(-1)?.slice(0, 200) ?? ''}`)),
    );
    // Broken when git ends early; the exit code says so.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
