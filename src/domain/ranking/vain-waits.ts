/**
 * Clients that say of a store that it did not answer them in time. What their calls to it show, time lost or failures, is then told of both
 * sides: the store may hold them up, by a lock somebody else holds or a disk that is slow for one table, or they ask for too much.
 *
 *   orders ─ UPDATE, 20 s ─ db:ledger, quick for others        orders says "statement timeout (ledger:5432)": orders or ledger
 */
import type { Scene } from './scene.ts';
import { hostOfPeer } from './stores.ts';

/** By number of the window's strings: `client peer`, the peer as spans name it. */
type VainWaits = ReadonlySet<string>;

const memo = new WeakMap<Scene, VainWaits>();

function vainWaits(scene: Scene): VainWaits {
  const known = memo.get(scene);
  if (known) return known;
  const { failing, window } = scene.recent;
  const said = new Map<number, Set<string>>();
  for (const { host, port, manner, relayed, reporter } of failing) {
    const service = manner !== 'timeout' || relayed || host === '' ? undefined : scene.known.resolve(host, port)?.service;
    if (service !== undefined) said.set(reporter, (said.get(reporter) ?? new Set()).add(service));
  }
  const found = new Set<string>();
  memo.set(scene, found);
  if (said.size === 0) return found;
  const { spans, strings } = window;
  const names = new Map<number, string | undefined>();
  for (let row = 0; row < spans.length; row++) {
    const [client, peer] = [spans.service[row]!, spans.peer[row]!];
    if (peer < 0 || !said.has(client)) continue;
    if (!names.has(peer)) names.set(peer, scene.known.resolve(hostOfPeer(strings.text(peer)).toLowerCase(), null)?.service);
    const name = names.get(peer);
    if (name !== undefined && said.get(client)!.has(name)) found.add(`${client} ${peer}`);
  }
  return found;
}

/** Whether a span is a call to a store of which its client says that it waited for it in vain. */
export function isVainWait(scene: Scene, row: number): boolean {
  const { spans } = scene.recent.window;
  return row >= 0 && vainWaits(scene).has(`${spans.service[row]} ${spans.peer[row]}`);
}
