/** What repositories look like, for finding services in them by name. Folders change rarely, so a layout is kept for a while. */
import { z } from 'zod';
import type { Window } from '../../../domain/evidence.ts';
import { Failure } from '../../../domain/failure.ts';
import { ownerAndRepo } from './contents.ts';
import { containers, type Layout, plainName } from './places.ts';
import type { GitHub } from './questions.ts';
import { Folder, Installed, Repositories } from './shapes.ts';

export interface Layouts {
  of(repository: string, signal: AbortSignal): Promise<Layout>;
}

const keptMs = 600_000;
/** Where CODEOWNERS may be; the first found wins (PROTOCOLS E3). */
const ownerFiles = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'];

export function createLayouts(github: GitHub, now: () => number): Layouts {
  const kept = new Map<string, { readonly at: number; readonly layout: Layout }>();
  return {
    async of(repository, signal) {
      const known = kept.get(repository);
      if (known !== undefined && now() - known.at < keptMs) return known.layout;
      const layout = await read(github, repository, signal);
      kept.set(repository, { at: now(), layout });
      return layout;
    },
  };
}

async function read(github: GitHub, repository: string, signal: AbortSignal): Promise<Layout> {
  const ask = <T>(path: string, shape: z.ZodType<T>, accept: string) =>
    github.maybe({
      attempt: `read folders of ${repository}`,
      route: 'GET /repos/{owner}/{repo}/contents/{path}',
      parameters: { ...ownerAndRepo(repository), path },
      shape,
      accept,
      signal,
    });
  const foldersIn = async (path: string) =>
    ((await ask(path, Folder, 'application/vnd.github+json')) ?? []).filter(({ type }) => type === 'dir').map((entry) => entry.path);
  const top = await foldersIn('');
  const [inside, codeowners] = await Promise.all([
    Promise.all(top.filter((path) => containers.includes(path)).map(foldersIn)),
    (async () => {
      for (const file of ownerFiles) {
        const folder = file.slice(0, Math.max(0, file.indexOf('/')));
        if (folder !== '' && !top.includes(folder)) continue;
        const text = await ask(file, z.string(), 'application/vnd.github.raw+json');
        if (text !== null) return text;
      }
      return '';
    })(),
  ]);
  // A folder under `services` is more likely a service's than one at the top.
  return { folders: [...inside.flat(), ...top], codeowners };
}

/** Repositories the token can read: those named like a service, then those pushed to in this time, most recent first. */
export async function readableRepositories(
  github: GitHub,
  services: readonly string[],
  window: Window,
  signal: AbortSignal,
): Promise<string[]> {
  const attempt = 'list repositories';
  const parameters = { per_page: 100, sort: 'pushed' };
  let found: z.infer<typeof Repositories>;
  try {
    found = await github.one({ attempt, route: 'GET /user/repos', parameters, shape: Repositories, signal });
  } catch (error) {
    // An App's installation is no user and has its own list.
    if (!(error instanceof Failure) || error.code !== 'unauthorized') throw error;
    const route = 'GET /installation/repositories';
    found = (await github.one({ attempt, route, parameters: { per_page: 100 }, shape: Installed, signal })).repositories;
  }
  const names = new Set(services.map(plainName));
  const isNamed = ({ full_name }: { full_name: string }) => names.has(plainName(full_name));
  const isFresh = ({ pushed_at }: { pushed_at?: string | null | undefined }) => pushed_at != null && Date.parse(pushed_at) >= window.fromMs;
  return [...found.filter(isNamed), ...found.filter((each) => !isNamed(each) && isFresh(each))].map(({ full_name }) => full_name);
}
