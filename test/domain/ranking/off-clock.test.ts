/** `door` and `desk` ask `keys`, on one of its two pods, and then check what it gave them. Whose fault is it that they find it out of date? */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, type OtlpLog, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });

/** What is wrong in the last two minutes: by how much the clock of a pod is off, and what is said where a request fails. */
interface Trouble {
  readonly off: Readonly<Record<string, number>>;
  readonly says: string | null;
  /** `vault`, which both ask with what `keys` gave them, refuses and says why; they are told no more than that. */
  readonly isRefused?: boolean;
  /** Clocks are off for so many minutes up to the alert, where not for two. */
  readonly offFor?: number;
  /** Who fails; both where it is nobody in particular. */
  readonly who?: string;
  /** Where it is said: in a line of that grade, followed by another one, or on the span. */
  readonly grade?: number;
  readonly isOnSpan?: boolean;
}

function suspectOf({ off, says, isRefused = false, offFor = 2, who, grade = 17, isOnSpan = false }: Trouble) {
  const spans = new Map<string, OtlpSpan[]>();
  const lines = new Map<string, OtlpLog[]>();
  for (let i = 0; i < 400; i++) {
    const at = alertAt - 12 * minute + i * 1790;
    const isLate = at > alertAt - 2 * minute;
    const caller = i % 2 === 0 ? 'door' : 'desk';
    const pod = i % 3 === 0 ? 'keys-b' : 'keys-a';
    const traceId = `t${i}`;
    const failed = isLate && says !== null && pod === 'keys-b' && (who ?? caller) === caller;
    const add = (
      service: string,
      instance: string,
      id: string,
      parent: string | null,
      kind: number,
      from: number,
      to: number,
      bad = false,
      code?: number,
    ) => {
      const shift = at > alertAt - offFor * minute ? (off[instance] ?? 0) : 0;
      const times = { startTimeUnixNano: nanos(at + from + shift), endTimeUnixNano: nanos(at + to + shift) };
      const attributes = code === undefined ? [] : [{ key: 'http.response.status_code', value: { intValue: `${code}` } }];
      const status = bad ? { code: 2, message: isOnSpan ? (says ?? '') : '' } : { code: 0 };
      const span = { traceId, spanId: `${i}${id}`, name: id, kind, ...times, status, attributes };
      const key = `${service} ${instance}`;
      spans.set(key, [...(spans.get(key) ?? []), parent === null ? span : { ...span, parentSpanId: `${i}${parent}` }]);
    };
    add(caller, caller, 'enter', null, 2, 0, failed ? 60 : 50, failed);
    add(caller, caller, 'get key', 'enter', 3, 4, 16);
    add('keys', pod, 'give key', 'get key', 2, 5, 15);
    if (isRefused) {
      add(caller, caller, 'ask vault', 'enter', 3, 20, 30, failed, failed ? 401 : 200);
      add('vault', 'vault', 'unlock', 'ask vault', 2, 21, 29, false, failed ? 401 : 200);
    }
    if (!failed) add(caller, caller, 'open', 'enter', 1, 44, 48);
    if (!failed || isOnSpan) continue;
    const [by, within] = isRefused ? ['vault', 'unlock'] : [caller, 'enter'];
    for (const [severityNumber, stringValue] of isRefused
      ? ([[13, says]] as const)
      : ([
          [grade, says],
          [17, 'turned away'],
        ] as const)) {
      const line = {
        timeUnixNano: nanos(at + (isRefused ? 28 : 50)),
        severityNumber,
        traceId,
        spanId: `${i}${within}`,
        body: { stringValue },
      };
      lines.set(by, [...(lines.get(by) ?? []), line]);
    }
  }
  const of = (name: string, pod = name) => ({ attributes: [text('service.name', name), text('k8s.pod.name', pod)] });
  const flat = flatten({
    traces: [...spans].map(([key, list]) => ({
      resourceSpans: [{ resource: of(key.split(' ')[0]!, key.split(' ')[1]!), scopeSpans: [{ spans: list }] }],
    })),
    logs: [...lines].map(([name, list]) => ({ resourceLogs: [{ resource: of(name), scopeLogs: [{ logRecords: list }] }] })),
    metrics: [],
  });
  const window = windowOf(flat, new Tables(), alertAt - 20 * minute, alertAt + 1);
  const { verdict, hypotheses, evidence } = rank({ ...inputOf([]), window });
  const [first] = hypotheses;
  return {
    verdict,
    service: first?.service,
    says: evidence
      .filter(({ id }) => first?.evidence.includes(id))
      .map((one) => one.text)
      .join(' '),
  };
}

const expired = 'cannot let in: token expired 40 s ago';

describe('what is found out of date', () => {
  it.each([-70_000, 70_000])('is the fault of the one whose clock is off by %i ms on one of its pods', (off) => {
    const { service, says } = suspectOf({ off: { 'keys-b': off }, says: expired });
    expect(service).toBe('keys');
    expect(says).toContain('by the clock of keys, which is off');
  });

  it('is the fault of the one whose clock is off, though only who refuses says what is out of date', () => {
    const { service, says } = suspectOf({ off: { 'keys-b': -70_000 }, says: expired, isRefused: true });
    expect(service).toBe('keys');
    expect(says).toContain('by the clock of keys, which is off');
  });

  it('is not where who refuses says something else, or no clock is off', () => {
    expect(suspectOf({ off: { 'keys-b': -70_000 }, says: 'role not allowed', isRefused: true }).says).not.toContain('by the clock of');
    expect(suspectOf({ off: {}, says: expired, isRefused: true }).says).not.toContain('by the clock of');
  });

  it.each([
    ['alone', { vault: -52_000 }],
    ['with that of one who asks it, on the same node', { vault: -52_000, door: -52_000 }],
  ])('is the fault of who refuses by a clock that is off, %s', (_, off) => {
    const { service, says } = suspectOf({ off, says: 'token used before issued', isRefused: true });
    expect(service).toBe('vault');
    expect(says).toContain('by the clock of vault, which is off');
  });

  it('is no fault of who refuses by a clock that is right, though several others are off', () => {
    const { says } = suspectOf({ off: { door: -52_000, 'keys-b': -52_000 }, says: 'token used before issued', isRefused: true });
    expect(says).not.toContain('by the clock of');
  });

  it('is nobody else’s fault where all clocks agree, or what fails is no matter of time', () => {
    expect(suspectOf({ off: {}, says: expired }).says).not.toContain('by the clock of');
    expect(suspectOf({ off: { 'keys-b': -70_000 }, says: 'cannot let in: lock is jammed' }).says).not.toContain('by the clock of');
  });

  it('is no fault of theirs where the clock of the one that checks is off', () => {
    expect(suspectOf({ off: { door: 70_000, desk: 70_000 }, says: expired }).says).not.toContain('by the clock of keys');
  });

  it.each<[string, Trouble]>([
    ['two clocks are off', { off: { 'keys-b': -70_000, door: 70_000 }, says: expired }],
    ['a clock is off by little', { off: { 'keys-b': -1500 }, says: expired }],
    ['a clock is off for a handful of calls', { off: { 'keys-b': -70_000 }, says: expired, offFor: 0.5 }],
    ['it is no failure that is said to be due to it', { off: { 'keys-b': -70_000 }, says: expired, grade: 13 }],
    ['nobody but the one that checks has a clock that is off', { off: { door: 70_000 }, says: expired, who: 'door' }],
  ])('is nobody else’s fault where %s', (_, trouble) => expect(suspectOf(trouble).says).not.toContain('by the clock of'));

  it('is the fault of the one whose clock is off by a few seconds', () => {
    expect(suspectOf({ off: { 'keys-b': -3000 }, says: expired }).says).toContain('by the clock of keys, which is off');
  });

  it('is its fault where spans alone say what failed', () => {
    expect(suspectOf({ off: { 'keys-b': -70_000 }, says: expired, isOnSpan: true }).says).toContain('by the clock of keys, which is off');
  });

  it('accuses nobody where a clock is off and nothing fails', () => {
    expect(suspectOf({ off: { 'keys-b': -70_000 }, says: null }).verdict).not.toBe('cause');
  });
});
