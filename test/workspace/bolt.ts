/** The real Bolt client, wired as the product wires it: two receivers, init by hand, own retries (SLACK.md 2.4). */
import { App, LogLevel, SocketModeReceiver } from '@slack/bolt';
import type { WorkspaceServer } from '../../src/workspace/server.ts';
import { patienceMs } from '../support/patience.ts';

export interface RunningApp {
  readonly app: App;
  stop(): Promise<void>;
}

export async function startBolt(server: WorkspaceServer, listen: (app: App) => void): Promise<RunningApp> {
  const { workspace, apiUrl: slackApiUrl } = server;
  const web = {
    slackApiUrl,
    timeout: patienceMs,
    rejectRateLimitedCalls: true,
    retryConfig: { retries: 2, minTimeout: 10, maxTimeout: 50 },
  };
  const socketWeb = { slackApiUrl, timeout: patienceMs, retryConfig: { retries: 1_000, factor: 1.3, maxTimeout: 1_000 } };
  const receiver = (): SocketModeReceiver =>
    new SocketModeReceiver({
      appToken: workspace.tokens.app,
      clientPingTimeout: patienceMs,
      logLevel: LogLevel.ERROR,
      installerOptions: { clientOptions: socketWeb },
    });
  const [first, second] = [receiver(), receiver()];
  const app = new App({
    token: workspace.tokens.bot,
    receiver: first,
    deferInitialization: true,
    clientOptions: web,
    logLevel: LogLevel.ERROR,
  });
  second.init(app);
  listen(app);
  await app.init();
  await app.start();
  await second.start();
  return {
    app,
    async stop() {
      await Promise.all([app.stop(), second.stop()]);
      // Bolt resolves before its sockets have said goodbye.
      await eventually(server, () => (workspace.connections() === 0 ? true : undefined));
    },
  };
}

/** Resolves with the first value that is not undefined, asked again whenever anything changes. */
export function eventually<Value>({ workspace }: WorkspaceServer, ask: () => Value | undefined): Promise<Value> {
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => finish(() => reject(new Error(`never came true: ${ask.toString()}`))), patienceMs);
    const again = setInterval(look, 20);
    const unsubscribe = workspace.subscribe(look);
    function finish(end: () => void): void {
      clearTimeout(deadline);
      clearInterval(again);
      unsubscribe();
      end();
    }
    function look(): void {
      const value = ask();
      if (value !== undefined) finish(() => resolve(value));
    }
    look();
  });
}
