/** What every store of pushed telemetry does, whatever it keeps things in, by topic in `contract/`. */
import { afterEach, describe } from 'vitest';
import type { Telemetry } from '../../../src/ports.ts';
import { minute, start } from './bodies.ts';
import { attributesContract } from './contract/attributes.ts';
import type { Setting } from './contract/open.ts';
import { refusalsContract } from './contract/refusals.ts';
import { searchesContract } from './contract/searches.ts';
import { windowsContract } from './contract/windows.ts';

export function telemetryContract(name: string, make: (setting: Setting) => Promise<Telemetry>): void {
  describe(`${name} keeps the contract of telemetry`, () => {
    let opened: Telemetry[] = [];
    const open = async (over: Partial<Setting> = {}) => {
      const telemetry = await make({ now: () => start + minute, windowMinutes: 60, maxBytes: 2 ** 28, ...over });
      opened.push(telemetry);
      return telemetry;
    };
    afterEach(async () => {
      for (const telemetry of opened) await telemetry.close();
      opened = [];
    });

    windowsContract(open);
    refusalsContract(open);
    attributesContract(open);
    searchesContract(open);
  });
}
