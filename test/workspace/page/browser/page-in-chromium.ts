/** The page on a real port, a bot on the real Bolt client, and Debian's Chromium in front of it. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { createPage, type PageOptions } from '../../../../src/workspace/page/page.ts';
import { startWorkspaceServer, type WorkspaceServer } from '../../../../src/workspace/server.ts';
import { createWorkspace, type Workspace } from '../../../../src/workspace/workspace.ts';
import { launchChromium, openPage } from '../../../support/chromium.ts';
import { freePort } from '../../../support/free-port.ts';
import { type RunningApp, startBolt } from '../../bolt.ts';
import { shopBot } from '../shop-bot.ts';

export interface Stage {
  readonly workspace: Workspace;
  readonly server: WorkspaceServer;
  readonly bot: RunningApp;
  readonly browser: Browser;
  /** A tab of its own, with its own cookies. */
  open(options?: BrowserContextOptions): Promise<{ readonly page: Page; readonly problems: string[] }>;
  /** Takes the server away; what comes back brings it up again on its port. */
  unplug(): Promise<() => Promise<void>>;
  stop(): Promise<void>;
}

export async function setStage(options: PageOptions = {}): Promise<Stage> {
  const workspace = createWorkspace();
  const chat = createPage(workspace, options);
  const listen = (port: number): Promise<WorkspaceServer> =>
    startWorkspaceServer({ workspace, port, fallback: (request) => chat.handle(request, '127.0.0.1') });
  // Not one that the system may lend to a connection while the server is away.
  const server = await listen(await freePort());
  let running = server;
  const bot = await startBolt(server, shopBot);
  const browser = await launchChromium();
  return {
    workspace,
    server,
    bot,
    browser,
    async open(contextOptions) {
      const page = await openPage(browser, { viewport: { width: 1280, height: 860 }, ...contextOptions });
      const problems: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
      });
      page.on('pageerror', (error) => problems.push(String(error)));
      page.on('request', (request) => {
        if (!request.url().startsWith(server.url)) problems.push(`asked ${request.url()}`);
      });
      await page.goto(`${server.url}/chat`);
      return { page, problems };
    },
    async unplug() {
      await running.stop();
      return async () => {
        running = await listen(Number(new URL(server.url).port));
      };
    },
    async stop() {
      await browser.close();
      chat.close();
      await bot.stop();
      await running.stop();
      workspace.close();
    },
  };
}
