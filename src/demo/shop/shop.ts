/**
 * The shop as a process of its own: runs well, breaks, and raises the alarm its own visitors give cause for. Says what it
 * does as JSON lines on stdout, for the demo alone: `{"said":"ready"}`, `{"said":"broke","fault":…,"service":…}`.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { type Fault, faults } from './faults.ts';
import { type Experience, experience, startVisitors } from './load.ts';
import { type Addresses, type RunningService, startService } from './service.ts';
import { newSwitches, shopServices } from './services.ts';

export interface ShopOptions {
  /** Where OTLP and the alarm go. */
  readonly target: string;
  readonly fault: string | null;
  readonly visitorsPerSecond: number;
  /** How long the shop is well before it breaks. */
  readonly wellMs: number;
}

/** The watch looks at this much of the past, this often. */
const watchedMs = 6_000;
const watchEveryMs = 1_000;
/** An alarm needs this many visits to stand on. */
const leastVisits = 12;
/** Like `for:` in a Prometheus rule: a moment's trouble is no alarm. */
const breachesNeeded = 5;
const worstErrorShare = 0.08;
const worstSlowdown = 1.8;

export async function runShop(options: ShopOptions, say: (line: object) => void): Promise<void> {
  const fault = faults.find((f) => f.name === options.fault) ?? faults[Math.floor(Math.random() * faults.length)]!;
  const switches = newSwitches();
  const addresses: Addresses = new Map();
  const services: RunningService[] = [];
  for (const spec of shopServices(switches)) services.push(await startService(spec, addresses, options.target));
  const visitors = startVisitors(addresses.get('storefront') ?? '', options.visitorsPerSecond);
  say({ said: 'ready', services: services.map((s) => s.name) });
  const openedAt = Date.now();
  await wait(options.wellMs);
  const usual = experience(openedAt + 3_000);
  await breakSomething(fault, services, switches, say);
  await watch(usual, Date.now(), options.target, say);
  process.once('SIGTERM', () => {
    visitors.stop();
    void Promise.allSettled(services.map((s) => s.stop())).then(() => process.exit(0));
  });
}

async function breakSomething(
  fault: Fault,
  services: readonly RunningService[],
  switches: ReturnType<typeof newSwitches>,
  say: (line: object) => void,
): Promise<void> {
  const name = fault.candidates[Math.floor(Math.random() * fault.candidates.length)];
  const service = services.find((s) => s.name === name);
  if (service === undefined) throw new Error(`there is no service ${name} to break`);
  await fault.apply(service, switches);
  say({ said: 'broke', fault: fault.name, service: service.name, at: Date.now() });
}

/** Compares what visitors get now with what they usually got; says what is wrong with the shop, not where. */
async function watch(usual: Experience, since: number, target: string, say: (line: object) => void): Promise<void> {
  let breaches = 0;
  while (true) {
    await wait(watchEveryMs);
    const now = experience(Math.max(since, Date.now() - watchedMs));
    if (now.visits < leastVisits) continue;
    const isFailing = now.errorShare > Math.max(worstErrorShare, usual.errorShare * 2);
    const isSlow = now.p90Ms > usual.p90Ms * worstSlowdown + 100;
    breaches = isFailing || isSlow ? breaches + 1 : 0;
    if (breaches < breachesNeeded) continue;
    const symptom = isFailing
      ? { alertname: 'StorefrontErrors', summary: `${Math.round(now.errorShare * 100)} % of visits fail` }
      : { alertname: 'StorefrontSlow', summary: `One visit in ten takes over ${Math.round(now.p90Ms)} ms` };
    await raiseAlarm(target, symptom);
    say({ said: 'alarm', ...symptom, at: Date.now() });
    return;
  }
}

/** Alertmanager's webhook body, version 4, as Prometheus users would have it arrive. */
async function raiseAlarm(target: string, { alertname, summary }: { alertname: string; summary: string }): Promise<void> {
  const labels = { alertname, severity: 'critical', service: 'storefront' };
  const alert = {
    status: 'firing',
    labels,
    annotations: { summary },
    startsAt: new Date().toISOString(),
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: '',
    fingerprint: '',
  };
  const body = {
    version: '4',
    groupKey: `{}:{alertname="${alertname}"}`,
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'tracepulse',
    groupLabels: { alertname },
    commonLabels: labels,
    commonAnnotations: { summary },
    externalURL: '',
    alerts: [alert],
  };
  const response = await fetch(`${target}/webhook/alertmanager`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(5_000),
  });
  if (response.status !== 202) throw new Error(`the alarm was not accepted: ${response.status} ${await response.text()}`);
}
