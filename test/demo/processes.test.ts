import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { freePort, given, startProcess } from '../../src/demo/processes.ts';

const script = (text: string) => [process.execPath, '-e', text];
const env = given({ PATH: process.env['PATH'] });

describe('startProcess', () => {
  it('says how a process ended, and keeps what it complained of', async () => {
    const started = startProcess('the thing', script("console.error('first'); console.error('no way'); process.exitCode = 3"), env);
    expect(await started.ended).toBe('the thing has ended with code 3');
    expect(started.complaints()).toBe('first\nno way');
    await started.stop();
  });

  it('says when there is nothing to start', async () => {
    const started = startProcess('the thing', ['/nowhere/at-all'], env);
    expect(await started.ended).toContain('the thing could not be started');
  });

  it('stops a process, and is content when it is gone', async () => {
    const started = startProcess('the thing', script("setInterval(() => {}, 1000); console.log('up')"), env);
    await new Promise((resolve) => started.child.stdout?.once('data', resolve));
    await started.stop();
    expect(await started.ended).toBe('the thing has ended by SIGTERM');
    await started.stop();
  });

  it('gives a process the environment it is told to, and no other', async () => {
    const started = startProcess('the thing', script('console.error(Object.keys(process.env).includes("SLACK_BOT_TOKEN"))'), env);
    await started.ended;
    expect(started.complaints()).toBe('false');
  });
});

describe('freePort', () => {
  it('finds one, takes the one that is wanted, and says when that is taken', async () => {
    const found = await freePort(0);
    expect(found).toBeGreaterThan(0);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await freePort(port)).toBeNull();
    await new Promise((resolve) => server.close(resolve));
    expect(await freePort(port)).toBe(port);
  });
});
