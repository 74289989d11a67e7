/**
 * The dashboard and the alert rules against a running product: every series they name is one that /metrics has, Prometheus takes
 * the rules, and the rules fire when they should and stay quiet when they should.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compose, type Product, plan } from '../src/compose.ts';
import { makeTools } from '../src/tools.ts';
import { alertBody } from './support/app.ts';
import { until } from './support/patience.ts';

const deploy = join(import.meta.dirname, '..', 'deploy');
const rulesFile = join(deploy, 'prometheus', 'tracepulse.rules.yml');
const rules = readFileSync(rulesFile, 'utf8');
const dashboard = JSON.parse(readFileSync(join(deploy, 'grafana', 'tracepulse.json'), 'utf8')) as {
  panels: { title: string; type: string; targets: { expr: string }[] }[];
};
const folder = mkdtempSync(join(tmpdir(), 'tracepulse-monitoring-'));
/** Answers every question with 500: what fails is counted too. */
const broken = createServer((_request, response) => {
  response.statusCode = 500;
  response.end();
});
let product: Product;
let metrics = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(broken.address() as AddressInfo).port}`;
  const environment = {
    TRACEPULSE_DATA: folder,
    TRACEPULSE_WORKSPACE: 'on',
    PORT: '0',
    LOG_LEVEL: 'error',
    LOKI_URL: address,
    OPENAI_BASE_URL: `${address}/v1`,
    OPENAI_API_KEY: 'none',
    OPENAI_MODEL: 'none',
    SMTP_URL: 'smtp://127.0.0.1:9',
    EMAIL_FROM: 'ops@example.com',
    EMAIL_TO: 'ana@example.com',
  };
  const { settings, states, problems } = plan(
    environment,
    makeTools(null, () => {}),
  );
  if (settings === null || problems.length > 0) throw new Error(JSON.stringify(problems));
  product = await compose(
    environment,
    settings,
    states,
    makeTools(settings, () => {}),
  );
  const headers = { 'content-type': 'application/json' };
  const alert = JSON.stringify(alertBody({ service: 'cart', startsAt: Date.now() }));
  await fetch(`${product.url}/webhook/alertmanager`, { method: 'POST', headers, body: alert });
  const whole = ['delivery_errors_total{sink="email"', 'source_errors_total', 'deliveries_total{sink="slack"}', 'reports_total'];
  await until('everything to be counted', async () => {
    metrics = await (await fetch(`${product.url}/metrics`)).text();
    return whole.every((name) => metrics.includes(name)) || undefined;
  });
});
afterAll(async () => {
  await product.stop();
  broken.close();
  rmSync(folder, { recursive: true, force: true });
});

const named = (text: string) => new Set(text.match(/tracepulse_[a-z0-9_]+/g) ?? []);
const known = () => new Set([...metrics.matchAll(/^(tracepulse_[a-z0-9_]+)[{ ]/gm)].map(([, name]) => name));
/** What has not gone wrong yet is not counted, where the stage itself is known. */
const isThere = (name: string) => known().has(name) || known().has(name.replace(/_errors_total$/, '_seconds_count'));

describe('/metrics', () => {
  it('is what Prometheus takes', () => {
    const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: metrics, encoding: 'utf8' });
    // What it cannot read is exit 1; what it has to say on names and missing help texts is exit 3.
    expect(status, stderr).toBe(0);
  });
});

describe('the dashboard', () => {
  it('names nothing that /metrics does not have', () => {
    const missing = dashboard.panels.flatMap(({ title, targets }) =>
      targets.flatMap(({ expr }) => [...named(expr)].filter((name) => !isThere(name)).map((name) => `${title}: ${name}`)),
    );
    expect(missing).toEqual([]);
  });

  it('shows every stage', () => {
    const shown = dashboard.panels.map(({ targets }) => targets.map(({ expr }) => expr).join()).join();
    const stages = [...metrics.matchAll(/^# TYPE tracepulse_(\w+)_seconds histogram$/gm)].map(([, stage]) => stage);
    expect(stages.length).toBeGreaterThan(9);
    expect(stages.filter((stage) => !shown.includes(`tracepulse_${stage}_seconds_bucket`))).toEqual([]);
  });

  it('asks only what PromQL understands', () => {
    const groups = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '5m')));
    const file = join(folder, 'dashboard.yml');
    const records = groups.map((expr, i) => `      - record: panel:${i}\n        expr: ${JSON.stringify(expr)}`);
    writeFileSync(file, `groups:\n  - name: dashboard\n    rules:\n${records.join('\n')}\n`);
    const { status, stderr, stdout } = spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' });
    expect(status, stderr + stdout).toBe(0);
  });
});

describe('the alert rules', () => {
  it('are taken by Prometheus, and name nothing that /metrics does not have', () => {
    const { status, stderr, stdout } = spawnSync('promtool', ['check', 'rules', rulesFile], { encoding: 'utf8' });
    expect(status, stderr + stdout).toBe(0);
    const missing = [...named(rules)].filter((name) => !isThere(name));
    expect(missing).toEqual([]);
  });

  it.each([
    { rule: 'TracePulseDown', series: [], at: '5m', fires: true },
    {
      rule: 'TracePulseDown',
      series: [
        ['tracepulse_ready{job="tracepulse"}', '1x30'],
        ['up{job="tracepulse"}', '1x30'],
      ],
      at: '5m',
      fires: false,
    },
    { rule: 'TracePulseNotReady', series: [['tracepulse_ready{job="tracepulse"}', '0x30']], at: '5m', fires: true },
    { rule: 'TracePulseDegraded', series: [['tracepulse_degraded', '1x30']], at: '20m', fires: true },
    { rule: 'TracePulseDegraded', series: [['tracepulse_degraded', '1x10 0x20']], at: '20m', fires: false },
    { rule: 'TracePulseOverdue', series: [['tracepulse_overdue_seconds', '90x30']], at: '10m', fires: true },
    {
      rule: 'TracePulseDeliveryFailing',
      series: [
        ['tracepulse_delivery_errors_total{sink="slack",code="timeout"}', '0+1x40'],
        ['tracepulse_deliveries_total{sink="email"}', '0+1x40'],
      ],
      at: '25m',
      fires: true,
    },
    {
      rule: 'TracePulseDeliveryFailing',
      series: [
        ['tracepulse_delivery_errors_total{sink="slack",code="timeout"}', '0+1x40'],
        ['tracepulse_deliveries_total{sink="slack"}', '0+1x40'],
      ],
      at: '25m',
      fires: false,
    },
    {
      rule: 'TracePulseCardsLate',
      series: [
        ['tracepulse_alert_to_card_seconds_bucket{sink="slack",le="2"}', '0x60'],
        ['tracepulse_alert_to_card_seconds_bucket{sink="slack",le="5"}', '0+1x60'],
        ['tracepulse_alert_to_card_seconds_bucket{sink="slack",le="+Inf"}', '0+1x60'],
      ],
      at: '50m',
      fires: true,
    },
  ])('$rule fires: $fires at $at', ({ rule, series, at, fires }) => {
    const file = join(folder, 'test.json');
    const input = series.map(([name, values]) => ({ series: name, values: expanded(String(values)) }));
    const promql = `count(ALERTS{alertname="${rule}",alertstate="firing"})`;
    const expected = fires ? [{ labels: '{}', value: 1 }] : [];
    const test = { interval: '1m', input_series: input, promql_expr_test: [{ expr: promql, eval_time: at, exp_samples: expected }] };
    writeFileSync(file, JSON.stringify({ rule_files: [rulesFile], evaluation_interval: '1m', tests: [test] }));
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
    expect(status, stdout + stderr).toBe(0);
  });
});

/** `1x3` → `1+0x3`: a value that stays. */
function expanded(values: string): string {
  return values.replace(/(^| )(\d+)x/g, '$1$2+0x');
}
