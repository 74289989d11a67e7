/**
 * Real Prometheus scrapes the shop; its rule fires through a real Alertmanager into `/webhook/alertmanager` of one product
 * and straight into `/api/v2/alerts` of another, and ends by both ways when the shop is well again.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVisitBook, startVisitors } from '../../src/demo/shop/load.ts';
import { type Addresses, type RunningService, startService } from '../../src/demo/shop/service.ts';
import { newSwitches, shopServices } from '../../src/demo/shop/services.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/patience.ts';
import { type RunningProduct, startProduct } from './running-product.ts';

const has = (command: string) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
const isHere = has('prometheus') && has('prometheus-alertmanager');

const usualVisits = 200;

interface Listed {
  readonly id: string;
  readonly title: string;
  readonly state: string;
  readonly service: string | null;
  readonly hypotheses: readonly { readonly service: string }[];
}

async function incidentOf(product: RunningProduct): Promise<Listed | undefined> {
  const { incidents } = (await product.read('/api/incidents')) as { incidents: Listed[] };
  return incidents[0];
}

/** Where Prometheus is kept from running for a few of its seconds, it ends the alarm and fires it again. */
async function openIncidentOf(product: RunningProduct): Promise<Listed | undefined> {
  const incident = await incidentOf(product);
  return incident?.state === 'open' ? incident : undefined;
}

const folder = mkdtempSync(join(tmpdir(), 'tracepulse-prometheus-'));
const children: ChildProcess[] = [];
const switches = newSwitches();
const book = createVisitBook();
const services: RunningService[] = [];
let visitors: { stop(): void } | null = null;
let behindAlertmanager: RunningProduct;
let asAlertmanager: RunningProduct;

/** As `for: 0s` and small intervals make it: seconds where an installation has minutes. */
function startAlarms(addresses: Addresses, ports: { readonly prometheus: number; readonly alertmanager: number }): void {
  const host = (url: string) => new URL(url).host;
  const files = {
    'rules.yml': {
      groups: [
        {
          name: 'shop',
          rules: [
            {
              alert: 'StorefrontErrors',
              expr: 'sum by (service) (rate(http_requests_total{service="storefront",status=~"5.."}[8s])) / sum by (service) (rate(http_requests_total{service="storefront"}[8s])) > 0.05',
              labels: { severity: 'critical' },
              annotations: { summary: '{{ $value | humanizePercentage }} of visits to {{ $labels.service }} fail' },
            },
          ],
        },
      ],
    },
    'prometheus.yml': {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [join(folder, 'rules.yml')],
      alerting: {
        alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${ports.alertmanager}`, host(asAlertmanager.url)] }] }],
      },
      scrape_configs: [{ job_name: 'shop', static_configs: [{ targets: [...addresses.values()].map(host) }] }],
    },
    'alertmanager.yml': {
      route: { receiver: 'tracepulse', group_by: ['alertname', 'service'], group_wait: '0s', group_interval: '1s', repeat_interval: '1h' },
      receivers: [
        { name: 'tracepulse', webhook_configs: [{ url: `${behindAlertmanager.url}/webhook/alertmanager`, send_resolved: true }] },
      ],
    },
  };
  // JSON is YAML.
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(content));
  const run = (command: string, args: readonly string[]) => children.push(spawn(command, args, { stdio: 'ignore', cwd: folder }));
  run('prometheus-alertmanager', [
    `--config.file=${join(folder, 'alertmanager.yml')}`,
    `--storage.path=${join(folder, 'alertmanager')}`,
    `--web.listen-address=127.0.0.1:${ports.alertmanager}`,
    '--cluster.listen-address=',
  ]);
  run('prometheus', [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'prometheus')}`,
    `--web.listen-address=127.0.0.1:${ports.prometheus}`,
    '--rules.alert.resend-delay=1s',
  ]);
}

describe.skipIf(!isHere)('alarms of a real Prometheus', () => {
  beforeAll(async () => {
    behindAlertmanager = await startProduct();
    asAlertmanager = await startProduct();
    const addresses: Addresses = new Map();
    for (const spec of shopServices(switches)) services.push(await startService(spec, addresses, behindAlertmanager.url));
    visitors = startVisitors(addresses.get('storefront') ?? '', 12, book);
    startAlarms(addresses, { prometheus: await freePort(), alertmanager: await freePort() });
  });

  afterAll(async () => {
    visitors?.stop();
    for (const child of children) child.kill();
    await Promise.allSettled(services.map((service) => service.stop()));
    await Promise.allSettled([behindAlertmanager?.stop(), asAlertmanager?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('reach the product by both doors, name the broken service, and end by both', async () => {
    const visitsBy = (now: number) => book.experience(0, now).visits;
    await until('enough visits of a well shop', () => (visitsBy(Date.now()) >= usualVisits ? true : undefined));
    expect(await incidentOf(behindAlertmanager)).toBeUndefined();

    switches.throwing.set('payment', () => new TypeError('card is undefined'));
    const [ranked, pushed] = await Promise.all([
      until('a report on the incident behind Alertmanager', async () => {
        const incident = await openIncidentOf(behindAlertmanager);
        return incident?.hypotheses[0]?.service === 'payment' ? incident : undefined;
      }),
      until('an incident of what Prometheus pushed', () => openIncidentOf(asAlertmanager)),
    ]);
    expect(ranked).toMatchObject({ service: 'storefront' });
    expect(ranked.title).toContain('StorefrontErrors');
    expect(pushed).toMatchObject({ service: 'storefront' });
    expect(pushed.title).toContain('StorefrontErrors');

    switches.throwing.clear();
    const resolved = (product: RunningProduct) => async () => ((await incidentOf(product))?.state === 'resolved' ? true : undefined);
    await until('the end of the alarm behind Alertmanager', resolved(behindAlertmanager));
    await until('the end of what Prometheus pushed', resolved(asAlertmanager));
  });
});
