/** How instants, durations and severities are written wherever people read them. */

/** `10:02:41Z` */
export function clockTime(at: number): string {
  return `${new Date(at).toISOString().slice(11, 19)}Z`;
}

/** `3.2 ms`, `180 ms`, `12.4 s` */
export function duration(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms >= 10 ? Math.round(ms) : Math.round(ms * 10) / 10} ms`;
}

/** With a space behind it, or nothing for lines that are not alarming. OTel severity numbers. */
export function severityWord(severity: number): string {
  if (severity >= 21) return 'FATAL ';
  if (severity >= 17) return 'ERROR ';
  return severity >= 13 ? 'WARN ' : '';
}
