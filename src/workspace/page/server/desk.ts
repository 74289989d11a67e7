/** What every request of the page is answered with: the workspace, who may come in, and the page's own files. */
import type { Workspace } from '../../workspace.ts';
import type { Assets } from './assets.ts';
import type { Attempts } from './attempts.ts';
import type { Sessions } from './session.ts';
import type { StreamHub } from './stream.ts';

export interface Desk {
  readonly workspace: Workspace;
  readonly password: string | undefined;
  readonly sessions: Sessions;
  readonly attempts: Attempts;
  readonly assets: Assets;
  readonly stream: StreamHub;
}
