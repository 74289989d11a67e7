import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { demo } from '../../src/demo/demo.ts';

const folder = mkdtempSync(join(tmpdir(), 'demo-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(args: readonly string[], environment: Record<string, string>, script = '') {
  const printed: string[] = [];
  const code = await demo({
    args,
    environment: { PATH: process.env['PATH'], ...environment },
    self: [process.execPath, '-e', script, '--'],
    print: (text) => void printed.push(text),
    describe: () => '',
  });
  return { code, text: printed.join('\n') };
}

describe('demo', () => {
  it('says in one sentence that the port is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await run(['--exit'], { PORT: String(port) })).toEqual({
      code: 1,
      text: `Port ${port} is taken or is none: set PORT to a free one, or leave it unset and the demo finds one.`,
    });
    await new Promise((resolve) => server.close(resolve));
    expect((await run(['--exit'], { PORT: '99999' })).code).toBe(1);
  });

  it.each([[['--fault', 'nothing']], [['--fault=']], [['--quick']]])('refuses %j and says what it takes', async (args) => {
    const { code, text } = await run(args, {});
    expect(code).toBe(64);
    expect(text).toBe(
      'The demo takes --exit, --model (asks the one that OPENAI_BASE_URL or OPENAI_API_KEY names) and --fault NAME, where NAME is one of: session-drop, exception, slow, vanished-call, any.',
    );
  });

  it('shows what the product complained of when it does not start, and leaves no file', async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('tracepulse-demo-'));
    const { code, text } = await run(['--exit'], {}, 'console.error("the disk is full"); process.exit(78)');
    expect(code).toBe(1);
    expect(text).toContain('the disk is full\nThe demo ends: TracePulse has ended with code 78.');
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('tracepulse-demo-'))).toEqual(before);
  });
});
