/**
 * Where services live: a repository and a folder in it. Said by `GITHUB_REPOSITORIES`, by telemetry (`vcs.repository.url.full`),
 * or found by the names of repositories and folders and by CODEOWNERS (PROTOCOLS E3, E6). Pure.
 */
import type { RunningVersion } from '../../../domain/service.ts';

/** One entry of the setting: `acme/shop`, `acme/checkout:checkout`, `acme/shop:services/cart=cart`. */
export interface RepositoryEntry {
  readonly repository: string;
  /** '' for the whole repository. */
  readonly path: string;
  /** null: found by names. */
  readonly service: string | null;
}

export interface Place {
  readonly path: string;
  readonly service: string;
}

const entryPattern = /^([\w.-]+\/[\w.-]+)(?::(?:([^=:]*)=)?([^=:]+))?$/;

/** null when the text is no such list. */
export function readRepositories(text: string): RepositoryEntry[] | null {
  const entries: RepositoryEntry[] = [];
  for (const part of text.split(',').map((entry) => entry.trim())) {
    if (part === '') continue;
    const [, repository, path, service] = entryPattern.exec(part) ?? [];
    if (repository === undefined) return null;
    entries.push({ repository, path: trimmed(path ?? ''), service: service?.trim() ?? null });
  }
  return entries.length === 0 ? null : entries;
}

const trimmed = (path: string): string => path.trim().replace(/^\/+|\/+$/g, '');

/** `shop/cart@staging` and `Cart-Service` are the cart of a repository: its name without place and without what is said of every service. */
export function plainName(service: string): string {
  return service
    .replace(/@[^@]*$/, '')
    .replace(/^.*\//, '')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replace(/(.)(service|svc|server|app)$/, '$1');
}

/** What is known of a repository's folders. */
export interface Layout {
  /** Paths of folders that may be services'. */
  readonly folders: readonly string[];
  readonly codeowners: string;
}

/** Folders that hold services in many repositories. */
export const containers = ['services', 'apps', 'packages', 'src', 'cmd', 'backend', 'microservices'];

/** The places of one repository: what the setting says first, then what names tell of the services not yet placed. */
export function placesIn(
  repository: string,
  entries: readonly RepositoryEntry[],
  layout: Layout | null,
  services: readonly string[],
  running: readonly RunningVersion[],
): Place[] {
  const said = entries.filter((entry) => entry.repository === repository && entry.service !== null);
  const placed = new Set(entries.flatMap(({ service }) => (service === null ? [] : [plainName(service)])));
  const places: Place[] = said.map(({ path, service }) => ({ path, service: knownAs(service!, services) }));
  const openServices = services.filter((service) => !placed.has(plainName(service)));
  const owned = layout === null ? [] : ownersIn(layout.codeowners);
  const isItsOwn = (service: string) => plainName(repository.slice(repository.indexOf('/') + 1)) === plainName(service);
  for (const service of openServices) {
    const name = plainName(service);
    const folder = layout?.folders.find((path) => plainName(path.slice(path.lastIndexOf('/') + 1)) === name);
    const rule = owned.findLast(
      ({ path, owners }) => path !== '' && (plainName(lastPart(path)) === name || owners.some((owner) => plainName(owner) === name)),
    );
    const says = running.some((version) => version.service === service && repositoryOf(version.repositoryUrl) === repository.toLowerCase());
    if (folder !== undefined) places.push({ path: folder, service });
    else if (rule !== undefined) places.push({ path: rule.path, service });
    else if (says || isItsOwn(service)) places.push({ path: '', service });
  }
  return places;
}

const lastPart = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The map's own word for a service of the setting; the setting's where the map does not know it yet. */
function knownAs(service: string, services: readonly string[]): string {
  return services.find((known) => known === service) ?? services.find((known) => plainName(known) === plainName(service)) ?? service;
}

/** `https://github.com/acme/shop.git`, `git@github.com:acme/shop` → `acme/shop`, lower case. */
export function repositoryOf(url: string | null): string | null {
  return /[/:]([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/.exec(url ?? '')?.[1]?.toLowerCase() ?? null;
}

interface OwnerRule {
  readonly path: string;
  /** Team or person without `@` and organisation. */
  readonly owners: readonly string[];
}

/** Rules that name one folder; those with stars tell of kinds of files and place no service. The last match wins. */
function ownersIn(codeowners: string): OwnerRule[] {
  return codeowners.split('\n').flatMap((line) => {
    const [pattern = '', ...owners] = line.replace(/#.*/, '').trim().split(/\s+/);
    const path = trimmed(pattern.replace(/\/\*{1,2}$/, ''));
    if (path === '' || /[*?[\]!]/.test(path)) return [];
    return [{ path, owners: owners.map((owner) => owner.replace(/^@/, '').replace(/^.*\//, '')) }];
  });
}

/** The place of a file: the deepest folder it lies in. */
export function placeOf(file: string, places: readonly Place[]): Place[] {
  const around = places.filter(({ path }) => path === '' || file === path || file.startsWith(`${path}/`));
  const deepest = Math.max(-1, ...around.map(({ path }) => path.length));
  return around.filter(({ path }) => path.length === deepest);
}
