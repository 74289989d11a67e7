/**
 * Bodies that are nearly right, made from the fixtures by seeded changes of structure and bytes: each is read or refused
 * with a Failure `rejected`, never anything else, and what is read can be stored (times, texts and counts within bounds).
 * The shared examples are read too where they are present.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { alertFormats } from '../../../src/adapters/alert-formats/index.ts';
import { type Alert, receiptKey } from '../../../src/domain/alert.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { nearlyRight, seeded } from '../../support/nearly-right.ts';

const rounds = 10_000;
const receivedAt = Date.parse('2026-11-25T10:40:00Z');
const never = () => {
  throw new Error('a format does no I/O');
};
const tools = { fetch: never, now: never, log: { debug: never, info: never, warn: never, error: never } };

function storable(alert: Alert): boolean {
  const times = [alert.startsAt, alert.endsAt ?? 0, alert.expiresAt ?? 0];
  return (
    times.every((at) => Number.isFinite(at) && !Number.isNaN(new Date(at).getTime())) &&
    alert.startsAt <= receivedAt &&
    alert.title !== '' &&
    alert.title.length <= 300 &&
    alert.fingerprint !== '' &&
    receiptKey(alert).length < 4_000 &&
    typeof (alert.service ?? '') === 'string' &&
    Object.getPrototypeOf(alert.labels) === Object.prototype &&
    JSON.stringify(alert).length < 2_000_000
  );
}

describe.each(alertFormats)('$id', (adapter) => {
  const folder = join(import.meta.dirname, adapter.id);
  const format = adapter.create(adapter.settings.parse({}), tools);
  const bodies = readdirSync(folder)
    .filter((name) => /^[\w-]+\.json$/.test(name) && name !== 'wrong.json')
    .map((name) => {
      const headers = join(folder, name.replace(/\.json$/, '.headers.json'));
      return {
        body: JSON.parse(readFileSync(join(folder, name), 'utf8')),
        headers: existsSync(headers) ? JSON.parse(readFileSync(headers, 'utf8')) : {},
      };
    });

  it(`reads or refuses ${rounds} nearly right bodies`, () => {
    const random = seeded(adapter.id.length * 7_919);
    let [read, refused] = [0, 0];
    for (let round = 0; round < rounds; round++) {
      const { body, headers } = bodies[round % bodies.length] as (typeof bodies)[number];
      const bytes = nearlyRight(body, random);
      try {
        const alerts = format.parse({ route: '/webhook/x', headers, body: bytes, receivedAt });
        read++;
        const bad = alerts.find((alert) => !storable(alert));
        if (bad !== undefined) throw new Error(`not to be stored: ${JSON.stringify(bad).slice(0, 600)}`);
      } catch (error) {
        const where = `round ${round}: ${new TextDecoder().decode(bytes).slice(0, 600)}`;
        if (!(error instanceof Failure)) throw new Error(where, { cause: error });
        expect(error.code, where).toBe('rejected');
        refused++;
      }
    }
    // Both happen, else the changes are too mild or too wild to find anything.
    expect(Math.min(read, refused)).toBeGreaterThan(rounds / 20);
  });
});

const examples = join(import.meta.dirname, '../../../../shared/examples');
const senders: [file: string, format: string, headers?: Record<string, string>][] = [
  ['alertmanager-webhook-v4-firing', 'alertmanager'],
  ['alertmanager-webhook-v4-resolved', 'alertmanager'],
  ['robusta-generic-alertmanager', 'alertmanager'],
  ['alertmanager-api-v2-post-alerts', 'prometheus'],
  ['grafana-webhook-default-config', 'grafana'],
  ['grafana-webhook-docs', 'grafana'],
  ['grafana-webhook-v12-test-alert', 'grafana'],
  ['pagerduty-v3-incident', 'pagerduty'],
  ['pagerduty-v3-service-updated', 'pagerduty'],
  ['sentry-event-alert', 'sentry', { 'sentry-hook-resource': 'event_alert' }],
  ['sentry-metric-alert', 'sentry'],
  ['sentry-legacy-webhook-plugin', 'sentry'],
  ['elastalert2-http-post', 'elastalert'],
  ['splunk-webhook', 'splunk'],
  ['opsgenie-webhook-create', 'opsgenie'],
  ['incidentio-incident-created-v2', 'incidentio'],
  ['cloudevents-structured', 'cloudevents'],
]; // prettier-ignore

describe.skipIf(!existsSync(examples))('the shared examples', () => {
  it.each(senders)('%s is read as %s', (file, id, headers = {}) => {
    const adapter = alertFormats.find((candidate) => candidate.id === id);
    const alerts = adapter
      ?.create(adapter.settings.parse({}), tools)
      .parse({ route: '/webhook/x', headers, body: readFileSync(join(examples, `${file}.json`)), receivedAt });
    expect(alerts?.every(storable)).toBe(true);
    expect(alerts?.length === 0).toBe(file === 'pagerduty-v3-service-updated');
  });
});
