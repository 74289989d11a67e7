/**
 * Notices trouble in the stream of telemetry itself, without any alert rule: a burst of errors beyond a service's normal, an
 * error nobody has seen before, a service gone silent. Looked at minute by minute; what a minute holds is first compared
 * with the minutes before it and then learned. Pure: windows in, findings out.
 */
import type { TelemetryWindow } from './telemetry.ts';
import { spanStatus } from './telemetry.ts';

const streamFindingKinds = ['error-burst', 'new-error', 'silence'] as const;
export type StreamFindingKind = (typeof streamFindingKinds)[number];

export interface StreamFinding {
  readonly kind: StreamFindingKind;
  readonly service: string;
  readonly at: number;
  /** What was seen and what is usual, with figures. */
  readonly explanation: string;
}

/** A service's minutes before this one mean nothing yet. */
const learningMinutes = 15;
/** An error is new only to somebody who has listened for a while. */
const newErrorMinutes = 30;
/**
 * Errors of a minute that are a burst: far outside what a Poisson count with the usual mean does by chance (six times its
 * standard deviation), and enough of them that somebody is affected.
 */
const burstSigma = 6;
const leastBurst = 10;
const burstFactor = 3;
/** The same new line in one minute, this often, is no one-off. */
const leastNewErrors = 3;
/** Only services that always have something to say can fall silent. */
const leastChatter = 10;
const silentMinutes = 2;
/**
 * How little a service says at times is its third lowest minute of the last hour. Two are left out: somebody who dies may
 * do it within a minute or two, and those must not pass for its usual. A service that pauses has more such minutes.
 */
const rememberedMinutes = 60;
const leftOut = 2;
/** When everything is quiet, nobody has fallen silent: traffic has ended or telemetry does not arrive. */
const systemShare = 0.5;
/** One finding of a kind per service in this time. */
const restMs = 1_800_000;
/** Weight of a new minute in the running means; about a quarter of an hour of memory. */
const weight = 1 / 15;
const maxTemplates = 5_000;
const errorSeverity = 17;

interface Usual {
  minutes: number;
  /** Mean errors and mean records a minute. */
  errors: number;
  records: number;
  /** Records of its last minutes, pauses it came back from included; not of its first, of which only a part was heard. */
  readonly lately: number[];
  silentFor: number;
  /** Silent minutes it has just come back from. */
  pause: number;
}

interface Minute {
  errors: number;
  records: number;
  readonly newLines: Map<string, number>;
}

export class StreamWatch {
  readonly #usual = new Map<string, Usual>();
  readonly #errorLines = new Set<string>();
  readonly #toldAt = new Map<string, number>();
  #minutes = 0;
  #recordsPerMinute = 0;

  /** `window` is one whole minute that has been delivered; minutes come in order. */
  minute(window: TelemetryWindow): StreamFinding[] {
    const seen = this.#count(window);
    const total = [...seen.values()].reduce((sum, minute) => sum + minute.records, 0);
    const findings: StreamFinding[] = [];
    for (const [service, minute] of seen) findings.push(...this.#compare(service, minute, window.toMs));
    if (total >= this.#recordsPerMinute * systemShare) findings.push(...this.#silent(seen, window.toMs));
    this.#learn(seen, total);
    return findings.filter((finding) => this.#isFresh(finding));
  }

  #count({ spans, logs, strings, templateText }: TelemetryWindow): Map<string, Minute> {
    const seen = new Map<string, Minute>();
    const of = (service: number): Minute => {
      const name = strings.text(service);
      const minute = seen.get(name) ?? { errors: 0, records: 0, newLines: new Map() };
      seen.set(name, minute);
      return minute;
    };
    for (let row = 0; row < spans.length; row++) {
      const minute = of(spans.service[row]!);
      minute.records++;
      if (spans.status[row] === spanStatus.error) minute.errors++;
    }
    for (let row = 0; row < logs.length; row++) {
      const minute = of(logs.service[row]!);
      minute.records++;
      if (logs.severity[row]! < errorSeverity) continue;
      minute.errors++;
      const line = templateText(logs.template[row]!);
      if (!this.#errorLines.has(`${strings.text(logs.service[row]!)}\n${line}`))
        minute.newLines.set(line, (minute.newLines.get(line) ?? 0) + 1);
    }
    return seen;
  }

  #compare(service: string, minute: Minute, at: number): StreamFinding[] {
    const usual = this.#usual.get(service);
    if (usual === undefined || usual.minutes < learningMinutes) return [];
    const findings: StreamFinding[] = [];
    const limit = Math.max(leastBurst, usual.errors * burstFactor, usual.errors + burstSigma * Math.sqrt(Math.max(1, usual.errors)));
    if (minute.errors > limit)
      findings.push({
        kind: 'error-burst',
        service,
        at,
        explanation: `${minute.errors} errors in a minute, usually ${rounded(usual.errors)}`,
      });
    const newest = [...minute.newLines].sort((a, b) => b[1] - a[1])[0];
    if (this.#minutes >= newErrorMinutes && newest !== undefined && newest[1] >= leastNewErrors)
      findings.push({
        kind: 'new-error',
        service,
        at,
        explanation: `an error never seen in ${this.#minutes} minutes, ${newest[1]} times: ${newest[0].slice(0, 200)}`,
      });
    return findings;
  }

  #silent(seen: ReadonlyMap<string, Minute>, at: number): StreamFinding[] {
    const findings: StreamFinding[] = [];
    for (const [service, usual] of this.#usual) {
      const isQuiet = (seen.get(service)?.records ?? 0) === 0;
      if (!isQuiet) usual.pause = usual.silentFor;
      usual.silentFor = isQuiet ? usual.silentFor + 1 : 0;
      if (usual.silentFor !== silentMinutes || usual.minutes < learningMinutes || quietMinute(usual.lately) < leastChatter) continue;
      findings.push({
        kind: 'silence',
        service,
        at,
        explanation: `nothing for ${silentMinutes} minutes, usually ${rounded(usual.records)} records a minute`,
      });
    }
    return findings;
  }

  #learn(seen: ReadonlyMap<string, Minute>, total: number): void {
    this.#minutes++;
    this.#recordsPerMinute += (total - this.#recordsPerMinute) * Math.max(weight, 1 / this.#minutes);
    for (const [service, minute] of seen) {
      const usual = this.#usual.get(service) ?? { minutes: 0, errors: 0, records: 0, lately: [], silentFor: 0, pause: 0 };
      usual.minutes++;
      const share = Math.max(weight, 1 / usual.minutes);
      usual.errors += (minute.errors - usual.errors) * share;
      usual.records += (minute.records - usual.records) * share;
      if (usual.minutes > 1) remember(usual, minute.records);
      this.#usual.set(service, usual);
      for (const line of minute.newLines.keys()) if (this.#errorLines.size < maxTemplates) this.#errorLines.add(`${service}\n${line}`);
    }
  }

  #isFresh({ service, kind, at }: StreamFinding): boolean {
    const key = `${kind}\n${service}`;
    const told = this.#toldAt.get(key);
    if (told !== undefined && at - told < restMs) return false;
    this.#toldAt.set(key, at);
    return true;
  }
}

/** A silence becomes part of what is usual once it has ended: while it lasts it is what we look for. */
function remember(usual: Usual, records: number): void {
  usual.lately.push(...Array.from({ length: Math.min(usual.pause, rememberedMinutes) }, () => 0), records);
  usual.lately.splice(0, Math.max(0, usual.lately.length - rememberedMinutes));
  usual.pause = 0;
}

function quietMinute(lately: readonly number[]): number {
  return [...lately].sort((a, b) => a - b)[leftOut] ?? 0;
}

function rounded(mean: number): string {
  return mean >= 10 ? String(Math.round(mean)) : mean.toFixed(1);
}
