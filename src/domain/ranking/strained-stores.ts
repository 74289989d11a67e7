/**
 * A store that sends no spans and that no span names: all that its client shows of it is a step by the name of the store's command. Where
 * such steps take longer, and the one service without spans that is at work for far more than it ever was is no other's, they wait for it.
 *
 *   cart ── "HGET" 0.6 ms → 130 ms        cart-store: CPU 4 % → 90 %        cart waits for it
 */
import { storeCommand } from '../baseline/cache-text.ts';
import { spanKind } from '../telemetry.ts';
import { wasReleased } from './releases.ts';
import type { Scene } from './scene.ts';
import type { Shift } from './shifts.ts';
import type { Slowness } from './slowness.ts';

/** What is slower by less than this share of it is not as much so. */
const asMuch = 0.5;

/** The same, with steps that wait for the only strained service without spans laid at its door. `strained`: by name (see `resources.ts`). */
export function withStrainedStore(scene: Scene, slowness: Slowness, strained: ReadonlySet<string>): Slowness {
  const silent = [...strained].filter((name) => isSilent(scene, name));
  const [store] = silent;
  if (store === undefined || silent.length > 1) return slowness;
  const clients = [...slowness.own].filter(([service, list]) => !strained.has(service) && list.some((shift) => isWaiting(scene, shift)));
  // Several clients may each wait for a store of their own.
  const [client] = clients;
  if (client === undefined || clients.length > 1) return slowness;
  const [service, list] = client;
  if (wasReleased(scene, service)) return slowness;
  const waits = list.filter((shift) => isWaiting(scene, shift));
  // Who is slow himself is slow at such steps as well.
  const top = Math.max(...waits.map(({ strength }) => strength));
  if (list.some((shift) => !waits.includes(shift) && shift.strength >= asMuch * top)) return slowness;
  const own = new Map(slowness.own);
  own.set(
    service,
    list.filter((shift) => !waits.includes(shift)),
  );
  if (own.get(service)!.length === 0) own.delete(service);
  own.set(
    store,
    [...waits, ...(own.get(store) ?? [])].sort((a, b) => b.strength - a.strength),
  );
  scene.known.addEdge(service, store);
  return { ...slowness, own };
}

function isSilent({ recent, normal, lexicon }: Scene, name: string): boolean {
  const number = lexicon.id(name);
  return recent.spans.sum(number) + normal.spans.sum(number) === 0;
}

/** Whether it is a step by the name of a store's command, which says of no store whose. */
function isWaiting({ recent, lexicon }: Scene, { series }: Shift): boolean {
  const { spans } = recent.window;
  const [kind, , operation = ''] = lexicon.parts(series);
  const row = recent.delays.get(series)?.rows[0];
  if (kind !== 'D' || row === undefined || !storeCommand.test(operation)) return false;
  return spans.peer[row]! < 0 && spans.kind[row] !== spanKind.server;
}
