import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { createTelemetry } from '../../../src/telemetry.ts';
import { telemetryContract } from './contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'telemetry-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

telemetryContract('the column store in memory', async (setting) => createTelemetry({ file: null, ...setting }));
telemetryContract('the column store on a file', async (setting) =>
  createTelemetry({ file: join(folder, `${files++}.sqlite`), ...setting }),
);
