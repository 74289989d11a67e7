import { describe, expect, it } from 'vitest';
import { createStreamHub, type StreamHub } from '../../../../src/workspace/page/server/stream.ts';
import type { PageChange } from '../../../../src/workspace/page/wire.ts';

const never = () => () => undefined;
const sockets = (connections: number): PageChange => ({ kind: 'sockets', connections });

/** Everything a person who connects now is sent until the hub closes. */
async function readToEnd(
  hub: StreamHub,
  person: string,
  lastEventId: string | null,
  during: () => void = () => undefined,
): Promise<string> {
  const stream = hub.open(person, lastEventId, () => true);
  during();
  hub.close();
  return new Response(stream).text();
}

describe('createStreamHub', () => {
  it('tells what happens from now on, each with its number', async () => {
    const hub = createStreamHub(never);
    hub.publish(() => sockets(1));
    const text = await readToEnd(hub, 'ana', null, () => hub.publish(() => sockets(2)));
    expect(text).not.toContain('"connections":1');
    expect(text).toMatch(/id: [\w-]+\.2\ndata: {"kind":"sockets","connections":2}\n\n/);
  });

  it('tells a person only what they may see', async () => {
    const hub = createStreamHub(never);
    const text = await readToEnd(hub, 'ben', hub.position(), () => {
      hub.publish((person) => (person === 'ana' ? sockets(7) : null));
      hub.publish(() => sockets(8));
    });
    expect(text).not.toContain('"connections":7');
    expect(text).toContain('"connections":8');
  });

  it('continues after the last id, with what was missed and nothing twice', async () => {
    const hub = createStreamHub(never);
    hub.publish(() => sockets(1));
    const position = hub.position();
    hub.publish(() => sockets(2));
    hub.publish((person) => (person === 'ana' ? sockets(3) : null));
    const text = await readToEnd(hub, 'ben', position);
    expect(text).toContain('"connections":2');
    expect(text).not.toMatch(/"connections":[13]/);
    expect(text).not.toContain('reload');
  });

  it.each(['other.1', 'nonsense', ''])('asks a browser with the unknown id "%s" to load anew', async (id) => {
    expect(await readToEnd(createStreamHub(never), 'ana', id)).toContain('{"kind":"reload"}');
  });

  it('asks a browser that was away too long to load anew', async () => {
    const hub = createStreamHub(never);
    const position = hub.position();
    for (let count = 0; count < 5_000; count += 1) hub.publish(() => sockets(count));
    expect(await readToEnd(hub, 'ana', position)).toContain('{"kind":"reload"}');
  });

  it('keeps silent connections open', async () => {
    let beat = (): void => undefined;
    const hub = createStreamHub((_, act) => {
      beat = act;
      return () => undefined;
    });
    expect(await readToEnd(hub, 'ana', null, () => beat())).toContain(': still here\n\n');
  });

  it('ends with the session it was opened in', async () => {
    const hub = createStreamHub(never);
    let isLoggedIn = true;
    const stream = hub.open('ana', null, () => isLoggedIn);
    hub.publish(() => sockets(1));
    isLoggedIn = false;
    hub.publish(() => sockets(2));
    const text = await new Response(stream).text();
    expect(text).toContain('"connections":1}');
    expect(text).not.toContain('"connections":2}');
  });

  it('cuts off a reader that does not read', async () => {
    const hub = createStreamHub(never);
    const stream = hub.open('ana', null, () => true);
    for (let count = 0; count < 3_000; count += 1) hub.publish(() => sockets(count));
    const text = await new Response(stream).text();
    expect(text).toContain('"connections":900}');
    expect(text).not.toContain('"connections":1100}');
  });
});
