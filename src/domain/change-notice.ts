/**
 * What a forge tells by itself about a repository, as it is kept until somebody investigates. Which service it concerns is
 * decided then: the map may know more by that time.
 */
export interface ChangeNotice {
  /** `owner/name`. */
  readonly repository: string;
  readonly kind: 'commit' | 'deployment' | 'release';
  readonly at: number;
  readonly sha: string | null;
  readonly version: string | null;
  readonly url: string | null;
  readonly title: string | null;
  readonly files: readonly string[];
  /** Only of deployments. */
  readonly deployment: DeploymentNotice | null;
}

export interface DeploymentNotice {
  readonly id: number;
  /** `created`, else the state of the status told of: `in_progress`, `success`, `failure`. */
  readonly state: string;
  readonly environment: string;
  readonly isProduction: boolean | null;
  readonly task: string | null;
  /** What whoever deployed said beside it; may name the service. */
  readonly said: unknown;
}

/** The kind under which notices lie in the inbox. */
export const noticeKind = 'change-notices';
