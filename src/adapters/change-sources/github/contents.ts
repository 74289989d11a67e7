/** What a change altered, file by file: files tools write are left out, and what is kept of patches is bounded. */
import type { FilePatch } from '../../../domain/change.ts';
import { isWrittenByTools } from '../../../domain/diff.ts';
import type { GitHub } from './questions.ts';
import { Commit, Comparison, Pulls } from './shapes.ts';

const maxFiles = 100;
const maxPatchLength = 24_000;
const maxPatchesLength = 240_000;
/** GitHub lists no more than this many files of a comparison (PROTOCOLS E1). */
const maxComparedFiles = 300;
/** Commits of a comparison come a hundred a page, oldest first. */
const maxComparePages = 5;

export interface Contents {
  /** Oldest first. */
  readonly commits: readonly Commit[];
  readonly files: readonly string[];
  readonly patches: readonly FilePatch[];
  readonly url: string | null;
  /** What was taken back rather than added. */
  readonly isRollback: boolean;
  readonly isCut: boolean;
}

interface Asking {
  readonly github: GitHub;
  readonly repository: string;
  readonly signal: AbortSignal;
}

export const ownerAndRepo = (repository: string): { owner: string; repo: string } => {
  const at = repository.indexOf('/');
  return { owner: repository.slice(0, at), repo: repository.slice(at + 1) };
};

/** From one deployed commit to the next. Deploying an older one compares empty; the swapped comparison says what is gone. */
export async function between(asking: Asking, base: string, head: string): Promise<Contents | null> {
  const found = await compared(asking, base, head);
  if (found === null) return null;
  const [first] = found;
  if (first !== undefined && first.ahead_by === 0 && first.behind_by > 0) {
    const swapped = await compared(asking, head, base);
    return swapped === null ? null : contentsOf(swapped, true);
  }
  return contentsOf(found, false);
}

async function compared({ github, repository, signal }: Asking, base: string, head: string): Promise<Comparison[] | null> {
  const { pages } = await github.pages(
    {
      attempt: `compare two commits of ${repository}`,
      route: 'GET /repos/{owner}/{repo}/compare/{basehead}',
      parameters: { ...ownerAndRepo(repository), basehead: `${base}...${head}`, per_page: 100 },
      shape: Comparison,
      signal,
    },
    maxComparePages,
    () => false,
  );
  return pages;
}

function contentsOf(pages: readonly Comparison[], isRollback: boolean): Contents {
  const files = pages.flatMap((page) => page.files ?? []);
  const commits = pages.flatMap((page) => page.commits);
  const total = pages[0]?.ahead_by ?? commits.length;
  return {
    commits,
    ...bounded(files),
    url: pages[0]?.html_url ?? null,
    isRollback,
    isCut: files.length >= maxComparedFiles || commits.length < total,
  };
}

export async function ofCommit({ github, repository, signal }: Asking, sha: string): Promise<Contents | null> {
  const commit = await github.maybe({
    attempt: `read a commit of ${repository}`,
    route: 'GET /repos/{owner}/{repo}/commits/{ref}',
    parameters: { ...ownerAndRepo(repository), ref: sha },
    shape: Commit,
    signal,
  });
  if (commit === null) return null;
  return { commits: [commit], ...bounded(commit.files ?? []), url: commit.html_url, isRollback: false, isCut: false };
}

/** The pull request that brought a commit in, where there is one. */
export async function pullOf({ github, repository, signal }: Asking, sha: string) {
  const pulls = await github.maybe({
    attempt: `list pull requests of a commit of ${repository}`,
    route: 'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls',
    parameters: { ...ownerAndRepo(repository), commit_sha: sha },
    shape: Pulls,
    signal,
  });
  return pulls?.find((pull) => pull.merged_at != null) ?? null;
}

function bounded(files: readonly { filename: string; patch?: string | undefined }[]) {
  const written = files.filter(({ filename }) => !isWrittenByTools(filename)).slice(0, maxFiles);
  const patches: FilePatch[] = [];
  let room = maxPatchesLength;
  for (const { filename, patch } of written) {
    if (patch === undefined || patch.length > room) continue; // binary, too large for GitHub, or for us
    const part = patch.slice(0, maxPatchLength);
    room -= part.length;
    patches.push({ file: filename, patch: part });
  }
  return { files: written.map(({ filename }) => filename), patches };
}

/** First line of a message, as a title. */
export const titleOf = (message: string): string => message.split('\n', 1)[0]!.trim().slice(0, 200);
