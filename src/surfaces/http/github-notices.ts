/** One GitHub delivery as notices (PROTOCOLS E7). What is not about the default branch, or not an event we know, is none. */
import { z } from 'zod';
import { type ChangeNotice, serviceNamedIn } from '../../domain/change-notice.ts';
import { Failure } from '../../domain/failure.ts';

/** GitHub lists up to 2,048 commits; the newest matter. */
const maxCommits = 50;
const maxFiles = 100;

const Instant = z.iso.datetime({ offset: true });
const Repository = z.object({ full_name: z.string(), default_branch: z.string().nullish() });
const Deployment = z.object({
  id: z.number(),
  sha: z.string(),
  ref: z.string(),
  task: z.string().nullish(),
  environment: z.string(),
  description: z.string().nullish(),
  created_at: Instant,
  payload: z.unknown(),
  production_environment: z.boolean().nullish(),
});
const Files = z.array(z.string()).nullish();
const Push = z.object({
  ref: z.string(),
  deleted: z.boolean().nullish(),
  commits: z.array(
    z.object({
      id: z.string(),
      message: z.string(),
      timestamp: Instant,
      url: z.string().nullish(),
      added: Files,
      modified: Files,
      removed: Files,
    }),
  ),
  repository: Repository,
});
const Created = z.object({ action: z.string().nullish(), deployment: Deployment, repository: Repository });
const StatusTold = Created.extend({ deployment_status: z.object({ state: z.string(), created_at: Instant }) });
const Released = z.object({
  action: z.string(),
  release: z.object({
    tag_name: z.string(),
    name: z.string().nullish(),
    html_url: z.string().nullish(),
    draft: z.boolean().nullish(),
    published_at: Instant.nullish(),
  }),
  repository: Repository,
});

export function noticesIn(event: string, text: string, now: number): ChangeNotice[] {
  if (event === 'push') return pushed(read(Push, text), now);
  if (event === 'deployment') return deployed(read(Created, text), 'created', null);
  if (event === 'deployment_status') {
    const told = read(StatusTold, text);
    return deployed(told, told.deployment_status.state, told.deployment_status.created_at);
  }
  return event === 'release' ? released(read(Released, text)) : [];
}

function read<T>(shape: z.ZodType<T>, text: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Failure('rejected', 'webhook', 'read a delivery of GitHub', { hint: 'the body is not JSON' });
  }
  const found = shape.safeParse(value);
  if (found.success) return found.data;
  const issue = found.error.issues[0];
  throw new Failure('rejected', 'webhook', 'read a delivery of GitHub', {
    hint: issue?.message ?? 'has another shape',
    path: issue?.path.map(String).join('.') ?? '',
  });
}

const firstLine = (text: string): string => text.split('\n', 1)[0]!.trim().slice(0, 200);

function pushed({ ref, deleted, commits, repository }: z.infer<typeof Push>, now: number): ChangeNotice[] {
  if (deleted === true || ref !== `refs/heads/${repository.default_branch ?? 'main'}`) return [];
  return commits.slice(-maxCommits).map((commit) => ({
    repository: repository.full_name,
    kind: 'commit',
    // Clocks of those who commit may be ahead.
    at: Math.min(now, Date.parse(commit.timestamp)),
    sha: commit.id,
    version: null,
    url: commit.url ?? null,
    title: firstLine(commit.message),
    files: [...(commit.added ?? []), ...(commit.modified ?? []), ...(commit.removed ?? [])].slice(0, maxFiles),
    deployment: null,
  }));
}

function deployed({ deployment, repository }: z.infer<typeof Created>, state: string, at: string | null): ChangeNotice[] {
  const { id, sha, ref, task, environment, description, created_at, payload: said, production_environment } = deployment;
  return [
    {
      repository: repository.full_name,
      kind: 'deployment',
      at: Date.parse(at ?? created_at),
      sha,
      version: /^v?\d[\w.+-]*$/.test(ref) && !/^[0-9a-f]{40}$/.test(ref) ? ref : null,
      url: null,
      title: description ? firstLine(description) : null,
      files: [],
      deployment: {
        id,
        state,
        environment,
        isProduction: production_environment ?? null,
        task: task ?? null,
        service: serviceNamedIn(said),
      },
    },
  ];
}

function released({ action, release, repository }: z.infer<typeof Released>): ChangeNotice[] {
  if (release.draft === true || release.published_at == null || !['published', 'released'].includes(action)) return [];
  return [
    {
      repository: repository.full_name,
      kind: 'release',
      at: Date.parse(release.published_at),
      sha: null,
      version: release.tag_name,
      url: release.html_url ?? null,
      title: release.name ? firstLine(release.name) : null,
      files: [],
      deployment: null,
    },
  ];
}
