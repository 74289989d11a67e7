/**
 * Investigates recorded incidents offline: the same intake, store, baseline, map, grouping and ranking as in production,
 * under a clock that stands at the alert.
 */
import { alertFormats } from '../adapters/alert-formats/index.ts';
import { createSqliteLedger } from '../adapters/ledgers/sqlite.ts';
import type { Tools } from '../adapter.ts';
import { createApp } from '../create-app.ts';
import { enabled } from '../config.ts';
import { createRedactor } from '../domain/redact.ts';
import { replayLine } from '../domain/replay-line.ts';
import { reportText } from '../domain/report-text.ts';
import type { IncidentContext } from '../domain/incident-context.ts';
import type { Timeline } from '../domain/timeline.ts';
import type { Signal } from '../ports.ts';
import type { ChangeSource } from '../ports/sources.ts';
import { createTelemetry, lookbackMs } from '../telemetry.ts';
import { openRecording, type Recording } from './recording.ts';

export interface Replayed {
  readonly context: IncidentContext;
  /** What happened minute by minute, for a picture. */
  readonly timeline: Timeline | null;
  readonly elapsedMs: number;
}

const signals: readonly Signal[] = ['traces', 'logs', 'metrics'];
const day = 86_400_000;

/** `tools` lends fetch and log; the clock is the recording's. A recording made elsewhere than on disk is taken as well. */
export async function replay(from: string | Recording, tools: Tools): Promise<Replayed> {
  const begun = performance.now();
  const recording = typeof from === 'string' ? openRecording(from) : from;
  const now = () => recording.alertAt;
  const telemetry = createTelemetry({ file: null, now, windowMinutes: 24 * 60, maxBytes: 4 * 2 ** 30 });
  const ledger = createSqliteLedger({ file: ':memory:', now });
  const app = createApp({
    ledger,
    telemetry,
    alertFormats: enabled('alert-format', alertFormats, {}, tools).on,
    logFormats: new Map(), // recordings are OTLP
    changeSources: recordedChanges(recording),
    sinks: new Map(),
    connections: [],
    log: tools.log,
    now,
    clock: () => performance.now(),
    grouping: {},
    lookbackMs,
    // A recording is about its own alert.
    triggers: 'off',
    redactor: createRedactor({ key: recording.name }),
  });
  try {
    if (recording.directory.length > 0) await telemetry.know(recording.directory);
    for (const signal of signals) for (const body of recording.bodies(signal)) await app.ingest(signal, body, 'json');
    await app.age();
    const { ids } = await app.receive('alertmanager', {
      route: '/webhook/alertmanager',
      headers: { 'content-type': 'application/json' },
      body: recording.alertBody,
      receivedAt: now(),
    });
    await app.settle();
    const context = await app.context(ids[0] ?? '');
    if (context === null) throw new Error(`${recording.name}: the alert led to no report`);
    const elapsedMs = performance.now() - begun;
    return { context, timeline: (await ledger.report(ids[0] ?? ''))?.timeline ?? null, elapsedMs };
  } finally {
    await ledger.close();
    await telemetry.close();
  }
}

function recordedChanges(recording: Recording): Map<string, ChangeSource> {
  if (recording.changes.length === 0) return new Map();
  const source: ChangeSource = {
    changes: async (window) => ({
      changes: recording.changes.filter((change) => change.startedAt >= window.fromMs - day && change.startedAt <= window.toMs),
      gaps: [],
    }),
  };
  return new Map([['recorded', source]]);
}

/** Prints each folder's answer in the order given; a folder that cannot be read is said on stderr. Answers the exit code. */
export async function replayCommand(
  args: readonly string[],
  tools: Tools,
  print: (text: string) => void,
  complain: (text: string) => void,
): Promise<number> {
  const asked = read(args);
  if (asked === null) {
    complain('usage: tracepulse replay DIR... [--json] [--pictures FOLDER]');
    return 64;
  }
  const { asJson, folders, pictures } = asked;
  let failures = 0;
  for (const folder of folders) {
    try {
      const { context, timeline, elapsedMs } = await replay(folder, tools);
      const name = folder.replace(/\/+$/, '').split('/').at(-1) ?? folder;
      print(asJson ? JSON.stringify(replayLine(name, context, elapsedMs)) : reportText(context));
      // Loaded where asked for: what draws takes longer to load than most recordings to replay.
      if (pictures !== null) await (await import('./replay-pictures.ts')).writePictures(pictures, name, context, timeline);
    } catch (error) {
      failures++;
      complain(`${folder}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return failures === 0 ? 0 : 1;
}

/** Null where nothing can be made of them. */
function read(args: readonly string[]) {
  const at = args.indexOf('--pictures');
  const pictures = at < 0 ? null : (args[at + 1] ?? '');
  const rest = at < 0 ? args : args.toSpliced(at, 2);
  const folders = rest.filter((arg) => !arg.startsWith('--'));
  if (folders.length === 0 || pictures === '' || pictures?.startsWith('--')) return null;
  return { asJson: rest.includes('--json'), folders, pictures };
}
