/**
 * A service that reaches none of those it calls, while these go on with their work and nobody else fails to reach them:
 * its own name look-ups, its way out or its proxy are broken, rather than several of its callees at once.
 */
import type { Period } from '../baseline/period.ts';

/** What one service says of another that it could not reach. */
export interface Complaint {
  readonly reporter: number;
  readonly service: string;
  /** It is that service's fault, by the complaint alone. */
  readonly isUnreachable: boolean;
  /** 1 where it fails to the end. */
  readonly lasting: number;
  readonly since: number;
  /** It could not even look the name up: that tells nothing of who has it. */
  readonly isBlind: boolean;
}

/** From this on it is taken to fail for good. */
const forGood = 0.7;
/** One alone is as likely at fault as whoever does not reach it. */
const fewest = 2;

/** `isWell`: shows life, and did not just start. */
export function shutIn(recent: Period, complaints: readonly Complaint[], isWell: (service: string) => boolean): Set<number> {
  const { strings } = recent.window;
  const complaining = new Set(complaints.map(({ reporter }) => reporter));
  const found = new Set<number>();
  for (const reporter of complaining) {
    const mine = complaints.filter((one) => one.reporter === reporter && one.isUnreachable);
    const callees = new Set(mine.map(({ service }) => service));
    if (callees.size < fewest || mine.some(({ lasting }) => lasting < forGood)) continue;
    const isAlone = complaints.every((one) => one.reporter === reporter || !callees.has(one.service));
    const blind = new Set(mine.flatMap(({ service, isBlind }) => (isBlind ? [service] : [])));
    const areWell = [...callees].every((service) => (blind.has(service) || isWell(service)) && !complaining.has(strings.find(service)));
    const since = Math.min(...mine.map(({ since }) => since));
    if (isAlone && areWell && !reachesAnybody(recent, reporter, since)) found.add(reporter);
  }
  return found;
}

function reachesAnybody({ window: { spans }, tree }: Period, reporter: number, since: number): boolean {
  return spans.service.some((service, row) => {
    const parent = tree.parent[row]!;
    return parent >= 0 && service !== reporter && spans.service[parent] === reporter && tree.startMs[row]! >= since;
  });
}
