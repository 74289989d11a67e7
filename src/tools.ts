/** The world as adapters may use it: the machine's clock and network, and a log that redacts. */
import { randomUUID } from 'node:crypto';
import type { Log, Tools } from './adapter.ts';
import type { CoreSettings } from './config.ts';
import { createRedactor } from './domain/redact.ts';
import { createLog } from './log.ts';
import { personal } from './redacting.ts';

export function makeTools(settings: CoreSettings | null, write: (line: string) => void): Tools & { log: Log } {
  const now = () => Date.now();
  // Lines are written before any folder is known: placeholders of the log are those of one run.
  const { redactDeep } = createRedactor({ key: randomUUID(), ...personal(settings) });
  // A command without settings of its own answers on its own: what goes well is a running product's to log.
  return {
    fetch: globalThis.fetch,
    now,
    log: createLog({ level: settings?.LOG_LEVEL ?? 'warn', now, redact: redactDeep, write }),
  };
}
