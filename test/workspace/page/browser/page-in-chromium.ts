/** The page on a real port, a bot on the real Bolt client, and Debian's Chromium in front of it. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { createPage, type PageOptions } from '../../../../src/workspace/page/page.ts';
import { startWorkspaceServer, type WorkspaceServer } from '../../../../src/workspace/server.ts';
import { createWorkspace, type Workspace } from '../../../../src/workspace/workspace.ts';
import { type RunningApp, startBolt } from '../../bolt.ts';
import { shopBot } from '../shop-bot.ts';

const executablePath = '/usr/bin/chromium';
export const hasChromium = existsSync(executablePath);

export interface Stage {
  readonly workspace: Workspace;
  readonly server: WorkspaceServer;
  readonly bot: RunningApp;
  readonly browser: Browser;
  /** A tab of its own, with its own cookies. */
  open(
    options?: Parameters<Browser['newContext']>[0],
  ): Promise<{ readonly page: Page; readonly context: BrowserContext; readonly problems: string[] }>;
  /** Takes the server away; what comes back brings it up again on its port. */
  unplug(): Promise<() => Promise<void>>;
  stop(): Promise<void>;
}

export async function setStage(options: PageOptions = {}): Promise<Stage> {
  const workspace = createWorkspace();
  const chat = createPage(workspace, options);
  const listen = (port: number): Promise<WorkspaceServer> =>
    startWorkspaceServer({ workspace, port, fallback: (request) => chat.handle(request, '127.0.0.1') });
  const server = await listen(0);
  let running = server;
  const bot = await startBolt(server, shopBot);
  const browser = await chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
  return {
    workspace,
    server,
    bot,
    browser,
    async open(contextOptions) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, timezoneId: 'Europe/Berlin', ...contextOptions });
      const page = await context.newPage();
      page.setDefaultTimeout(8_000);
      const problems: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
      });
      page.on('pageerror', (error) => problems.push(String(error)));
      page.on('request', (request) => {
        if (!request.url().startsWith(server.url)) problems.push(`asked ${request.url()}`);
      });
      await page.goto(`${server.url}/chat`);
      return { page, context, problems };
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
