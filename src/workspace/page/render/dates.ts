/**
 * `<!date^1392734382^Posted {date_num} {time_secs}^https://example.com|fallback>` in the reader's zone.
 * Month and day names are written out here and only numbers come from Intl: ICU versions disagree on names
 * ("Sep", "Sept"), and the same message must look alike on server, in test and in browser. 24-hour clock.
 */
import type { Lookups } from './lookups.ts';

const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** Making one takes longer than a thousand uses of it. */
const formats = new Map<string | undefined, Intl.DateTimeFormat>();

function newFormat(timeZone: string | undefined): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    ...(timeZone === undefined ? {} : { timeZone }),
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
}

export function localTime(atMs: number, timeZone: string | undefined): LocalTime {
  const format = formats.get(timeZone) ?? newFormat(timeZone);
  formats.set(timeZone, format);
  const parts = Object.fromEntries(format.formatToParts(atMs).map((part) => [part.type, Number(part.value)]));
  const part = (name: string): number => parts[name] ?? 0;
  return {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
    second: part('second'),
  };
}

export function clock(atMs: number, timeZone: string | undefined): string {
  const time = localTime(atMs, timeZone);
  return `${two(time.hour)}:${two(time.minute)}`;
}

/** A day standing alone, as above the messages of that day. */
export function longDay(atMs: number, lookups: Lookups): string {
  const words = pretty(atMs, lookups, (time) => `${weekday(time)}, ${months[time.month - 1]} ${ordinal(time.day)}`);
  return words[0]?.toUpperCase() + words.slice(1);
}

/** The format with every token replaced, or undefined when it holds a token nobody knows (then the fallback is shown). */
export function formatDate(atSeconds: number, format: string, lookups: Lookups): string | undefined {
  const atMs = atSeconds * 1000;
  if (!Number.isFinite(atMs) || Math.abs(atMs) > 8.64e15) return undefined;
  let known = true;
  const text = format.replace(/\{([a-z_]+)\}/g, (whole, token: string) => {
    const value = tokenText(token, atMs, lookups);
    if (value === undefined) known = false;
    return value ?? whole;
  });
  return known ? text : undefined;
}

function tokenText(token: string, atMs: number, lookups: Lookups): string | undefined {
  const time = localTime(atMs, lookups.timeZone);
  const month = months[time.month - 1] ?? '';
  const short = `${month.slice(0, 3)} ${time.day}, ${time.year}`;
  const long = `${month} ${ordinal(time.day)}, ${time.year}`;
  switch (token) {
    case 'date_num':
      return `${time.year}-${two(time.month)}-${two(time.day)}`;
    case 'date':
      return long;
    case 'date_short':
      return short;
    case 'date_long':
      return `${weekday(time)}, ${long}`;
    case 'date_pretty':
      return pretty(atMs, lookups, () => long);
    case 'date_short_pretty':
      return pretty(atMs, lookups, () => short);
    case 'date_long_pretty':
    case 'day_divider_pretty':
      return pretty(atMs, lookups, () => `${weekday(time)}, ${long}`);
    case 'time':
      return `${two(time.hour)}:${two(time.minute)}`;
    case 'time_secs':
      return `${two(time.hour)}:${two(time.minute)}:${two(time.second)}`;
    case 'ago':
      return ago(atMs, lookups.now ?? Date.now());
    default:
      return undefined;
  }
}

function pretty(atMs: number, lookups: Lookups, otherwise: (time: LocalTime) => string): string {
  const time = localTime(atMs, lookups.timeZone);
  const today = localTime(lookups.now ?? Date.now(), lookups.timeZone);
  const days = (Date.UTC(today.year, today.month - 1, today.day) - Date.UTC(time.year, time.month - 1, time.day)) / 86_400_000;
  return days === 0 ? 'today' : days === 1 ? 'yesterday' : days === -1 ? 'tomorrow' : otherwise(time);
}

function ago(atMs: number, nowMs: number): string {
  const seconds = Math.round(Math.abs(nowMs - atMs) / 1000);
  const steps: readonly (readonly [number, string])[] = [
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
    [1, 'second'],
  ];
  const [size, name] = steps.find(([length]) => seconds >= length) ?? [1, 'second'];
  const count = Math.floor(seconds / size);
  const span = `${count} ${name}${count === 1 ? '' : 's'}`;
  return nowMs >= atMs ? `${span} ago` : `in ${span}`;
}

function weekday(time: LocalTime): string {
  return weekdays[new Date(Date.UTC(time.year, time.month - 1, time.day)).getUTCDay()] ?? '';
}

function ordinal(day: number): string {
  const teen = day % 100 >= 11 && day % 100 <= 13;
  const ending = teen ? 'th' : (['th', 'st', 'nd', 'rd'][day % 10] ?? 'th');
  return `${day}${ending}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
