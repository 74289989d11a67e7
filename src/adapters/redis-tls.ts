/**
 * Why a connection over TLS does not come about, in words. The client tries again whatever the reason and in the end says only
 * that nobody answers; what is wrong with a certificate stands in what it emits meanwhile, and no waiting mends it. What Sentinel
 * or the first node of a cluster says is not even emitted, so they are asked once more.
 */
import { type ConnectionOptions, connect } from 'node:tls';
import type { Cluster, Redis } from 'ioredis';

/** Codes of Node's and Bun's OpenSSL (https://nodejs.org/api/tls.html#x509-certificate-error-codes), and what a person can do. */
const hints: readonly { readonly says: RegExp; readonly hint: string }[] = [
  { says: /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/, hint: 'the certificate of Redis has expired, or is not valid yet' },
  { says: /ALTNAME_INVALID/, hint: 'the certificate of Redis is for another name than REDIS_URL has, or than its nodes name themselves' },
  {
    says: /SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE/,
    hint: 'the certificate of Redis is not trusted: TRACEPULSE_REDIS_CA must name the authority that signed it',
  },
  {
    says: /ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|HANDSHAKE_FAILURE|CERTIFICATE_UNKNOWN)/,
    hint: 'Redis wants a certificate it knows: TRACEPULSE_REDIS_CERT and TRACEPULSE_REDIS_KEY must name one and its key',
  },
  {
    says: /ERR_OSSL_(PEM|X509|ASN1)|Invalid CA/,
    hint: 'what TRACEPULSE_REDIS_CA, TRACEPULSE_REDIS_CERT or TRACEPULSE_REDIS_KEY names is no such thing in PEM, or the key is of another certificate',
  },
];

/** No server that the address names could be asked for the others. Why not is not said (ioredis 6.0.0). */
const nobodyAnswered = /sentinels are unreachable|refresh slots cache/;

const last = new WeakMap<Redis | Cluster, string>();

export interface TlsPlaces {
  /** As the address names them. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly tls: ConnectionOptions;
  /** One that says nothing for so long is asked no more. */
  readonly withinMs: number;
}

/** From here on `tlsTrouble` knows what this client's servers and we refuse each other. */
export function watchTls(client: Redis | Cluster, places: TlsPlaces): void {
  const note = (error: unknown) => {
    const hint = hintOf(error);
    if (hint !== undefined) last.set(client, hint);
  };
  client.on('error', note);
  // A cluster says so of each of its nodes.
  client.on('node error', note);
  client.on('ready', () => last.delete(client));
  let isAsking = false;
  client.on('error', async (error: unknown) => {
    if (isAsking || !(error instanceof Error && nobodyAnswered.test(error.message))) return;
    isAsking = true;
    const asked = places.hosts.map((host) => refusalOf({ ...host, ...places.tls }, places.withinMs).catch((cause: unknown) => cause));
    const refusal = (await Promise.all(asked)).find((found) => hintOf(found) !== undefined);
    isAsking = false;
    if (refusal !== undefined && client.status !== 'ready') client.emit('node error', refusal);
  });
}

function hintOf(error: unknown): string | undefined {
  const text = error instanceof Error ? `${'code' in error ? String(error.code) : ''} ${error.message}` : '';
  return hints.find(({ says }) => says.test(text))?.hint;
}

/** Why this server and we do not come together; null where we do, or where it says nothing. Rejects where our own files are none. */
function refusalOf(place: ConnectionOptions, withinMs: number): Promise<Error | null> {
  return new Promise((resolve) => {
    const socket = connect(place);
    const end = (error: Error | null) => {
      socket.destroy();
      resolve(error);
    };
    socket.setTimeout(withinMs, () => end(null));
    socket.on('error', end);
    socket.once('close', () => end(null));
    // Whether our certificate is taken shows only in an answer: in TLS 1.3 our side is done before the server has looked at it.
    socket.once('secureConnect', () => socket.write('PING\r\n'));
    socket.once('data', () => end(null));
    // Nobody waits for this who does not wait for the client as well.
    socket.unref();
  });
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
