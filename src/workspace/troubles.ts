/** A workspace's bad days, on demand: sockets that come and go, silence, a revoked installation. Faults of calls: faults.ts. */
import type { Core } from './core.ts';
import { tellApp } from './dispatch.ts';

export function createTroubles(core: Core) {
  let release: (() => void) | null = null;
  let paused: Promise<void> | null = null;
  const some = (which: 'oldest' | 'all'): readonly number[] => core.sockets.connections().slice(0, which === 'all' ? undefined : 1);

  return {
    connections: (): number => core.sockets.connections().length,
    /** Asks one socket (the oldest), or all, to come back. `warning` first changes nothing yet. */
    refreshSockets(
      which: 'oldest' | 'all' = 'oldest',
      reason: 'warning' | 'refresh_requested' | 'link_disabled' = 'refresh_requested',
    ): void {
      for (const id of some(which)) core.sockets.refresh(id, reason);
    },
    /** The network breaks without a goodbye. */
    cutSockets(which: 'oldest' | 'all' = 'all'): void {
      for (const id of some(which)) core.sockets.cut(id);
    },
    /** Nothing is answered, read or ponged until `resume`. */
    pause(): void {
      if (paused !== null) return;
      paused = new Promise((resolve) => {
        release = resolve;
      });
      core.sockets.hold(true);
    },
    resume(): void {
      release?.();
      release = null;
      paused = null;
      core.sockets.hold(false);
    },
    isPaused: (): boolean => paused !== null,
    /** Resolves at once, or when the pause is over. */
    awaitResume: (): Promise<void> => paused ?? Promise.resolve(),
    /** The installation is taken back: every call answers token_revoked from now on. */
    revokeTokens(): void {
      tellApp(core, 'tokens_revoked', { type: 'tokens_revoked', tokens: { bot: [core.app.botUser] }, event_ts: core.store.nextTs() });
      core.tokens.isRevoked = true;
    },
    restoreTokens(): void {
      core.tokens.isRevoked = false;
    },
  };
}
