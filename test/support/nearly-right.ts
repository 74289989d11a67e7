/** Bodies that are nearly right: made from good ones by seeded changes of their structure, then of their bytes. */

/** mulberry32 */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const odd: unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1e308,
  1e13,
  1795602960,
  '',
  ' ',
  'x'.repeat(5_000),
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
  '275761-01-01',
  '{',
  '[[[[',
  '{"a":{"b":[1]}}',
  '\u0000\ud800',
  '$ALERT_ID',
  '%%%',
  [],
  {},
  [[]],
  [null],
  { __proto__: 1, constructor: 'c' },
  { data: [1] },
  'javascript:alert(1)',
  'http://[',
  '1e999',
  'resolved',
  -0.5,
  Number.MAX_SAFE_INTEGER,
  '12345678901234567890',
]; // prettier-ignore

export function changed(value: unknown, random: () => number): unknown {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  if (random() < 0.12 || typeof value !== 'object' || value === null) return random() < 0.7 ? pick(odd) : value;
  if (Array.isArray(value)) {
    if (random() < 0.2) return [...value, pick(odd)];
    const place = Math.floor(random() * value.length);
    return value.map((entry, index) => (index === place ? changed(entry, random) : entry));
  }
  const keys = Object.keys(value);
  const key = pick(keys);
  if (key === undefined) return { a: pick(odd) };
  const { [key]: inner, ...rest } = value as Record<string, unknown>;
  if (random() < 0.15) return rest;
  if (random() < 0.1) return { ...rest, [`${key}x`]: inner };
  return { ...rest, [key]: changed(inner, random) };
}

export function damaged(bytes: Uint8Array, random: () => number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (let i = 0; i < 3; i++) copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256);
  return random() < 0.3 ? copy.subarray(0, Math.floor(random() * copy.length)) : copy;
}

/** Several changes of one body, and sometimes of its bytes. */
export function nearlyRight(good: unknown, random: () => number): Uint8Array {
  let body = changed(good, random);
  while (random() < 0.4) body = changed(body, random);
  const whole = new TextEncoder().encode(JSON.stringify(body) ?? 'null');
  return random() < 0.15 ? damaged(whole, random) : whole;
}
