/** For each source of changes the stand-in it is tried against. */
import type { Window } from '../../../src/domain/evidence.ts';
import { type Fault, startGitHub } from '../../stand-ins/github.ts';

export interface ChangeSourceFixture {
  readonly settings: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  /** Puts in more than one change of `cart` within the window, and some outside. */
  fill(window: Window): void;
  /** Every request from now on is answered with this. */
  fail(fault: Fault): void;
  hang(): void;
  stop(): void;
}

export const fixtures: Readonly<Record<string, () => Promise<ChangeSourceFixture>>> = {
  async github() {
    const hub = await startGitHub();
    return {
      settings: { GITHUB_TOKEN: hub.token, GITHUB_API_URL: hub.url, GITHUB_REPOSITORIES: 'acme/shop:cart' },
      secrets: [hub.token],
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
  },
};
