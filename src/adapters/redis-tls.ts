/**
 * Why a connection over TLS does not come about, in words. The client tries again whatever the reason and in the end says only
 * that nobody answers; what is wrong with a certificate stands in what it emits meanwhile, and no waiting mends it.
 */
import type { Cluster, Redis } from 'ioredis';

/** Codes of Node's and Bun's OpenSSL (https://nodejs.org/api/tls.html#x509-certificate-error-codes), and what a person can do. */
const hints: readonly { readonly says: RegExp; readonly hint: string }[] = [
  { says: /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/, hint: 'the certificate of Redis has expired, or is not valid yet' },
  { says: /ALTNAME_INVALID/, hint: 'the certificate of Redis is for another name than REDIS_URL has' },
  {
    says: /SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE/,
    hint: 'the certificate of Redis is not trusted: TRACEPULSE_REDIS_CA must name the authority that signed it',
  },
  {
    says: /ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|HANDSHAKE_FAILURE|CERTIFICATE_UNKNOWN)/,
    hint: 'Redis wants a certificate it knows: TRACEPULSE_REDIS_CERT and TRACEPULSE_REDIS_KEY must name one and its key',
  },
];

const last = new WeakMap<Redis | Cluster, string>();

export function watchTls(client: Redis | Cluster): void {
  const note = (error: unknown) => {
    const text = error instanceof Error ? `${'code' in error ? String(error.code) : ''} ${error.message}` : '';
    const found = hints.find(({ says }) => says.test(text));
    if (found !== undefined) last.set(client, found.hint);
  };
  client.on('error', note);
  // A cluster says so of each of its nodes.
  client.on('node error', note);
  client.on('ready', () => last.delete(client));
}

/** What keeps this client from being connected; null where it is nothing of TLS. */
export function tlsTrouble(client: Redis | Cluster): string | null {
  return last.get(client) ?? null;
}

/** Resolves once there is such a trouble. */
export function troubledByTls(client: Redis | Cluster): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (tlsTrouble(client) !== null) resolve();
    };
    client.on('error', look);
    client.on('node error', look);
    look();
  });
}
