/** Something somebody altered: a commit, a deployment, a release, a flag, a configuration. */
export const changeKinds = ['release', 'deployment', 'commit', 'flag', 'configuration'] as const;
export type ChangeKind = (typeof changeKinds)[number];

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
}
