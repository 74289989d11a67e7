/**
 * A recorded incident's folder: OTLP/JSON requests a line, one Alertmanager body, changes and services (format: the
 * contract's "Incident folder"). Only what was known at the alert is handed on.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { noticeableMs } from '../domain/baseline/clock.ts';
import { type Change, changeKinds } from '../domain/change.ts';
import { Failure } from '../domain/failure.ts';
import type { Directory } from '../domain/service.ts';
import type { Signal } from '../ports.ts';
import { type RecordedClocks, recordedClocks, stampOf, timedLists } from './recorded-clocks.ts';

const RecordedChanges = z.array(
  z.object({
    kind: z.enum(changeKinds),
    service: z.string(),
    startedAt: z.iso.datetime({ offset: true }),
    steps: z.array(z.iso.datetime({ offset: true })).optional(),
    version: z.string().nullish(),
    sha: z.string().nullish(),
    url: z.string().nullish(),
    title: z.string().nullish(),
    files: z.array(z.string()).nullish(),
  }),
);
const RecordedServices = z.array(
  z.object({ name: z.string(), addresses: z.array(z.string()).nullish(), ports: z.array(z.number()).nullish() }),
);
const RecordedAlert = z.object({ alerts: z.array(z.object({ startsAt: z.iso.datetime({ offset: true }) })).min(1) });

export interface Recording {
  readonly name: string;
  readonly alertAt: number;
  readonly alertBody: Uint8Array;
  readonly changes: readonly Change[];
  readonly directory: Directory;
  /** Request bodies of one signal, in file order, cut at the alert. */
  bodies(signal: Signal): Generator<Uint8Array>;
}

export function openRecording(folder: string): Recording {
  const alertBody = read(folder, 'alert.json');
  if (alertBody === null) throw new Failure('rejected', 'replay', `read ${join(folder, 'alert.json')}`, { hint: 'there is no such file' });
  const alert = parse(RecordedAlert, alertBody, folder, 'alert.json');
  const alertAt = Math.max(...alert.alerts.map((a) => Date.parse(a.startsAt)));
  const changes = read(folder, 'changes.json');
  const services = read(folder, 'services.json');
  return {
    name: basename(folder),
    alertAt,
    alertBody,
    changes: changes === null ? [] : parse(RecordedChanges, changes, folder, 'changes.json').map(toChange),
    directory:
      services === null
        ? []
        : parse(RecordedServices, services, folder, 'services.json').map((s) => ({
            name: s.name,
            addresses: s.addresses ?? [],
            ports: s.ports ?? [],
          })),
    bodies: (signal) => knownBodies((of) => lines(folder, of), signal, alertAt),
  };
}

/** The bodies of one signal as far as they were known at the alert. */
export function* knownBodies(lines: (signal: Signal) => Iterable<Uint8Array>, signal: Signal, alertAt: number): Generator<Uint8Array> {
  let clocks: RecordedClocks | null = null;
  for (const line of lines(signal))
    yield knownAt(line, signal, alertAt, () => {
      clocks ??= recordedClocks((of) => Iterator.from(lines(of)).map(parsed), alertAt);
      return clocks;
    });
}

function* lines(folder: string, signal: Signal): Generator<Uint8Array> {
  const text = read(folder, `${signal}.jsonl`);
  if (text === null) return;
  let from = 0;
  while (from < text.length) {
    const end = text.indexOf(10, from);
    const line = text.subarray(from, end < 0 ? text.length : end);
    from = end < 0 ? text.length : end + 1;
    if (line.length > 1) yield line;
  }
}

function read(folder: string, file: string): Uint8Array | null {
  const path = join(folder, file);
  if (existsSync(path)) return readFileSync(path);
  return existsSync(`${path}.gz`) ? gunzipSync(readFileSync(`${path}.gz`)) : null;
}

function parse<T>(schema: z.ZodType<T>, body: Uint8Array, folder: string, file: string): T {
  const what = `read ${join(folder, file)}`;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(body));
  } catch (cause) {
    throw new Failure('rejected', 'replay', what, { hint: 'it is not JSON', cause });
  }
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new Failure('rejected', 'replay', what, { hint: issue?.message ?? 'it has another shape', path: issue?.path.join('.') ?? '' });
}

function toChange(recorded: z.infer<typeof RecordedChanges>[number]): Change {
  return {
    kind: recorded.kind,
    service: recorded.service,
    startedAt: Date.parse(recorded.startedAt),
    steps: (recorded.steps ?? []).map((step) => Date.parse(step)),
    version: recorded.version ?? null,
    sha: recorded.sha ?? null,
    url: recorded.url ?? null,
    title: recorded.title ?? null,
    files: recorded.files ?? [],
  };
}

type Json = Record<string, unknown>;

const decoder = new TextDecoder();
const parsed = (line: Uint8Array): Json => JSON.parse(decoder.decode(line)) as Json;

/**
 * Takes out what was recorded after the alert: nothing later is known when the investigation begins. What a clock that is
 * ahead dates after it had come nevertheless; how far clocks are ahead is only asked when something is dated that late.
 * Most bodies lie wholly before the alert and are handed on as they are.
 */
function knownAt(line: Uint8Array, signal: Signal, alertAt: number, clocks: () => RecordedClocks): Uint8Array {
  const body = parsed(line);
  let removed = 0;
  for (const { owner, key, entries, service } of timedLists(body, signal)) {
    const kept = entries.filter((entry) => {
      const at = stampOf(entry, signal);
      if (at <= alertAt) return true;
      if (at <= alertAt + noticeableMs) return false;
      const { own, measuring } = clocks();
      return at + ((signal === 'metrics' ? measuring : own).get(service) ?? 0) <= alertAt;
    });
    removed += entries.length - kept.length;
    if (kept.length < entries.length) owner[key] = kept;
  }
  return removed === 0 ? line : new TextEncoder().encode(JSON.stringify(body));
}
