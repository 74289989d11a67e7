/** What gauges say against whom, weighed and in words (see `gauges.ts`). */
import type { Gauge } from './gauge-words.ts';
import type { Shift } from './gauge-shifts.ts';
import { plain } from './plain-name.ts';
import { finding, type SignalName, type Suspicions } from './suspicion.ts';

export interface Used {
  readonly gauge: Gauge;
  readonly shift: Shift;
}

export interface Ill {
  readonly service: string;
  /** Since when its answers take longer, or fail. */
  readonly at: number;
  readonly slow: Shift | null;
  /** Of its calls, so many fail. */
  readonly failing: number;
  readonly used: Used | null;
  readonly gone: number;
  /** What its answers take, and how many calls it takes. */
  readonly takes: number;
  readonly calls: number;
}

export interface Behind {
  readonly service: string;
  readonly used: Used | null;
  readonly gone: number;
}

export const most = 2;

/** Connections are held by those who wait as well. */
export const usedWorth = ({ gauge, shift }: Used): number => Math.min(most, Math.log(shift.times)) * (gauge === 'sockets' ? 0.5 : 1);

/** How far it is from what it was: by how much longer its answers take, or by how many of them fail. */
const departure = ({ slow, failing }: Ill): number => Math.max(slow === null ? 0 : Math.log(slow.times), Math.log1p(failing / fewNotice));
const fewNotice = 0.02;

export const worthOf = (ill: Ill): number => departure(ill) + (ill.used === null ? 0 : usedWorth(ill.used)) + (ill.gone > 0 ? 2 * most : 0);

/** Best first. `doubted`: of those that fail about as much the first is not told for sure. */
export function accuse(
  suspicions: Suspicions,
  ill: readonly Ill[],
  { behind, doubted, at }: { behind: Behind | null; doubted: boolean; at: number },
): void {
  const [first] = ill;
  if (first === undefined) return;
  if (behind !== null) accuseBehind(suspicions, behind, first, at);
  for (const one of ill) {
    const share = one === first && behind === null ? 1 : inherited + (behind === null ? near(Math.abs(worthOf(first) - worthOf(one))) : 0);
    const kind = one.gone > 0 ? 'unavailable' : one.slow === null ? 'error' : 'latency';
    const text = `Answers of ${one.service} ${complaint(one)}${one !== first ? '' : doubted ? mostOrBeneath : mostChanged}.`;
    const value = share * slowest(one);
    const isSure = one.used !== null || one.gone > 0 || (one.slow === null && !doubted);
    const part = { kind, source: 'metric', subject: 'answers', text, at, strength: value, ambiguous: !isSure } as const;
    suspicions.add(one.service, one.slow === null ? 'origin' : 'slow', value, [finding(part)]);
    if (one !== first) continue;
    if (one.gone > 0) addGone(suspicions, one, at);
    if (one.used !== null) addUsed(suspicions, one.service, one.used, at);
  }
}

function accuseBehind(suspicions: Suspicions, { service, used, gone }: Behind, first: Ill, at: number): void {
  const does = used === null ? 'was gone meanwhile' : moreOf(used);
  const text = `${service}, whose answers nobody times, ${does}, and since then answers of ${first.service} ${complaint(first)}.`;
  const value = slowest(first);
  const kind = gone > 0 ? 'unavailable' : 'saturation';
  // A store that is not theirs by name may do more for others.
  const ambiguous = gone === 0 && !plain(service).startsWith(`${plain(first.service)}.`);
  suspicions.add(service, 'slow', value, [
    finding({ kind, source: 'metric', subject: 'behind answers', text, at, strength: value, ambiguous }),
  ]);
  if (gone > 0) addGone(suspicions, { service, gone }, at);
  if (used !== null) addUsed(suspicions, service, used, at, ambiguous);
}

const mostChanged = ', which is the most, for its own, of those that changed';
const mostOrBeneath = ', and it is the quickest to answer of those that fail about as much';

/** What is left of those who changed less, and how much more where it is hardly less. */
const inherited = 0.35;
const near = (gap: number): number => 0.5 * Math.max(0, 1 - gap / 0.4);

const slowest = (ill: Ill): number => leastSlow + Math.min(most, departure(ill));
const leastSlow = 1.2;

function addUsed(suspicions: Suspicions, service: string, used: Used, at: number, ambiguous = false): void {
  const signal: SignalName = used.gauge === 'cpu' ? 'cpu' : 'pressure';
  const value = leastSlow + usedWorth(used);
  const text = `${service} ${moreOf(used)} since about the moment at which answers changed.`;
  suspicions.add(service, signal, value, [
    finding({ kind: 'saturation', source: 'metric', subject: used.gauge, text, at, strength: value, ambiguous }),
  ]);
}

function addGone(suspicions: Suspicions, { service, gone }: Pick<Ill, 'service' | 'gone'>, at: number): void {
  const times = gone === 1 ? 'once' : `${gone} times`;
  const text = `${service} was gone ${times} within these minutes: its gauges are missing or stand at nothing, while calls failed.`;
  suspicions.add(service, 'restart', 1, [finding({ kind: 'unavailable', source: 'metric', subject: 'gone', text, at })]);
}

const usedWords = {
  cpu: 'uses {} times the CPU',
  memory: 'uses {} times the memory',
  disk: 'reads and writes {} times as much',
  sockets: 'holds {} times the connections',
};

const moreOf = ({ gauge, shift }: Used): string => usedWords[gauge as keyof typeof usedWords].replace('{}', inWords(shift.times));

const inWords = (times: number): string => (times < 10 ? times.toFixed(1) : times.toFixed(0));

function complaint({ slow, failing }: Ill): string {
  const takes = slow === null ? '' : `take ${inWords(slow.times)} times as long as before`;
  const fail = failing === 0 ? '' : `fail in ${(100 * failing).toPrecision(2)} % of calls`;
  return [takes, fail].filter((text) => text !== '').join(' and ');
}
