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
  /** The service that whoever deployed named beside it. */
  readonly service: string | null;
}

/** The kind under which notices lie in the inbox. */
export const noticeKind = 'change-notices';

const maxNameLength = 200;

/** Free text or an object may go along with a deployment; a `service` in it says whose it is. The rest, of any size, is not kept. */
export function serviceNamedIn(said: unknown): string | null {
  let value = said;
  if (typeof value === 'string' && value.startsWith('{')) {
    try {
      value = JSON.parse(value);
    } catch {
      return null;
    }
  }
  const service = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)['service'] : null;
  return typeof service === 'string' && service !== '' && service.length <= maxNameLength ? service : null;
}
