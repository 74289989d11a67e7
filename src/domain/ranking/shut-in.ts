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
  readonly lines: number;
  /** Its name was not found, each time. */
  readonly isUnresolved: boolean;
}

/** What is known of those complained of. */
export interface Witnesses {
  /** Shows life, and did not just start. */
  readonly isWell: (service: string) => boolean;
  /** Has come up, if it has said nothing since: nobody may have asked it for anything. */
  readonly isUp: (service: string) => boolean;
  /** How many others have reached it since, or no longer fail to. */
  readonly reachedBy: (service: string, reporter: number, since: number) => number;
  /** By the list of services. */
  readonly hasAddress: (service: string) => boolean;
}

/** From this on it is taken to fail for good. */
export const forGood = 0.7;
/** One alone is as likely at fault as whoever does not reach it, unless so many others do: one where its name alone is not found. */
const fewest = 2;
const fewestOthers = 2;
/** What healed, and what it reaches all the same, is less than this share of what it complains of. */
const few = 0.2;

export function shutIn(recent: Period, complaints: readonly Complaint[], { isWell, isUp, reachedBy, hasAddress }: Witnesses): Set<number> {
  const { strings } = recent.window;
  const complaining = new Set(complaints.map(({ reporter }) => reporter));
  const found = new Set<number>();
  for (const reporter of complaining) {
    const mine = complaints.filter((one) => one.reporter === reporter && one.isUnreachable);
    const callees = new Set(mine.map(({ service }) => service));
    const lines = sumOf(mine);
    const toTheEnd = new Set(mine.flatMap(({ service, lasting }) => (lasting < forGood ? [] : [service])));
    const healed = sumOf(mine.filter(({ lasting }) => lasting < forGood));
    if (toTheEnd.size === 0 || healed > few * lines) continue;
    const since = Math.min(...mine.filter(({ service }) => toTheEnd.has(service)).map(({ since }) => since));
    const others = mine.every(({ isUnresolved }) => isUnresolved) ? 1 : fewestOthers;
    const isReached = (service: string): boolean => reachedBy(service, reporter, since) >= others;
    // A name that is listed with its address is in the directory of names: whoever alone does not find it does not ask there.
    const isListed = mine.every(({ isUnresolved }) => isUnresolved) && [...toTheEnd].every(hasAddress);
    if (toTheEnd.size < fewest && !isListed && ![...toTheEnd].every(isReached)) continue;
    const isAlone = complaints.every((one) => one.reporter === reporter || !callees.has(one.service));
    const blind = new Set(mine.flatMap(({ service, isBlind }) => (isBlind ? [service] : [])));
    const well = [...callees].filter((service) => blind.has(service) || isWell(service));
    const areUp =
      well.length >= fewest ? [...callees].every((service) => well.includes(service) || isUp(service)) : well.length === callees.size;
    const areWell = areUp && ![...callees].some((service) => complaining.has(strings.find(service)));
    if (isAlone && areWell && answersTo(recent, reporter, since) <= few * lines) found.add(reporter);
  }
  return found;
}

const sumOf = (complaints: readonly Complaint[]): number => complaints.reduce((sum, { lines }) => sum + lines, 0);

function answersTo({ window: { spans }, tree }: Period, reporter: number, since: number): number {
  let answers = 0;
  for (let row = 0; row < spans.length; row++) {
    const parent = tree.parent[row]!;
    if (parent >= 0 && spans.service[row] !== reporter && spans.service[parent] === reporter && tree.startMs[row]! >= since) answers++;
  }
  return answers;
}
