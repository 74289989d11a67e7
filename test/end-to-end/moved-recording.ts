/** A recorded incident with its times moved, as if it happened now: what a product that runs can be shown. */
import { openRecording } from '../../src/cli/recording.ts';
import type { Signal } from '../../src/ports.ts';

export interface MovedRecording {
  readonly name: string;
  /** Alertmanager's webhook body. */
  readonly alert: string;
  /** OTLP/JSON requests, in the order recorded. */
  readonly requests: readonly { readonly signal: Signal; readonly body: string }[];
}

const signals: readonly Signal[] = ['traces', 'logs', 'metrics'];
const nanosInMs = 1_000_000n;

/** What was known at the alert, moved so that the alert is at `alertAt`. */
export function movedRecording(folder: string, alertAt: number): MovedRecording {
  const recording = openRecording(folder);
  const byMs = Math.round(alertAt - recording.alertAt);
  const decoder = new TextDecoder();
  return {
    name: recording.name,
    alert: movedAlert(decoder.decode(recording.alertBody), byMs),
    requests: signals.flatMap((signal) =>
      [...recording.bodies(signal)].map((body) => ({ signal, body: movedTimes(decoder.decode(body), byMs) })),
    ),
  };
}

/** OTLP's times are nanoseconds as strings or numbers in fields that end in `imeUnixNano`; 0 means that there is none. */
export function movedTimes(body: string, byMs: number): string {
  const by = BigInt(byMs) * nanosInMs;
  return body.replace(/("\w*imeUnixNano"\s*:\s*"?)(\d+)/g, (whole, field: string, nanos: string) =>
    nanos === '0' ? whole : `${field}${BigInt(nanos) + by}`,
  );
}

function movedAlert(body: string, byMs: number): string {
  const alert = JSON.parse(body) as { alerts: { startsAt: string }[] };
  const alerts = alert.alerts.map((one) => ({ ...one, startsAt: new Date(Date.parse(one.startsAt) + byMs).toISOString() }));
  return JSON.stringify({ ...alert, alerts });
}
