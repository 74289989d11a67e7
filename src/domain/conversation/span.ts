/**
 * Another window than the usual one, as people say it: `in the last 30 minutes`, `from 10:00 to 10:20`, `since 10:05`,
 * `30 minutes before`. Times of day are UTC, as answers show them.
 */
import type { Window } from '../evidence.ts';

export type Span =
  | { readonly kind: 'last'; readonly ms: number }
  /** That long before the incident began. */
  | { readonly kind: 'before'; readonly ms: number }
  | { readonly kind: 'clock'; readonly from: string; readonly to: string | null };

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** By their first letter. */
const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: minuteMs, h: 60 * minuteMs };
const time = '([0-2]?\\d:[0-5]\\d(?::[0-5]\\d)?)z?';
const amount = '(?:(\\d{1,4}) ?)?(s|secs?|seconds?|m|min|mins|minutes?|h|hrs?|hours?)';
const last = new RegExp(`(?:^| )(?:(?:in|for|of|over|during|within) )?(?:the )?(?:last|past) ${amount}$`);
const before = new RegExp(`(?:^| )(?:in |for |of )?(?:the )?(?:last )?${amount} before(?: (?:it|that|the (?:incident|alert)))?$`);
const between = new RegExp(`(?:^| )(?:from|between) ${time} ?(?:to|and|until|till|-) ?${time}$`);
const since = new RegExp(`(?:^| )since ${time}$`);

/** Takes the window off the end of a sentence in lower case; `at` is where it begins. Null: it names none. */
export function spanAtEnd(sentence: string): { readonly at: number; readonly span: Span } | null {
  const found = <T extends Span>(pattern: RegExp, read: (parts: RegExpExecArray) => T) => {
    const parts = pattern.exec(sentence);
    return parts === null ? null : { at: parts.index, span: read(parts) };
  };
  const ms = (parts: RegExpExecArray) => Number(parts[1] ?? 1) * (unitMs[parts[2]?.[0] ?? 'm'] ?? minuteMs);
  return (
    found(last, (parts) => ({ kind: 'last', ms: ms(parts) })) ??
    found(before, (parts) => ({ kind: 'before', ms: ms(parts) })) ??
    found(between, (parts) => ({ kind: 'clock', from: parts[1] ?? '', to: parts[2] ?? null })) ??
    found(since, (parts) => ({ kind: 'clock', from: parts[1] ?? '', to: null }))
  );
}

/** A whole sentence that is a window and nothing else. */
export function readSpan(text: string): Span | null {
  const found = spanAtEnd(text.trim().toLowerCase());
  return found?.at === 0 ? found.span : null;
}

/** Never longer than a day, never in the future, and never empty: what ends before it begins reads as the night between. */
export function windowOfSpan(span: Span, now: number, incidentAt: number | null): Window {
  if (span.kind !== 'clock') {
    const end = span.kind === 'before' && incidentAt !== null ? incidentAt : now;
    return { fromMs: end - Math.min(dayMs, Math.max(1_000, span.ms)), toMs: end + 1 };
  }
  const fromMs = latestAt(span.from, now);
  if (span.to === null) return { fromMs, toMs: now + 1 };
  const toMs = fromMs + ((msOfDay(span.to) - msOfDay(span.from) + dayMs) % dayMs);
  return { fromMs, toMs: Math.max(fromMs + minuteMs, Math.min(toMs, now)) + 1 };
}

/** The latest moment of that time of day which has passed. */
function latestAt(text: string, now: number): number {
  const today = Math.floor(now / dayMs) * dayMs + msOfDay(text);
  return today <= now ? today : today - dayMs;
}

function msOfDay(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.split(':').map(Number);
  return (((hours * 60 + minutes) * 60 + seconds) * 1_000) % dayMs;
}
