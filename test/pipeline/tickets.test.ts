/** One issue per incident, through the whole product: fifty presses, lost answers, a restart, a refusal, a route. */
import { afterEach, describe, expect, it } from 'vitest';
import { jira } from '../../src/adapters/sinks/jira/jira.ts';
import { Route } from '../../src/domain/routing.ts';
import { type JiraStandIn, startJira } from '../stand-ins/jira.ts';
import { alertBody, delivery, rememberingSink, start as startsAt, testProduct } from '../support/app.ts';

const token = 'atlassian-token-77';
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
let server: JiraStandIn;
const stops: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

type Product = ReturnType<typeof testProduct>;

async function start(over: Parameters<typeof testProduct>[0] = {}) {
  let product: Product | null = null;
  const now = () => product?.now() ?? startsAt;
  server = await startJira({ flavour: 'cloud', token, email: 'bot@example.com', now });
  stops.push(() => server.stop());
  const sinkOf = () => {
    const settings = { JIRA_URL: server.url, JIRA_EMAIL: 'bot@example.com', JIRA_TOKEN: token, JIRA_PROJECT: 'OPS' };
    return jira.create(jira.settings.parse(settings), { fetch: globalThis.fetch, now, log: silent });
  };
  const slack = rememberingSink();
  const sinks = () =>
    new Map([
      ['slack', slack.sink],
      ['jira', sinkOf()],
    ]);
  product = testProduct({ sinks: sinks(), ...over });
  const made = product;
  stops.push(() => made.close());
  const fire = (status: 'firing' | 'resolved' = 'firing') =>
    made.app.receive('alertmanager', delivery('/webhook/alertmanager', alertBody({ service: 'cart', status })));
  const shown = () => slack.shipped.flatMap((shipment) => (shipment.kind === 'card' ? [shipment.card.ticket] : [])).at(-1);
  return { ...made, fire, shown, sinks };
}

const wish = { project: 'OPS', type: 'Task', priority: null, assignee: null, summary: 'Fix it', description: 'It is broken' };
const press = (product: Pick<Product, 'app'>, person = 'slack:U1', more: Partial<typeof wish> = {}) =>
  product.app.openTicket({ incidentId: 'INC-1', wish: { ...wish, ...more }, person });

describe('an issue', () => {
  it('is one, whoever presses and however often, while answers are lost', async () => {
    const product = await start();
    await product.fire();
    await product.pass(3_000);
    expect(product.shown()).toEqual({ state: 'none' });
    server.loseNext('answer');
    server.lag(1);
    const before = await Promise.all(Array.from({ length: 50 }, (_, i) => press(product, `slack:U${i % 10}`)));
    expect(before.filter(({ state }) => state === 'none')).toHaveLength(1);
    await product.pass(1_000);
    expect(product.shown()).toEqual({ state: 'asked' });
    await product.pass(60_000);
    expect(server.issues.map(({ key }) => key)).toEqual(['OPS-1']);
    expect(product.shown()).toEqual({ state: 'made', key: 'OPS-1', url: `${server.url}/browse/OPS-1`, status: 'To Do' });
    expect(await press(product)).toMatchObject({ state: 'made', key: 'OPS-1' });
    expect((await product.ledger.acts(0, 100)).filter(({ kind }) => kind === 'ticket')).toHaveLength(1);
  });

  it('is one across two replicas and a restart', async () => {
    const product = await start();
    await product.fire();
    await product.pass(3_000);
    const other = testProduct({ sinks: product.sinks(), ledger: product.ledger }, product.now());
    await Promise.all(Array.from({ length: 50 }, (_, i) => press(i % 2 === 0 ? product : other, `slack:U${i % 10}`)));
    await Promise.all([product.pass(3_000), other.pass(3_000)]);
    const third = testProduct({ sinks: product.sinks(), ledger: product.ledger }, product.now());
    expect(await press(third)).toMatchObject({ state: 'made', key: 'OPS-1' });
    expect(server.issues).toHaveLength(1);
  });

  it('follows its incident: the end is said there, and its status on the card', async () => {
    const product = await start();
    await product.fire();
    await product.pass(3_000);
    await press(product);
    await product.pass(3_000);
    server.issues[0]!.status = 'In Progress';
    await product.fire('resolved');
    await product.pass(5_000);
    expect(server.issues[0]?.comments.at(-1)).toContain('INC-1: the incident is resolved.');
    expect(product.shown()).toMatchObject({ state: 'made', status: 'In Progress' });
    expect((await product.ledger.receipts('INC-1')).find(({ sink }) => sink === 'jira')).toMatchObject({
      messageId: 'OPS-1',
      channel: 'OPS',
    });
  });

  it('that Jira refuses is said on the card, and can be asked for otherwise', async () => {
    const product = await start();
    await product.fire();
    await product.pass(3_000);
    await press(product, 'slack:U1', { type: 'Epic' });
    await product.pass(3_000);
    expect(product.shown()).toEqual({ state: 'refused', reason: 'Jira refuses what it was given for: issuetype' });
    expect(await press(product, 'slack:U2', { project: 'WEB' })).toMatchObject({ state: 'refused' });
    await product.pass(3_000);
    expect(server.issues.map(({ key }) => key)).toEqual(['WEB-1']);
    expect(product.shown()).toMatchObject({ state: 'made', key: 'WEB-1' });
  });

  it('is opened by itself where a route says so, and only there', async () => {
    const routes = [Route.parse({ match: { service: 'cart' }, channels: ['#debug', 'jira:OPS'] })];
    const product = await start({ routes: () => routes });
    await product.fire();
    await product.pass(4_000);
    expect(server.issues.map(({ fields }) => fields.labels)).toEqual([['tracepulse', 'tracepulse-INC-1']]);
    expect(await press(product)).toMatchObject({ state: 'made' });
    await product.app.receive('alertmanager', delivery('/webhook/alertmanager', alertBody({ service: 'mail', alertname: 'Other' })));
    await product.pass(4_000);
    expect(server.issues).toHaveLength(1);
  });

  it('holds no secret that somebody typed or an alert said', async () => {
    const product = await start();
    await product.fire();
    await product.pass(3_000);
    await press(product, 'slack:U1', { summary: 'password=hunter2hunter2', description: 'Authorization: Bearer abcdef0123456789abcdef' });
    await product.pass(3_000);
    expect(JSON.stringify(server.issues)).not.toMatch(/hunter2|abcdef0123456789/);
  });
});

describe('the form', () => {
  it('is filled in from the report and from what the project offers', async () => {
    const product = await start();
    await product.fire();
    await product.pass(4_000);
    const form = await product.app.ticketForm('INC-1');
    expect(form).toMatchObject({
      ticket: { state: 'none' },
      wish: { project: 'OPS', type: 'Task', priority: 'Highest', assignee: null },
      choices: { types: ['Task', 'Bug', 'Story', 'Change'] },
    });
    expect(form?.wish.summary).toContain('INC-1');
    expect(form?.wish.description.length).toBeLessThanOrEqual(3_000);
  });

  it('does without the choices when Jira does not say them, and is not there for what is not known', async () => {
    const product = await start();
    await product.fire();
    await product.pass(2_000);
    server.fail({ status: 500 });
    expect(await product.app.ticketForm('INC-1')).toMatchObject({ choices: null, wish: { project: 'OPS', priority: null } });
    expect(await product.app.ticketForm('INC-9')).toBeNull();
  });

  it('is not there without a tracker', async () => {
    const product = testProduct();
    stops.push(() => product.close());
    await product.app.receive('alertmanager', delivery('/webhook/alertmanager', alertBody({ service: 'cart' })));
    await product.pass(3_000);
    expect(await product.app.ticketForm('INC-1')).toBeNull();
    expect(product.memory.shipped.flatMap((s) => (s.kind === 'card' ? [s.card.ticket] : []))).toEqual(expect.arrayContaining([undefined]));
    await expect(press(product)).rejects.toMatchObject({ code: 'rejected' });
  });
});
