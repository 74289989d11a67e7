/** For each source of changes the stand-in it is tried against. */
import type { Window } from '../../../src/domain/evidence.ts';
import { type Fault, type GitHubStandIn, startGitHub } from '../../stand-ins/github.ts';

export interface ChangeSourceFixture {
  readonly settings: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  /** What failures name, where that is not the adapter's id. */
  readonly system?: string;
  /** Puts in more than one change of `cart` within the window, and some outside. */
  fill(window: Window): void;
  /** Every request from now on is answered with this. */
  fail(fault: Fault): void;
  hang(): void;
  stop(): void;
}

const place = 'acme/shop:cart';

async function onGitHub(credentialsOf: (hub: GitHubStandIn) => Record<string, string>): Promise<ChangeSourceFixture> {
  const hub = await startGitHub();
  const credentials = credentialsOf(hub);
  return {
    settings: { ...credentials, GITHUB_API_URL: hub.url, GITHUB_REPOSITORIES: place },
    secrets: [hub.token, ...Object.values(credentials).filter((value) => value.length > 10), 'ghs_standIn'],
    system: 'github',
    fill({ fromMs, toMs }) {
      for (const at of [fromMs - 3_600_000, toMs - 7_200_000, toMs - 3_600_000, toMs + 3_600_000]) {
        const sha = hub.commit(at, `At ${at}`, { 'cart.js': `export const at = ${at};\n` });
        hub.status(hub.deploy(at, sha), at, 'success');
      }
    },
    fail: (fault) => hub.fail(fault, 'always'),
    hang: hub.hang,
    stop: hub.stop,
  };
}

export const fixtures: Readonly<Record<string, () => Promise<ChangeSourceFixture>>> = {
  github: () => onGitHub(({ token }) => ({ GITHUB_TOKEN: token })),
  'github-app': () =>
    onGitHub(({ appKey }) => ({ GITHUB_APP_ID: '4711', GITHUB_APP_INSTALLATION_ID: '815', GITHUB_APP_PRIVATE_KEY: appKey })),
};
