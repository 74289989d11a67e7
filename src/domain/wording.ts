/** How instants, durations, severities and faults are written wherever people read them. */
import type { Severity } from './alert.ts';
import type { FaultKind } from './hypothesis.ts';

export const severityNames: Readonly<Record<Severity, string>> = { critical: 'Critical', warning: 'Warning', info: 'Info' };

export const faultWords: Readonly<Record<FaultKind, string>> = {
  error: 'errors',
  latency: 'slow',
  saturation: 'saturated',
  unavailable: 'not answering',
  change: 'after a change',
  configuration: 'configuration',
  dependency: 'a dependency fails',
};

/** Steps of a calibrated probability: at `likely` it is right more often than not. */
export function certainty(confidence: number): string {
  if (confidence >= 0.85) return 'very likely';
  if (confidence >= 0.55) return 'likely';
  return confidence >= 0.25 ? 'possible' : 'unlikely';
}

export function asPercent(confidence: number): string {
  return confidence > 0 && confidence < 0.005 ? 'under 1 %' : `${Math.round(confidence * 100)} %`;
}

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
