/** Verdicts from the buttons of a report: cast, explained, changed, taken back, and each counted once whatever happens. */
import { describe, expect, it } from 'vitest';
import { blockOf, lastEphemeral, oneRun, run, seen, workspace } from './one-run.ts';

oneRun();

describe('verdicts', () => {
  it('confirm with one press, and take it back with the next', async () => {
    const at = await run.postCard();
    await workspace().click('ana', at, { actionId: 'hypothesis_confirm', blockId: blockOf(at, 'h1aaaaa') });
    await seen(() => run.votes[0]);
    expect(run.votes[0]).toMatchObject({ incidentId: 'INC-12', hypothesisId: 'h1aaaaa', verdict: 'confirm', person: 'slack:U0ANA' });
    await seen(() => (lastEphemeral('ana')?.includes('you confirmed *payment*') ? true : undefined));
    run.pass(2_500);
    await workspace().click('ana', at, { actionId: 'hypothesis_confirm', blockId: blockOf(at, 'h1aaaaa') });
    await seen(() => run.votes[1]);
    expect(run.votes[1]).toMatchObject({ verdict: 'withdraw' });
  });

  it('reject asks what it really was, and stores the answer', async () => {
    const at = await run.postCard();
    await workspace().click('ben', at, { actionId: 'hypothesis_reject', blockId: blockOf(at, 'h1aaaaa') });
    const view = await seen(() => workspace().views('ben').at(-1));
    expect(JSON.stringify(view.view)).toContain('What was it really?');
    expect(run.votes).toEqual([]);
    const { options } = selectIn(view.view);
    expect(options.map((option) => option.text.text)).not.toContain('payment');
    const catalog = options.find((option) => option.text.text === 'catalog')?.value ?? '';
    expect(await workspace().submit('ben', { actual_service: catalog, actual_kind: 'latency', note: 'The cache was cold.' })).toMatchObject(
      { ok: true },
    );
    await seen(() => run.votes[0]);
    expect(run.votes[0]).toMatchObject({ verdict: 'reject', person: 'slack:U0BEN', actualService: 'catalog', note: 'The cache was cold.' });
    expect(run.votes[0]?.actualKind).toBe('latency');
    await seen(() => (lastEphemeral('ben')?.includes('you rejected *payment*') ? true : undefined));
  });

  it('confirm with a note of why, from the menu, and take it back with the button', async () => {
    const at = await run.postCard();
    await workspace().click('ana', at, { actionId: 'incident_more', value: 'confirm-note:INC-12' });
    const view = await seen(() => workspace().views('ana').at(-1));
    expect(JSON.stringify(view.view)).toContain('You say it was *payment*.');
    expect(await workspace().submit('ana', { note: 'The gateway had no connections left.' })).toMatchObject({ ok: true });
    await seen(() => run.votes[0]);
    expect(run.votes[0]).toMatchObject({ verdict: 'confirm', hypothesisId: 'h1aaaaa', note: 'The gateway had no connections left.' });
    run.pass(2_500);
    await workspace().click('ana', at, { actionId: 'hypothesis_confirm', blockId: blockOf(at, 'h1aaaaa') });
    await seen(() => run.votes[1]);
    expect(run.votes[1]?.verdict).toBe('withdraw');
  });

  it('change from one side to the other', async () => {
    const at = await run.postCard();
    await workspace().click('ana', at, { actionId: 'hypothesis_confirm', blockId: blockOf(at, 'h1aaaaa') });
    await seen(() => run.votes[0]);
    run.pass(100);
    await workspace().click('ana', at, { actionId: 'hypothesis_reject', blockId: blockOf(at, 'h1aaaaa') });
    await seen(() => workspace().views('ana').at(-1));
    await workspace().submit('ana');
    await seen(() => run.votes[1]);
    expect(run.votes.map((vote) => vote.verdict)).toEqual(['confirm', 'reject']);
    run.pass(2_500);
    await workspace().click('ana', at, { actionId: 'hypothesis_reject', blockId: blockOf(at, 'h1aaaaa') });
    await seen(() => run.votes[2]);
    expect(run.votes[2]?.verdict).toBe('withdraw');
  });

  it('are not taken back by a double click, nor cast again', async () => {
    const at = await run.postCard();
    const press = async (actionId: string) => {
      await workspace().click('ben', at, { actionId, blockId: blockOf(at, 'h1aaaaa') });
      // The click is answered once it is stored.
      const entry = run.accepted.at(-1)!;
      expect(entry.id).toContain(actionId);
      await seen(() => (run.finished.includes(entry.id) ? true : undefined));
    };
    const cast = () => run.votes.map((vote) => vote.verdict);
    await press('hypothesis_confirm');
    run.pass(300);
    await press('hypothesis_confirm');
    expect(cast()).toEqual(['confirm']);
    run.pass(2_500);
    await press('hypothesis_confirm');
    run.pass(300);
    await press('hypothesis_confirm');
    expect(cast()).toEqual(['confirm', 'withdraw']);
    // The other button is another wish, however soon.
    run.pass(2_500);
    await press('hypothesis_confirm');
    run.pass(300);
    await press('hypothesis_reject');
    await seen(() => workspace().views('ben').at(-1));
    await workspace().submit('ben');
    await seen(() => run.votes[3]);
    run.pass(300);
    await press('hypothesis_reject');
    expect(cast()).toEqual(['confirm', 'withdraw', 'confirm', 'reject']);
  });

  it('are not lost when the modal cannot be opened any more', async () => {
    const at = await run.postCard();
    await workspace().click('chris', at, { actionId: 'hypothesis_reject', blockId: blockOf(at, 'h1aaaaa') });
    await seen(() => workspace().views('chris').at(-1));
    await workspace().dismiss('chris');
    const entry = run.accepted.findLast((accepted) => accepted.id.includes('hypothesis_reject'));
    await run.replay(entry!); // the trigger was used: as after a crash
    expect(run.votes[0]).toMatchObject({ verdict: 'reject', person: 'slack:U0CHRIS' });
    workspace().clearRefusals();
  });

  it('are not undone when a crash makes a press run again', async () => {
    const at = await run.postCard();
    await workspace().click('dana', at, { actionId: 'hypothesis_confirm', blockId: blockOf(at, 'h1aaaaa') });
    await seen(() => run.votes[0]);
    await run.replay(run.accepted.findLast((entry) => entry.id.includes('hypothesis_confirm'))!);
    expect(run.votes.map((vote) => vote.verdict)).toEqual(['confirm']);
  });

  it('are counted once however often the same press is delivered', async () => {
    const at = await run.postCard();
    await workspace().click('dana', at, { actionId: 'hypothesis_confirm', blockId: blockOf(at, 'h1aaaaa') });
    await seen(() => run.votes[0]);
    const count = run.accepted.length;
    expect(new Set(run.accepted.map((entry) => entry.id)).size).toBe(count);
    expect(await run.app.accept(run.accepted.at(-1)!)).toBe(false);
  });
});

function selectIn(view: unknown): { options: { text: { text: string }; value: string }[] } {
  const { blocks } = view as { blocks: { element?: { type: string; options: { text: { text: string }; value: string }[] } }[] };
  return blocks.find((block) => block.element?.type === 'static_select')?.element ?? { options: [] };
}
