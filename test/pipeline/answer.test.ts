import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRecording } from '../../src/cli/recording.ts';
import { testProduct } from '../support/app.ts';

const folder = fileURLToPath(new URL('../scenarios/harbour', import.meta.url));
const recording = openRecording(folder);
const product = testProduct({}, recording.alertAt);
let incidentId = '';
const ask = (text: string) => product.app.ask({ incidentId, text, person: 'slack:U1' });

beforeAll(async () => {
  for (const signal of ['traces', 'logs'] as const)
    for (const body of recording.bodies(signal)) await product.app.ingest(signal, body, 'json');
  const delivery = { route: '/webhook/alertmanager', headers: {}, body: recording.alertBody, receivedAt: recording.alertAt };
  incidentId = (await product.app.receive('alertmanager', delivery)).ids[0] ?? '';
  await product.app.settle();
});
afterAll(() => product.close());

describe('a question in a thread', () => {
  it('gets log lines of a service, newest last, with where they were read', async () => {
    const { text, lines, sources } = await ask('logs of paymnet');
    expect(text).toContain('log lines of payment');
    expect(lines.length).toBeGreaterThan(3);
    const times = lines.map((line) => line.slice(0, 8));
    expect([...times].sort()).toEqual(times);
    expect(sources[0]).toMatch(/^logs kept here, \d\d:/);
  });

  it('gets only errors, and only those that hold a text, when asked so', async () => {
    const errors = await ask('errors in payment');
    expect(errors.lines.every((line) => line.includes('ERROR'))).toBe(true);
    const about = await ask('logs of payment about charged');
    expect(about.lines.length).toBeGreaterThan(0);
    expect(about.lines.every((line) => line.includes('charged'))).toBe(true);
    expect((await ask('logs of payment about zebra')).text).toContain('No log lines');
  });

  it('gets callers with counts', async () => {
    const { lines } = await ask('who calls payment?');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^checkout: \d+ calls, \d+ failed, p95 /);
    expect((await ask('what does payment call')).lines.join()).toContain('db:payment');
  });

  it('is told who suffers, nearest first', async () => {
    expect((await ask('blast radius of payment')).lines).toEqual(['checkout', 'storefront']);
  });

  it('gets the reasons for a hypothesis with evidence ids, and an honest answer for a service on no list', async () => {
    const context = await product.app.context(incidentId);
    const first = context?.hypotheses[0];
    const why = await ask(`why ${first?.service}`);
    expect(why.text).toContain(`${first?.service} is number 1`);
    expect(why.sources).toEqual(expect.arrayContaining([...(first?.evidence ?? [])]));
    const listed = new Set(context?.hypotheses.map((h) => h.service));
    const innocent = ['session', 'shipping', 'pricing'].find((service) => !listed.has(service));
    expect((await ask(`why not ${innocent}`)).text).toContain(`Nothing I read speaks against ${innocent}`);
  });

  it('gets a trace as a tree with its failure', async () => {
    const context = await product.app.context(incidentId);
    const traceId = Object.values(context?.evidence ?? {}).find((e) => e.traceId !== null)?.traceId;
    const { lines, text } = await ask(`show trace ${traceId}`);
    expect(text).toContain(`Trace ${traceId}`);
    expect(lines[0]).toMatch(/^(FAILED )?storefront /);
    expect(lines.some((line) => line.startsWith('  '))).toBe(true);
    expect((await ask(`show trace ${'0'.repeat(31)}1`)).text).toContain('is not kept here');
  });

  it('says that changes are unknown rather than none', async () => {
    const { text } = await ask('what changed');
    expect(text).toContain('No source of changes is connected');
    expect((await ask('what is missing')).lines.join()).toContain('changes');
  });

  it('lists what can be asked when it does not understand', async () => {
    expect((await ask('could you maybe fix it for us')).lines).toContain('what changed');
    expect((await ask('logs of zzzzzzzz')).text).toContain('no service called zzzzzzzz');
  });
});
