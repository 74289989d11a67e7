/**
 * A formatted text line → its parts. A line begins with a header that some pattern of a logger wrote; what stands behind
 * it is the message, and stays as it is.
 *
 *   2026-08-20 10:00:00,123 ERROR [main] c.a.Cart - Boom
 *   └─ stamp ─────────────┘ └lvl┘ └thrd┘ └logger┘   └ message
 */
import type { LogEntry } from '../log-entry.ts';
import { believed, stampAt } from './instants.ts';
import { accessLog, afterStamp, beforeStamp, formats } from './patterns.ts';
import { severityOfSyslog, severityOfWord } from './severity.ts';

export interface TextLine {
  readonly found: Partial<LogEntry>;
  /** What is behind the header. */
  readonly text: string;
  /** It only carries a line of somebody else's, which may say more and say it better. */
  readonly isWrapper: boolean;
  /** A part of a line that was cut by what carries it; the next one continues it. */
  readonly isPartial: boolean;
}

/** No header is longer; the rest of a line is not looked at. */
const headLength = 1_024;

export function readTextLine(line: string, receivedAt: number): TextLine | null {
  const head = line.length > headLength ? line.slice(0, headLength) : line;
  return access(line, head, receivedAt) ?? ofFormat(line, head, receivedAt) ?? stamped(line, head, receivedAt);
}

type Groups = Readonly<Record<string, string | undefined>>;

function access(line: string, head: string, receivedAt: number): TextLine | null {
  const { groups } = accessLog.exec(head) ?? {};
  if (groups === undefined) return null;
  const severity = (groups['status'] ?? '') >= '500' ? 17 : 9;
  return { ...whole, text: line, found: { timeMs: timeOf(groups['stamp'], receivedAt), severity } };
}

function ofFormat(line: string, head: string, receivedAt: number): TextLine | null {
  for (const { sign, pattern, isWrapper = false } of formats) {
    if (!sign.test(head)) continue;
    const match = pattern.exec(head);
    if (match === null) continue;
    const groups = match.groups ?? {};
    const found = foundIn(groups);
    const stamp = groups['klog'] === undefined ? groups['stamp'] : klogStamp(groups['klog'], receivedAt);
    return {
      found: { ...found, timeMs: timeOf(stamp, receivedAt) },
      text: line.slice(match[0].length),
      isWrapper,
      isPartial: groups['part'] === 'P',
    };
  }
  return null;
}

const whole = { isWrapper: false, isPartial: false } as const;

/** `0820 10:00:00` → `2026/08/20 10:00:00` */
function klogStamp(text: string, receivedAt: number): string {
  return `${new Date(receivedAt).getUTCFullYear()}/${text.slice(0, 2)}/${text.slice(2)}`;
}

function timeOf(stamp: string | undefined, receivedAt: number): number | null {
  if (stamp === undefined) return null;
  return believed(stampAt(stamp, 0, yearOf(receivedAt))?.instant ?? null, receivedAt);
}

function yearOf(ms: number): number {
  return new Date(ms).getUTCFullYear();
}

function stamped(line: string, head: string, receivedAt: number): TextLine | null {
  const before = beforeStamp.exec(head)?.[0] ?? '';
  const stamp = stampAt(head, before.length, yearOf(receivedAt));
  if (stamp === null) return null;
  const timeMs = believed(stamp.instant, receivedAt);
  const isClosed = /^[[(]/.test(before) && /[\])]/.test(head[stamp.end] ?? '');
  const end = stamp.end + (isClosed ? 1 : 0);
  for (const pattern of afterStamp) {
    pattern.lastIndex = end;
    const match = pattern.exec(head);
    if (match !== null) return { ...whole, found: { ...foundIn(match.groups ?? {}), timeMs }, text: line.slice(end + match[0].length) };
  }
  // A stamp of a day, or one in brackets, is a header by itself; a time of day may be what the line is about.
  if (stamp.instant === null && !isClosed) return null;
  return { ...whole, found: { timeMs }, text: line.slice(end).replace(/^[ \t]{0,8}(?:[-:|] )?/, '') };
}

/** Redis: antirez' own signs for debug, verbose, notice, warning. */
const redisSigns: Readonly<Record<string, number>> = { '.': 5, '-': 9, '*': 10, '#': 13 };

function foundIn(groups: Groups): Partial<LogEntry> {
  const word = groups['level'] ?? groups['level2'] ?? groups['letter'];
  const pri = groups['pri'];
  const severity =
    word !== undefined
      ? severityOfWord(/^(?:log|statement|detail|hint|context|deprecated)$/i.test(word) ? 'info' : word)
      : pri !== undefined
        ? severityOfSyslog(Number(pri))
        : (redisSigns[groups['redis'] ?? ''] ?? 0);
  const service = groups['service'] ?? groups['app'];
  return {
    ...(severity > 0 ? { severity } : {}),
    ...(service !== undefined && service !== '-' ? { service } : {}),
    ...(groups['logger'] ? { component: groups['logger'] } : {}),
    ...(groups['host'] !== undefined && groups['host'] !== '-' ? { instance: groups['host'] } : {}),
  };
}
