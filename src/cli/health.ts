/** `tracepulse health`: asks the running product whether it is alive; for container health checks, where there is no curl. */
import type { Environment } from '../config.ts';

const deadlineMs = 3_000;

/** Where the product of these settings listens, as seen from its own machine. */
export function ownUrl({ PORT, HOST }: Environment): string {
  const host = HOST === undefined || HOST === '' || HOST === '0.0.0.0' || HOST === '::' ? '127.0.0.1' : HOST;
  return `http://${host.includes(':') ? `[${host}]` : host}:${PORT || 3000}`;
}

/** 0 when it answers, 1 with a sentence when it does not. */
export async function healthCommand(environment: Environment, complain: (text: string) => void): Promise<number> {
  const url = `${ownUrl(environment)}/healthz`;
  try {
    const { status } = await fetch(url, { signal: AbortSignal.timeout(deadlineMs) });
    if (status === 200) return 0;
    complain(`${url} answered ${status}`);
  } catch (error) {
    complain(`${url} does not answer: ${error instanceof Error ? error.message : String(error)}`);
  }
  return 1;
}
