/**
 * Delay on the way, as measurements of calls show it: a service whose calls to all it asks take longer at once, by its own account alone,
 * and for which whoever asks it waits as well. What all those calls have in common is that service (`outbound.ts` asks the same of spans).
 * Of one call alone either end may be why, unless one of them says that it loses packets.
 *
 *   web ─ +200 ms ─ prices ─ +200 ms ─ cache        cache and rates tell of no longer times, or of none: prices
 *                          └ +200 ms ─ rates
 */
import { type Edge, type EdgeTimes, isSlower, riseOf } from './edge-times.ts';

/** A callee that takes longer itself by this part of what its caller waits longer is no way. */
const goodPart = 0.5;

/** The services that delay the calls they make and take; `losing`: those that lose packets. */
export function delayedBothWays({ edges, told }: EdgeTimes, losing: ReadonlySet<string>): Set<string> {
  const found = new Set<string>();
  for (const [caller, calls] of Map.groupBy(edges, ({ client }) => client)) {
    const delay = Math.max(...calls.filter(isSlower).map(riseOf));
    // What takes longer than the delay anyway would not show it.
    const mine = calls.filter((edge) => isSlower(edge) || edge.usual < delay);
    const callees = new Set(mine.map(({ server }) => server));
    const isLosing = losing.has(caller) && ![...callees].some((callee) => losing.has(callee));
    if ((callees.size < 2 && !isLosing) || mine.length === 0 || !mine.every(isSlower)) continue;
    const inbound = edges.filter(({ server }) => server === caller);
    if (inbound.length === 0 || !inbound.every(isSlower)) continue;
    const isOnTheWay = (edge: Edge): boolean =>
      !(told.get(edge.server) ?? []).some((times) => riseOf(times) >= goodPart * riseOf(edge)) &&
      !edges.some((other) => (other.server === edge.server ? other.client !== caller : other.client === edge.server) && isSlower(other));
    if (mine.every(isOnTheWay)) found.add(caller);
  }
  return found;
}
