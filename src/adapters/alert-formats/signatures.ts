/**
 * Signatures of deliveries: over the bytes exactly as they came, compared in constant time, and where the scheme signs a
 * time, refused once that lies too far off. A format whose secret is set takes nothing unsigned.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Delivery } from '../../domain/alert.ts';
import { Failure } from '../../domain/failure.ts';

/** Standard Webhooks' own tolerance; the others name none, and clocks of servers differ by seconds. */
const replayWindowMs = 300_000;

/** HMAC-SHA256 of the parts one after the other. */
export function hmac(key: string | Uint8Array, ...parts: readonly (string | Uint8Array)[]): Buffer {
  const made = createHmac('sha256', key);
  for (const part of parts) made.update(part);
  return made.digest();
}

/** One of the signatures presented must be the expected one; all are compared, whatever the first says. */
export function requireSignature(format: string, presented: readonly Uint8Array[], expected: Uint8Array): void {
  if (presented.length === 0) throw unauthorized(format, 'a signature is needed');
  const fits = presented.map((given) => given.length === expected.length && timingSafeEqual(given, expected));
  if (!fits.includes(true)) throw unauthorized(format, 'the signature does not fit the body');
}

/** `seconds`: a unix time as the sender wrote and signed it. */
export function requireRecent(format: string, seconds: string, { receivedAt }: Delivery): void {
  if (!/^\d{1,12}$/.test(seconds)) throw unauthorized(format, 'the time of the signature is not a unix time');
  if (Math.abs(receivedAt - Number(seconds) * 1_000) > replayWindowMs)
    throw unauthorized(format, 'the signature is more than 5 minutes off this clock');
}

/** Hexadecimal digits → bytes; none where it is anything else, since a shorter reading could fit by chance. */
export function fromHex(text: string): Uint8Array[] {
  return /^[0-9a-f]{64}$/i.test(text) ? [Buffer.from(text, 'hex')] : [];
}

export function unauthorized(format: string, hint: string): Failure {
  return new Failure('unauthorized', format, 'check the signature', { hint });
}
