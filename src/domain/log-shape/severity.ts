/**
 * What loggers write for how bad it is → OTel severity numbers (1 trace, 5 debug, 9 info, 13 warn, 17 error, 21 fatal).
 * Words of all common loggers; numbers by the scale they can only be on.
 */

/** Words in lower case: log4j, logback, Python, .NET, Ruby, Go, zap, npm, syslog, Monolog, zerolog, logrus, Android. */
const words: ReadonlyMap<string, number> = new Map(
  (
    [
      [21, 'fatal crit critical emerg emergency alert panic dpanic ftl fata crt wtf'],
      [17, 'err error severe erro eror fail failure e'],
      [13, 'warn warning wrn w'],
      [10, 'notice'],
      [9, 'info information informational inf log http success i'],
      [5, 'debug dbg debu fine config verbose verb vrb dbug d'],
      [1, 'trace trc trac finer finest silly all t'],
    ] as const
  ).flatMap(([severity, list]) => list.split(' ').map((word) => [word, severity] as const)),
);

/** Longest first, so that an alternation takes `warning` and not `warn`. Single letters are left to formats that use them. */
export const levelWords = [...words.keys()]
  .filter((word) => word.length > 2 && !['all', 'log', 'http', 'fine', 'config', 'alert', 'success', 'fail', 'failure'].includes(word))
  .sort((a, b) => b.length - a.length);

export function severityOfWord(word: string): number {
  const known = words.get(word.trim().toLowerCase());
  return known ?? (/^(?:fatal|panic|critical)\b/i.test(word) ? 21 : /^\w* ?(?:parse |core )?error$/i.test(word) ? 17 : 0);
}

/** Syslog's 0 to 7 (RFC 5424, 6.2.1), as GELF and journald use it too. */
const syslog = [21, 21, 21, 17, 13, 10, 9, 5] as const;

export function severityOfSyslog(level: number): number {
  return syslog[level & 7] ?? 0;
}

/**
 * A number as a level: pino and bunyan count 10 to 60 in tens, Monolog 100 to 600, Java's 300 to 1000 and logback's `level_value`
 * 5000 to 40000, syslog 0 to 7. Python's `levelno` shares pino's numbers under a name of its own.
 */
function severityOfNumber(level: number): number {
  if (!Number.isFinite(level) || level < 0) return 0;
  if (level <= 7) return severityOfSyslog(Math.floor(level));
  if (level < 100) return [1, 1, 5, 9, 13, 17, 21][Math.min(6, Math.floor(level / 10))] ?? 0;
  if (level >= 5_000) return level >= 40_000 ? 17 : level >= 30_000 ? 13 : level >= 20_000 ? 9 : level >= 10_000 ? 5 : 1;
  if (level >= 500) return 21;
  return level >= 400 ? 17 : level >= 300 ? 13 : level >= 200 ? 9 : 5;
}

/** Python's `levelno`: 10 debug, 20 info, 30 warning, 40 error, 50 critical. */
export function severityOfPython(level: number): number {
  return [0, 5, 9, 13, 17, 21][Math.max(0, Math.min(5, Math.floor(level / 10)))] ?? 0;
}

export function severityOf(value: unknown): number {
  if (typeof value === 'number') return severityOfNumber(value);
  if (typeof value !== 'string' || value.length > 40) return 0;
  const text = value.trim();
  return /^\d{1,5}$/.test(text) ? severityOfNumber(Number(text)) : severityOfWord(text);
}
