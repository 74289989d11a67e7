/** Of GitHub's answers (PROTOCOLS E1, E2) the fields that are used. */
import { z } from 'zod';

const Instant = z.iso.datetime({ offset: true });

const File = z.object({ filename: z.string(), patch: z.string().optional() });

export const Commit = z.object({
  sha: z.string(),
  html_url: z.string(),
  commit: z.object({ message: z.string(), committer: z.object({ date: Instant.optional() }).nullable() }),
  files: z.array(File).optional(),
});
export type Commit = z.infer<typeof Commit>;
export const Commits = z.array(Commit);

export const Comparison = z.object({
  html_url: z.string(),
  ahead_by: z.number(),
  behind_by: z.number(),
  commits: z.array(Commit),
  files: z.array(File).optional(),
});
export type Comparison = z.infer<typeof Comparison>;

export const Deployment = z.object({
  id: z.number(),
  sha: z.string(),
  ref: z.string(),
  task: z.string().nullish(),
  environment: z.string(),
  description: z.string().nullish(),
  created_at: Instant,
  payload: z.unknown(),
  transient_environment: z.boolean().nullish(),
  production_environment: z.boolean().nullish(),
});
export type Deployment = z.infer<typeof Deployment>;
export const Deployments = z.array(Deployment);

export const Status = z.object({ state: z.string(), created_at: Instant, environment_url: z.string().nullish() });
export type Status = z.infer<typeof Status>;
export const Statuses = z.array(Status);

const Release = z.object({
  tag_name: z.string(),
  html_url: z.string(),
  name: z.string().nullish(),
  draft: z.boolean(),
  published_at: Instant.nullish(),
});
export const Releases = z.array(Release);

export const Reference = z.object({ object: z.object({ type: z.string(), sha: z.string() }) });
export const Tag = z.object({ object: z.object({ sha: z.string() }) });
export const Pulls = z.array(z.object({ number: z.number(), title: z.string(), html_url: z.string(), merged_at: z.string().nullish() }));
export const Repositories = z.array(z.object({ full_name: z.string(), pushed_at: z.string().nullish() }));
export const Installed = z.object({ repositories: Repositories });
export const Folder = z.array(z.object({ type: z.string(), name: z.string(), path: z.string() }));
