/** An authority of a test's own, what it signed for a server on this machine and for a client, and a stranger. Files in a folder. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

export interface Certificates {
  /** A file by its name: `ca.crt`, `server.key`, `stranger.crt` … */
  file(name: string): string;
  remove(): void;
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
  const signed = [
    '-addext',
    'subjectAltName=IP:127.0.0.1',
    '-addext',
    'basicConstraints=critical,CA:FALSE',
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
  ];
  make('ca');
  make('stranger');
  make('server', ...signed);
  make('client', ...signed);
  return { file: (name) => join(folder, name), remove: () => rmSync(folder, { recursive: true }) };
}
