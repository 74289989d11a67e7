/**
 * Slows down guessing of the password: so many wrong tries in a minute from one address, and so many from everywhere,
 * because addresses are cheap. A right password is refused as well while the limit holds, else guessing would go on.
 */
const windowMs = 60_000;
const limits = { perAddress: 5, overall: 60 };
/** Addresses remembered; the oldest go first. Far more than the overall limit lets through in a minute. */
const maxAddresses = 1_000;

export interface Attempts {
  /** Seconds to wait, or 0 when a try is allowed now. */
  waitSeconds(address: string): number;
  failed(address: string): void;
}

export function createAttempts(now: () => number): Attempts {
  const byAddress = new Map<string, readonly number[]>();
  let overall: readonly number[] = [];
  const recent = (times: readonly number[]): readonly number[] => times.filter((at) => at > now() - windowMs);
  const wait = (times: readonly number[], limit: number): number => {
    const counted = recent(times);
    const freeing = counted[counted.length - limit];
    return freeing === undefined ? 0 : Math.max(1, Math.ceil((freeing + windowMs - now()) / 1000));
  };
  return {
    waitSeconds: (address) => Math.max(wait(byAddress.get(address) ?? [], limits.perAddress), wait(overall, limits.overall)),
    failed(address) {
      const times = [...recent(byAddress.get(address) ?? []), now()];
      byAddress.delete(address);
      byAddress.set(address, times);
      const oldest = byAddress.keys().next().value;
      if (byAddress.size > maxAddresses && oldest !== undefined) byAddress.delete(oldest);
      overall = [...recent(overall), now()];
    },
  };
}
