/**
 * Times as log lines write them. What has no zone is meant in the zone of whoever wrote it, which nobody tells us: such a
 * time is believed only close to when it arrived, so that a line of a machine five hours west is not five hours old.
 */

export interface Instant {
  readonly ms: number;
  /** Whether the zone was written, or the number counts from the epoch. */
  readonly isZoned: boolean;
}

/** A stamp without a zone further from its arrival than this is in another zone, or replayed. */
const unzonedSlackMs = 10 * 60_000;

export function believed(instant: Instant | null, receivedAt: number): number | null {
  if (instant === null) return null;
  return instant.isZoned || Math.abs(instant.ms - receivedAt) <= unzonedSlackMs ? instant.ms : null;
}

/** Epoch numbers by magnitude: today is 1.8e9 s, 1.8e12 ms, 1.8e15 µs, 1.8e18 ns. Below 1e8 it counts from something else. */
function fromEpoch(value: number): Instant | null {
  if (!Number.isFinite(value) || value < 1e8) return null;
  const ms = value < 1e11 ? value * 1_000 : value < 1e14 ? value : value < 1e17 ? value / 1e3 : value / 1e6;
  return { ms, isZoned: true };
}

/** Decimal ns since the epoch, cut in two so that a double loses nothing that matters. */
export function fromNanoseconds(text: string): number | null {
  if (!/^\d{1,19}$/.test(text)) return null;
  const cut = Math.max(0, text.length - 6);
  return Number(text.slice(0, cut) || '0') + Number(text.slice(cut)) / 1e6;
}

export function instantOf(value: unknown): Instant | null {
  if (typeof value === 'number') return fromEpoch(value);
  if (typeof value !== 'string' || value.length > 64) return null;
  const text = value.trim();
  if (/^\d{9,19}$/.test(text)) return text.length > 16 ? zoned(fromNanoseconds(text)) : fromEpoch(Number(text));
  if (/^\d{9,10}\.\d{1,9}$/.test(text)) return fromEpoch(Number(text));
  return stampAt(text, 0)?.instant ?? null;
}

function zoned(ms: number | null): Instant | null {
  return ms === null ? null : { ms, isZoned: true };
}

export interface Stamp {
  /** null: it says a time of day only. */
  readonly instant: Instant | null;
  /** Where the stamp ends. */
  readonly end: number;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const clock = '(?<h>\\d\\d):(?<mi>\\d\\d):(?<s>\\d\\d)(?:[.,:](?<f>\\d{1,9}))?';
const zone = '(?:\\s?(?<z>Z|UTC|GMT|[+-]\\d\\d:?\\d\\d)\\b)?';

/** Tried in this order; each at a fixed place and of bounded length. */
const stamps: readonly RegExp[] = [
  `(?<y>\\d{4})[-/.](?<mo>\\d\\d)[-/.](?<d>\\d\\d)[T ]${clock}${zone}`, // 2026-08-20T10:00:00.123Z, 2026/08/20 10:00:00
  `(?<d>\\d{1,2})[/ -](?<mon>[A-Z][a-z]{2})[/ -](?<y>\\d{4})[: ]${clock}${zone}`, // 20/Aug/2026:10:00:00 +0000, 20 Aug 2026 10:00:00
  `[A-Z][a-z]{2},? (?<mon>[A-Z][a-z]{2}) {1,2}(?<d>\\d{1,2}) ${clock} (?<y>\\d{4})`, // Thu Aug 20 10:00:00 2026
  `(?<mon>[A-Z][a-z]{2}) {1,2}(?<d>\\d{1,2}) (?:(?<y>\\d{4}) )?${clock}`, // Aug 20 10:00:00, of syslog
  `(?<yy>\\d\\d)/(?<mo>\\d\\d)/(?<d>\\d\\d) ${clock}`, // 17/06/09 20:10:40, of Spark
  '(?<yy>\\d\\d)(?<mo>\\d\\d)(?<d>\\d\\d) (?<h>\\d\\d)(?<mi>\\d\\d)(?<s>\\d\\d)(?= )', // 081109 203615, of HDFS
  `${clock}(?=[\\s\\]|])`, // 10:00:00.123
  '\\d{1,2}:\\d\\d(?::\\d\\d)? ?[AP]M\\b', // 10:00AM, of zerolog
].map((pattern) => new RegExp(pattern, 'y'));

/** The stamp that begins here, if one does. `year`: where it is not written. */
export function stampAt(text: string, at: number, year?: number): Stamp | null {
  for (const pattern of stamps) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) return { instant: instantFrom(match.groups ?? {}, year), end: at + match[0].length };
  }
  return null;
}

function instantFrom(part: Record<string, string | undefined>, thisYear: number | undefined): Instant | null {
  const month = part['mon'] === undefined ? Number(part['mo']) - 1 : months.indexOf(part['mon'].toLowerCase());
  const year = part['y'] === undefined ? (part['yy'] === undefined ? thisYear : 2_000 + Number(part['yy'])) : Number(part['y']);
  if (year === undefined || part['d'] === undefined || !(month >= 0)) return null;
  const fraction = part['f'] === undefined ? 0 : Number(`0.${part['f']}`) * 1_000;
  const ms = Date.UTC(year, month, Number(part['d']), Number(part['h']), Number(part['mi']), Number(part['s'])) + fraction;
  if (Number.isNaN(ms)) return null;
  return { ms: ms - offsetMs(part['z']), isZoned: part['z'] !== undefined };
}

function offsetMs(written: string | undefined): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(written ?? '') ?? [];
  if (sign === undefined) return 0;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
