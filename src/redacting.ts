/** How this installation redacts: with a key of its own, and as much as its settings say. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CoreSettings } from './config.ts';
import type { Personal } from './domain/redact.ts';

/** What people may want hidden besides secrets. Where the settings cannot be read, all of it. */
export function personal(settings: Pick<CoreSettings, 'TRACEPULSE_REDACT_EMAILS' | 'TRACEPULSE_REDACT_IPS'> | null): Personal {
  return { emailAddresses: settings?.TRACEPULSE_REDACT_EMAILS !== 'off', ipAddresses: settings?.TRACEPULSE_REDACT_IPS !== 'off' };
}

/** Made once and kept, so that one secret has the same placeholder today and after a restart, and another elsewhere. */
export function installationKey(folder: string): string {
  const file = join(folder, 'redaction.key');
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}
