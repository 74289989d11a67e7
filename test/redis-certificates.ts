/**
 * An authority of a test's own, what it signed for a server on this machine (`server` by its address, `named` by the name
 * `localhost` alone) and for a client, a stranger, and a pair (`mismatched`) whose key is another's. Files in a folder.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

export interface Certificates {
  /** A file by its name: `ca.crt`, `server.key`, `stranger.crt` … */
  file(name: string): string;
  remove(): void;
}

/** Of a server's command line: what it shows to others, and whom it trusts. */
export function certificateOptions(certificates: Certificates): string[] {
  const files = { cert: 'server.crt', key: 'server.key', 'ca-cert': 'ca.crt' };
  return Object.entries(files).flatMap(([name, file]) => [`--tls-${name}-file`, certificates.file(file)]);
}

/** As a client of ours has it, with a certificate of its own. */
export function clientTls(certificates: Certificates) {
  const [ca, cert, key] = ['ca.crt', 'client.crt', 'client.key'].map((name) => readFileSync(certificates.file(name), 'utf8'));
  return { ca, cert, key };
}

export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  const make = (name: string, ...more: string[]) => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', `${name}.key`];
    const made = spawnSync('openssl', ['req', '-x509', ...key, '-out', `${name}.crt`, '-days', '2', '-subj', `/CN=${name}`, ...more], {
      cwd: folder,
    });
    if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
  };
  const signed = (name: string, whose: string) => {
    const extensions = ['-addext', `subjectAltName=${whose}`, '-addext', 'basicConstraints=critical,CA:FALSE'];
    make(name, ...extensions, '-CA', 'ca.crt', '-CAkey', 'ca.key');
  };
  make('ca');
  make('stranger');
  signed('server', 'IP:127.0.0.1');
  signed('named', 'DNS:localhost');
  signed('client', 'IP:127.0.0.1');
  copyFileSync(join(folder, 'client.crt'), join(folder, 'mismatched.crt'));
  copyFileSync(join(folder, 'server.key'), join(folder, 'mismatched.key'));
  return { file: (name) => join(folder, name), remove: () => rmSync(folder, { recursive: true }) };
}
