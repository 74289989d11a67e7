/** Something somebody altered: a commit, a deployment, a release, a flag, a configuration. */
export const changeKinds = ['release', 'deployment', 'commit', 'flag', 'configuration'] as const;
export type ChangeKind = (typeof changeKinds)[number];

/** What can say that a change runs: whoever deployed it, or the version that telemetry carries. */
export const deploymentWitnesses = ['deployment', 'telemetry'] as const;
export type DeploymentWitness = (typeof deploymentWitnesses)[number];

/** What a change did to one file, as a unified diff without the file's headers. */
export interface FilePatch {
  readonly file: string;
  readonly patch: string;
}

export interface Change {
  readonly kind: ChangeKind;
  readonly service: string;
  /** When it began to take effect, ms since the epoch. */
  readonly startedAt: number;
  /** Moments at which further replicas got it. */
  readonly steps: readonly number[];
  readonly version: string | null;
  readonly sha: string | null;
  readonly url: string | null;
  readonly title: string | null;
  readonly files: readonly string[];
  /** Who says that it runs; null: nobody does, it is merged or announced only. Not given: the source tells of running ones alone. */
  readonly deployedBy?: DeploymentWitness | null;
  /** Bounded; not given where the source has no diffs. */
  readonly patches?: readonly FilePatch[];
}

/** What is merged but not deployed cannot have broken anything, however well it would fit. */
export function isDeployed({ kind, deployedBy }: Change): boolean {
  return kind !== 'commit' && deployedBy !== null;
}

/** Two sources tell of one change when they name the same thing at about the same time: a rollout takes minutes to be said everywhere. */
const sameWithinMs = 15 * 60_000;

/**
 * What several sources know, oldest first, each change once: the earlier source's word stands and the later one fills what
 * it left open. Within one source nothing is merged; it knows what it lists.
 */
export function mergeChanges(answers: readonly (readonly Change[])[]): Change[] {
  const merged: Change[] = [];
  for (const answer of answers) {
    const before = merged.length;
    for (const change of answer) {
      const twin = merged.findIndex((other, i) => i < before && isSame(other, change));
      if (twin < 0) merged.push(change);
      else merged[twin] = filled(merged[twin]!, change);
    }
  }
  return merged.sort((a, b) => a.startedAt - b.startedAt);
}

function isSame(a: Change, b: Change): boolean {
  if (a.service !== b.service || Math.abs(a.startedAt - b.startedAt) > sameWithinMs) return false;
  if (a.kind !== b.kind && !isSighting(a) && !isSighting(b)) return false;
  if (a.sha !== null && b.sha !== null) return a.sha === b.sha;
  return a.version !== null && b.version !== null && bare(a.version) === bare(b.version);
}

/** Telemetry shows that another version runs, and not by what it came there: a deployment of that version is the same thing. */
function isSighting({ kind, sha, deployedBy }: Change): boolean {
  return kind === 'release' && sha === null && deployedBy === 'telemetry';
}

const bare = (version: string): string => version.replace(/^v(?=\d)/, '');

function filled(a: Change, b: Change): Change {
  const deployedBy = a.deployedBy ?? b.deployedBy;
  const patches = a.patches ?? b.patches;
  return {
    ...a,
    startedAt: Math.min(a.startedAt, b.startedAt),
    version: a.version ?? b.version,
    sha: a.sha ?? b.sha,
    url: a.url ?? b.url,
    title: a.title ?? b.title,
    files: a.files.length > 0 ? a.files : b.files,
    ...(deployedBy === undefined ? {} : { deployedBy }),
    ...(patches === undefined ? {} : { patches }),
  };
}
