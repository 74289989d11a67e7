/** What a card says in words: how things stand, what people added, what is not known, and the sentence of a notification. */
import { describe, expect, it } from 'vitest';
import { cardText, renderCard } from '../../../../src/adapters/sinks/slack/card.ts';
import { card, context, evidence, hypothesis, states } from './cards.ts';

describe('renderCard', () => {
  it('says in its own words how things stand, and what was true before', () => {
    const stateOf = (parts: Parameters<typeof card>[0]) => {
      const [head] = renderCard(card(parts)).blocks;
      return (head?.type === 'section' ? (head.text?.text ?? '') : '').split('\n')[1]?.replace(/<!date[^>]*>/g, 'TIME');
    };
    const by = (confirmedBy: string[], rejectedBy: string[] = []) => ({
      confirm: confirmedBy.length,
      reject: rejectedBy.length,
      confirmedBy,
      rejectedBy,
    });
    const ana = { h1aaaaa: by(['slack:U0ANA']) };
    expect(stateOf({})).toBe('Firing since TIME · alert on checkout');
    expect(stateOf({ tallies: ana })).toBe('~Firing~ → Confirmed by <@U0ANA> · since TIME · alert on checkout');
    expect(stateOf({ tallies: { h1aaaaa: by(['slack:U0ANA'], ['slack:U0BEN']) } })).toBe('Firing since TIME · alert on checkout');
    expect(stateOf({ tallies: ana, incident: { state: 'resolved', resolvedAt: 1 } })).toBe(
      '~Firing~ → Confirmed by <@U0ANA> → Resolved TIME · alert on checkout',
    );
    expect(stateOf({ incident: { state: 'muted', mutedUntil: 1, alertCount: 3 } })).toBe(
      '~Firing~ → Muted until TIME · 3 alerts · alert on checkout',
    );
    const two = [hypothesis(), hypothesis({ id: 'h2bbbbb', service: 'catalog' })];
    expect(stateOf({ context: { hypotheses: two }, tallies: { h2bbbbb: by(['api:ci']) } })).toContain(
      'Confirmed by api:ci: catalog · since',
    );
  });

  it('says what people added to their verdicts, as data', () => {
    const remark = {
      person: 'slack:U0BEN',
      verdict: 'reject' as const,
      actualService: '<!here>',
      actualKind: 'latency' as const,
      note: 'cold *cache*\nfrom deploy',
    };
    const tally = { confirm: 0, reject: 1, confirmedBy: [], rejectedBy: ['slack:U0BEN'] };
    const shown = (remarks: readonly (typeof remark)[]) =>
      JSON.stringify(renderCard(card({ tallies: { h1aaaaa: { ...tally, remarks } } })).blocks);
    expect(shown([remark])).toContain('Rejected by <@U0BEN>\\n<@U0BEN>: it was &lt;!here&gt; (slow). “cold ∗cache∗ from deploy”');
    expect(shown([1, 2, 3].map((n) => ({ ...remark, note: `note ${n}` })))).not.toContain('note 1');
  });

  it('says which sources it waits for, while there is no report', () => {
    const shown = (progress: { answered: string[]; waiting: string[] }) =>
      JSON.stringify(renderCard({ ...card({ context: null }), progress }).blocks);
    expect(shown({ answered: ['loki', 'tempo'], waiting: ['<prom>'] })).toContain(
      'Investigating … loki, tempo answered; waiting for &lt;prom&gt;"',
    );
    expect(shown({ answered: [], waiting: ['loki'] })).toContain('Investigating … waiting for loki"');
    expect(shown({ answered: ['loki'], waiting: [] })).toContain('reading traces, logs and metrics');
  });

  it('says a sentence once where summary and evidence are the same', () => {
    const { text } = evidence();
    const drawn = JSON.stringify(renderCard(card({ context: { hypotheses: [hypothesis({ summary: text })], summary: text } })).blocks);
    expect(drawn.split(text)).toHaveLength(2);
  });

  it.each(['healthy', 'cause', 'inconclusive'] as const)('says what was not read also when the verdict is %s', (verdict) => {
    const gaps = [{ source: 'loki', reason: 'loki: search logs (unavailable)' }];
    const drawn = renderCard(card({ context: { verdict, gaps, hypotheses: verdict === 'healthy' ? [] : [hypothesis()] } }));
    expect(JSON.stringify(drawn.blocks)).toContain('Not known: loki (loki: search logs (unavailable))');
    if (verdict === 'healthy') expect(drawn.text).toContain('Not known: loki.');
  });

  it('names a part of a service only where that tells suspects apart', () => {
    const shown = (...components: (string | null)[]) =>
      JSON.stringify(
        renderCard(card({ context: { hypotheses: components.map((component, i) => hypothesis({ id: `h${i}`, component })) } })).blocks,
      );
    expect(shown('shop.http', 'shop.http')).not.toContain('shop.http');
    expect(shown('shop.http')).not.toContain('shop.http');
    expect(shown('orders', 'billing')).toContain('(orders)');
    expect(shown('@opentelemetry/instrumentation-pg', 'orders')).not.toContain('instrumentation');
  });

  it('makes no formatting of the signs in a log template', () => {
    const text = 'quoted "<*> of <*>" in __init__, `once` ~all~ of ts_order 2*3';
    const drawn = JSON.stringify(renderCard(card({ context: { evidence: { e1: evidence({ text }) } } })).blocks);
    expect(drawn).toContain('&lt;∗&gt; of &lt;∗&gt;');
    expect(drawn).toContain("ˍˍinitˍˍ, 'once' ∼all∼ of ts_order 2*3");
  });

  it('keeps what is not known to a few words: the same reason once, later ones by name alone', () => {
    const gaps = ['a', 'b', 'c', 'd'].map((source, i) => ({ source, reason: i < 2 ? 'away' : `reason ${i}` }));
    expect(JSON.stringify(renderCard(card({ context: { gaps } })).blocks)).toContain('Not known: a, b (away); c (reason 2); d"');
  });

  it('leaves out evidence ids that the report does not hold', () => {
    const drawn = JSON.stringify(renderCard(card({ context: { hypotheses: [hypothesis({ evidence: ['e1', 'gone'] })] } })));
    expect(drawn).toContain('e1');
    expect(drawn).not.toContain('gone');
  });
});

describe('cardText', () => {
  it.each([
    ['investigating', 'Investigating critical incident INC-12 (Error rate above 5 %, checkout), alert at 2026-11-25 10:02:00 UTC.'],
    [
      'one-cause',
      'Critical incident INC-12 (Error rate above 5 %, checkout): the most likely cause is payment (errors), likely at 72 %. Begun about 2026-11-25 10:00:45 UTC.',
    ],
    [
      'resolved',
      'Resolved critical incident INC-12 (Error rate above 5 %, checkout): the most likely cause is payment (errors), very likely at 91 %. Begun about 2026-11-25 10:00:45 UTC.',
    ],
    [
      'healthy',
      'Critical incident INC-12 (Error rate above 5 %, checkout): nothing departs from normal in the telemetry around this alert.',
    ],
  ])('says of %s all that a notification needs', (name, sentence) => {
    expect(cardText(states[name]!)).toBe(sentence);
  });

  it('does not call a suspect the cause when the verdict is open', () => {
    const text = cardText(card({ context: { ...context(), verdict: 'inconclusive' } }));
    expect(text).toContain('not clear');
    expect(text).not.toContain('the most likely cause');
  });
});
