/**
 * Runs the demo as people run it, with a model behind a stand-in and without any, asks the same question in both, and takes
 * pictures for docs/images: `node test/demo/pictures.ts` by the pinned runtime. Not a test: the demo takes its minute.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { askInThread } from '../end-to-end/ask-in-thread.ts';
import { launchChromium, openPage } from '../support/chromium.ts';
import { colleague } from '../stand-ins/colleague.ts';
import { startOpenai } from '../stand-ins/openai.ts';

const root = join(import.meta.dirname, '..', '..');
const images = join(root, 'docs', 'images');
const question = 'what do you think happened here, and how bad is it?';

async function runDemo(name: string, environment: Readonly<Record<string, string>>, args: readonly string[]): Promise<void> {
  const { PATH, HOME } = process.env;
  const child = spawn('node', [join(root, 'bin', 'tracepulse.mjs'), 'demo', '--fault', 'exception', ...args], {
    env: { PATH, HOME, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const browser = await launchChromium();
  try {
    let url = '';
    for await (const line of createInterface({ input: child.stdout })) {
      process.stdout.write(`${line}\n`);
      url = /(http:\/\/127\.0\.0\.1:\d+)\/chat/.exec(line)?.[1] ?? url;
      if (line.includes('Ctrl-C')) break;
    }
    const page = await openPage(browser, { viewport: { width: 1180, height: 900 } });
    await page.goto(`${url}/chat`);
    const card = page.locator('.row', { hasText: 'Most likely cause' }).first();
    await card.waitFor();
    // The model's words come a moment after the report, and anew where the ranking outran them.
    const words = card.getByText(/seldom gets to|fails in \S+ itself and nowhere below/).first();
    const isWorded = async () => (args.length > 0 ? words.waitFor() : undefined);
    await isWorded();
    await card.hover();
    await card.getByRole('button', { name: 'Reply in thread' }).click();
    const answer = await askInThread(page, question);
    await card.locator('.row-name').first().scrollIntoViewIfNeeded();
    await answer.getByRole('group', { name: 'Feedback' }).scrollIntoViewIfNeeded();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.mouse.move(0, 0);
      await isWorded();
      await page.screenshot({ path: join(images, `${name}-${colorScheme}.png`), caret: 'hide', animations: 'disabled' });
    }
  } finally {
    await browser.close();
    child.kill('SIGINT');
  }
}

const server = await startOpenai();
server.write(colleague);
await runDemo('demo-with-model', { OPENAI_BASE_URL: server.url, OPENAI_MODEL: 'small-1', OPENAI_API_KEY: 'k' }, ['--model']);
await server.stop();
await runDemo('demo-without-model', {}, []);
