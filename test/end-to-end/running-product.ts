/** The product as `start` makes it, with the built-in workspace in place of Slack, on a free port and in a folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compose, plan } from '../../src/compose.ts';
import { makeTools } from '../../src/tools.ts';
import type { MovedRecording } from './moved-recording.ts';

export interface RunningProduct {
  readonly url: string;
  /** Lines it logged at warn and above. */
  readonly logged: readonly string[];
  /** Sends a recording's telemetry over HTTP, as exporters do. */
  push(recording: MovedRecording): Promise<void>;
  /** Sends its alert; answers what it was answered, and after how long. */
  fire(recording: MovedRecording): Promise<{ readonly status: number; readonly id: string; readonly ms: number }>;
  read(path: string): Promise<unknown>;
  /** Where it keeps everything. */
  readonly folder: string;
  /** Takes settings that may change while it runs, as from the file. */
  reload(changed: Readonly<Record<string, string>>): void;
  stop(): Promise<void>;
}

export async function startProduct(more: Readonly<Record<string, string>> = {}): Promise<RunningProduct> {
  const folder = mkdtempSync(join(tmpdir(), 'tracepulse-end-to-end-'));
  const environment = { TRACEPULSE_WORKSPACE: 'on', TRACEPULSE_DATA: folder, PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'warn', ...more };
  const logged: string[] = [];
  const { settings, states, problems } = plan(
    environment,
    makeTools(null, (line) => void logged.push(line)),
  );
  if (settings === null) throw new Error(JSON.stringify(problems));
  const product = await compose(
    environment,
    settings,
    states,
    makeTools(settings, (line) => void logged.push(line)),
  );
  const post = (path: string, body: string) =>
    fetch(`${product.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return {
    url: product.url,
    folder,
    reload(changed) {
      const planned = plan(
        { ...environment, ...changed },
        makeTools(null, (line) => void logged.push(line)),
      );
      if (planned.settings === null) throw new Error(JSON.stringify(planned.problems));
      product.reload(planned.settings);
    },
    logged,
    async push({ requests }) {
      for (const { signal, body } of requests) {
        const response = await post(`/v1/${signal}`, body);
        if (!response.ok) throw new Error(`/v1/${signal} answered ${response.status}: ${await response.text()}`);
        await response.arrayBuffer();
      }
    },
    async fire({ alert }) {
      const begun = performance.now();
      const response = await post('/webhook/alertmanager', alert);
      const ms = performance.now() - begun;
      const { ids } = (await response.json()) as { ids?: string[] };
      return { status: response.status, id: ids?.[0] ?? '', ms };
    },
    async read(path) {
      const response = await fetch(`${product.url}${path}`);
      if (!response.ok) throw new Error(`${path} answered ${response.status}`);
      return response.json();
    },
    async stop() {
      await product.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
