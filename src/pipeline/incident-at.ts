/** Which incident stands at a place of a sink: in its usual channel, or in one that a route has sent it to. */
import { placeIn, type Route } from '../domain/routing.ts';
import type { Ledger } from '../ports.ts';

export async function incidentAt(
  { sink, channel, messageId }: { readonly sink: string; readonly channel: string; readonly messageId: string },
  routes: readonly Route[],
  ledger: Ledger,
): Promise<string | null> {
  const routed = routes.flatMap(({ channels }) => channels.map(placeIn)).filter((place) => place.sink === sink);
  for (const at of new Set([channel, ...routed.map((place) => place.channel)])) {
    const found = await ledger.incidentAt(sink, at, messageId);
    if (found !== null) return found;
  }
  return null;
}
