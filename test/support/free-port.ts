import { createServer } from 'node:net';

/**
 * Below where Linux begins to take ports for connections that go out (32768, ip_local_port_range): a server that stops and
 * comes back finds its port as it left it, though clients knock at it all the while.
 */
const [lowest, highest] = [12_000, 32_000];
const given = new Set<number>();

/** A port that nothing listens on and no test of this process was given, for a program that must be told one. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
