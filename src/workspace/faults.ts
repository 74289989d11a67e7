/** Trouble on demand: what a real Slack does now and then, a test can have exactly when it wants it. */

export type Fault =
  | { readonly kind: 'rate_limited'; readonly retryAfterSeconds: number }
  | { readonly kind: 'server_error'; readonly status: number }
  /** The method answers `ok: false` with this code, whatever was asked: invalid_auth, internal_error, … */
  | { readonly kind: 'refuse'; readonly error: string }
  /** The act is done, the answer is lost. */
  | { readonly kind: 'lost_answer' }
  /** The connection breaks before anything is done. */
  | { readonly kind: 'lost_request' };

/** A Web API call as the fault rule sees it. */
export interface Call {
  readonly method: string;
  readonly channel: string | null;
  /** How many calls of this method came before. */
  readonly count: number;
}

export interface Faults {
  /** The next `times` calls of `method` (`*`: any) meet this fault. */
  inject(method: string, fault: Fault, times?: number): void;
  /** Asked for every call that no injected fault meets; null removes it. */
  setRule(rule: ((call: Call) => Fault | null) | null): void;
  /** Slack's published rates per method and channel: off until switched on. */
  limitRates(enabled: boolean): void;
  clear(): void;
  meet(method: string, channel: string | null): Fault | null;
  ratesAreLimited(): boolean;
}

export function createFaults(): Faults {
  let injected: { method: string; fault: Fault; left: number }[] = [];
  let rule: ((call: Call) => Fault | null) | null = null;
  let limited = false;
  const counts = new Map<string, number>();
  return {
    inject(method, fault, times = 1) {
      injected.push({ method, fault, left: times });
    },
    setRule(next) {
      rule = next;
    },
    limitRates(enabled) {
      limited = enabled;
    },
    clear() {
      injected = [];
      rule = null;
      limited = false;
    },
    meet(method, channel) {
      const count = counts.get(method) ?? 0;
      counts.set(method, count + 1);
      const entry = injected.find((candidate) => candidate.method === method || candidate.method === '*');
      if (entry === undefined) return rule?.({ method, channel, count }) ?? null;
      entry.left -= 1;
      if (entry.left <= 0) injected = injected.filter((candidate) => candidate !== entry);
      return entry.fault;
    },
    ratesAreLimited: () => limited,
  };
}
