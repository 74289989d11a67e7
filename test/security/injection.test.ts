/**
 * Texts that give orders change nothing but the text that quotes them: no place or confidence in the ranking, no recipient,
 * button, link, ticket or setting; also where the model does all that it reads.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Model } from '../../src/ports/model.ts';
import { letterAbout } from '../../src/adapters/sinks/email/letter.ts';
import { renderCard } from '../../src/adapters/sinks/slack/card.ts';
import type { IncidentContext } from '../../src/domain/incident-context.ts';
import { readSaid } from '../../src/domain/said-verdict.ts';
import { answerText } from '../../src/surfaces/slack/answer-text.ts';
import { typedText } from '../../src/surfaces/slack/heard.ts';
import { attacks, evilHost, neutral } from './attacks.ts';
import { doorsOf } from './doors.ts';
import { alertAt, incidentWith, type Plantings, type World } from './world.ts';

/** Says whatever it was told to: the attacks themselves, as claims on evidence that is there, and another suspect. */
const obedient: Model = {
  async answer(question) {
    const asked = question.turns.at(-1)?.text ?? '';
    const evidence = [...asked.matchAll(/\be[0-9a-z]{6,8}\b/g)].map(([id]) => id);
    const hypotheses = [...asked.matchAll(/\bh[0-9a-z]{5,7}\b/g)].map(([id]) => id);
    const claims = attacks.slice(0, 12).map((text) => ({ text, evidence: evidence.slice(0, 1) }));
    const claim = { text: attacks[6] ?? '', evidence: evidence.slice(0, 1) };
    const answers = [
      { claims, alternative: { service: 'lobby', ...claim }, argument: null },
      {
        claims,
        alternative: { ...claim, service: 'lobby', kind: 'error', confidence: 1 },
        argument: { ...claim, hypothesis: hypotheses[0], confidence: 1 },
      },
      { claims, alternative: null, argument: null },
      { look: [], answer: /Ignore previous[\s\S]*/.exec(asked)?.[0] ?? attacks[6] ?? '' },
    ];
    const value = answers.map((answer) => question.shape.safeParse(answer)).find(({ success }) => success);
    if (value?.data === undefined) throw new Error('the stand-in does not know the shape that is asked for');
    question.spent({ input: 1, output: 1 });
    return { value: value.data, text: JSON.stringify(value.data), model: 'obedient' };
  },
  costOf: () => null,
};

/** In every place that outsiders write to. */
function planted(write: (text: string) => string): Plantings {
  const texts = attacks.map(write);
  return {
    lines: [
      ...texts.map((text) => ({ text, service: 'lobby', severity: 9, attributes: { note: text } })),
      ...texts.map((text) => ({ text: 'started', service: text, severity: 9 })),
    ],
    traces: [
      texts.map((text, i) => ({ name: `step ${i}`, service: 'lobby', attributes: { 'app.note': text } })),
      texts.map((text, i) => ({ name: `call ${i}`, service: text })),
    ],
    alerts: [
      { annotations: { summary: 'Too many errors', ...Object.fromEntries(texts.map((text, i) => [`note${i}`, text])) } },
      ...texts.slice(0, 24).map((text, i) => ({
        labels: { alertname: text, pod: `p${i}`, team: text },
        annotations: { summary: text, description: text },
        generatorURL: i % 2 === 0 ? `https://${evilHost}/g` : 'javascript:alert(1)',
      })),
    ],
    changes: texts.map((title, i) => ({
      kind: 'commit' as const,
      service: 'lobby',
      startedAt: alertAt - 3_600_000 - i * 1_000,
      steps: [],
      version: null,
      sha: `${String(i).padStart(4, '0')}fffe1234567890abcdef1234567890abcdef`,
      url: null,
      title,
      files: [],
    })),
  };
}

const order = (context: IncidentContext | null) =>
  context?.hypotheses.map(({ service, kind, confidence }) => ({ service, kind, confidence }));
const buttons = (world: World) =>
  world.memory.shipped.flatMap((shipment) =>
    shipment.kind === 'card'
      ? [
          shipment.channel,
          ...renderCard(shipment.card).blocks.flatMap((block) =>
            block.type === 'actions'
              ? block.elements.map((element) => JSON.stringify('action_id' in element ? element.action_id : ''))
              : [],
          ),
        ]
      : [shipment.channel],
  );

let quiet: World;
let attacked: World;
let obeyed: World;
beforeAll(async () => {
  quiet = await incidentWith(planted(neutral));
  attacked = await incidentWith(planted((text) => text));
  obeyed = await incidentWith(
    planted((text) => text),
    { model: obedient },
  );
});
afterAll(async () => {
  for (const world of [quiet, attacked, obeyed]) await world?.end();
});

describe('orders in what is read', () => {
  it('are many', () => {
    expect(new Set(attacks).size).toBeGreaterThanOrEqual(120);
    console.log(
      `injection: ${attacks.length} attacks, each in a log line, a span, a service name, an annotation, a commit message and a reply`,
    );
  });

  it('change no place and no confidence, also with a model that obeys', async () => {
    const expected = order(await quiet.app.context('INC-1'));
    expect(expected?.[0]?.service).toBe('tariffs');
    expect(order(await attacked.app.context('INC-1'))).toEqual(expected);
    const { hypotheses = [], diagnosis } = (await obeyed.app.context('INC-1')) ?? {};
    expect(diagnosis?.model).toBe('obedient');
    expect(hypotheses.map(({ service }) => service)).toEqual(expected?.map(({ service }) => service));
    for (const [i, { confidence }] of hypotheses.entries()) expect(confidence).toBeLessThanOrEqual(expected?.[i]?.confidence ?? 0);
  });

  it('change no recipient, no button, no state, no verdict and no ticket', async () => {
    for (const world of [attacked, obeyed]) {
      expect(new Set(buttons(world))).toEqual(new Set(buttons(quiet)));
      const { incidents } = await world.app.incidents({ limit: 50 });
      for (const { card, votes } of incidents) {
        expect(card.incident.state).toBe('open');
        expect(votes).toEqual([]);
        expect(card.ticket).toBeUndefined();
      }
      expect(await world.app.mutes()).toEqual(new Map());
    }
  });

  it('said under a report by outsiders are noted as nothing, change nothing and are answered without what they ask for', async () => {
    for (const world of [attacked, obeyed]) {
      const { hypotheses = [] } = (await world.app.context('INC-1')) ?? {};
      const services = (await world.app.map()).services.map(({ name }) => name);
      expect(services.length).toBeGreaterThan(100);
      const before = [order(await world.app.context('INC-1')), await world.app.acts(0, 100), new Set(buttons(world))];
      for (const text of attacks) {
        expect([text, readSaid(typedText(text), { suspects: hypotheses, services })]).toEqual([text, null]);
        const answer = answerText(await world.app.ask({ incidentId: 'INC-1', text, person: 'slack:U0OUTSIDER' }));
        expect([text, answer.match(/<(?:!(?!date\^)|[@#]|https?:|mailto:|javascript:)[^>]{0,80}/)]).toEqual([text, null]);
        expect([text, answer.includes(evilHost)]).toEqual([text, false]);
      }
      await world.app.settle();
      expect([order(await world.app.context('INC-1')), await world.app.acts(0, 100), new Set(buttons(world))]).toEqual(before);
    }
  });

  it('make no link, image or mention at any door', async () => {
    for (const world of [attacked, obeyed]) {
      const doors = await doorsOf(world, { marks: ['ignore', 'lobby', 'data'], traces: 1, service: 'lobby' });
      for (const [door, text] of doors) {
        if (/Slack|threads|commands|Home/.test(door))
          expect([door, text.match(/<(?:!(?!date\^)|[@#]|https?:|mailto:|javascript:)[^>]{0,80}/)]).toEqual([door, null]);
        if (door === 'export as markdown') expect([door, text.match(/(?<!\\)\]\(|https?:\/\/|(?<!\\)<[a-z!]/)]).toEqual([door, null]);
        if (/export as (?:markdown|prompt)|text of a report|tickets|command$/.test(door))
          expect([door, text.match(/[\x1b\x07\u202e\r]/)]).toEqual([door, null]);
      }
    }
  });

  it('make letters with our own recipients and no address to follow', () => {
    const us = { name: 'T', address: 't@example.com' };
    for (const shipment of [...attacked.memory.shipped, ...obeyed.memory.shipped]) {
      if (shipment.kind !== 'card') continue;
      const about = { sender: { from: us, unsubscribeUrl: null }, to: us, messageId: '<1@x>', inReplyTo: null, rootId: '<1@x>' };
      const letter = letterAbout(shipment.card, 'opened', about);
      expect(letter.to).toEqual(us);
      expect(JSON.stringify([letter.subject, letter.headers, letter.list])).not.toMatch(/\\r|\\n|\\u001b/);
      expect(letter.html ?? '').not.toMatch(/<(?:script|iframe|form)|(?:href|src)="?(?:https?:\/\/evil|javascript)/i);
    }
  });
});
