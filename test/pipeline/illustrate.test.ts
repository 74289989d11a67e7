/** Pictures through the whole product: asked for with a report, drawn when their turn comes, shown once. */
import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '../../src/domain/failure.ts';
import type { Report } from '../../src/domain/report.ts';
import { illustrationFor, picturesFor } from '../../src/pipeline/illustrate.ts';
import type { Illustration, Outgoing } from '../../src/ports.ts';
import { anIncident, aReport } from '../adapters/ledgers/samples.ts';
import { context, hypothesis } from '../adapters/sinks/slack/cards.ts';
import { alertBody, delivery, rememberingSink, testProduct } from '../support/app.ts';

const places = [{ sink: 'slack', channel: '#debug' }];
const aRanking = (over: Parameters<typeof context>[0] = {}): Report => ({ ...aReport('INC-1', 1), context: context(over) });
const first = hypothesis().id;

describe('picturesFor', () => {
  it('asks once for each place and first suspect, a little later than the card, behind everything else', () => {
    const asked = picturesFor(anIncident('INC-1', { places }), aRanking(), 1_000);
    const common = { sink: 'slack', channel: '#debug', incidentId: 'INC-1', priority: 3 };
    expect(asked).toEqual([
      { ...common, id: `pictures:INC-1:${first}:slack:#debug`, content: { kind: 'pictures', suspect: first, part: 'map' }, dueAt: 4_000 },
      {
        ...common,
        id: `minutes:INC-1:${first}:slack:#debug`,
        content: { kind: 'pictures', suspect: first, part: 'minutes' },
        dueAt: 4_001,
      },
    ]);
  });

  it('asks for marks on pictures of others each time that another comes first, and only then', () => {
    const ids = (before: Report | null, now: Report) =>
      picturesFor(anIncident('INC-1', { places }), now, 0, before)
        .filter(({ content }) => content.kind === 'pictures' && content.part === 'outdated')
        .map(({ id }) => id);
    const other = aRanking({ hypotheses: [hypothesis({ id: 'other' })] });
    expect([ids(null, other), ids(other, other), ids(aRanking({ verdict: 'inconclusive', hypotheses: [] }), other)]).toEqual([[], [], []]);
    expect(ids(other, { ...aRanking(), round: 3 })).toEqual(['outdated:INC-1:3:slack:#debug']);
    expect(ids(aRanking(), { ...other, round: 4 })).toEqual(['outdated:INC-1:4:slack:#debug']);
  });

  it.each([
    ['a healthy verdict', anIncident('INC-1', { places }), aRanking({ verdict: 'healthy' })],
    ['no suspect', anIncident('INC-1', { places }), aRanking({ verdict: 'inconclusive', hypotheses: [] })],
    ['a muted incident', anIncident('INC-1', { places, state: 'muted' }), aRanking()],
    ['a resolved incident', anIncident('INC-1', { places, state: 'resolved' }), aRanking()],
  ])('asks for none with %s', (_, incident, report) => {
    expect(picturesFor(incident, report, 0)).toEqual([]);
  });
});

describe('sending pictures', () => {
  let product: ReturnType<typeof testProduct> | null = null;
  afterEach(async () => {
    await product?.close();
    product = null;
  });

  /** A product whose sink shows pictures, with an incident whose report names `suspect` first. */
  async function withReport(outcomes: (Failure | null)[] = []) {
    const memory = rememberingSink();
    const shown: Illustration[] = [];
    const parts: string[] = [];
    const mayExist: boolean[] = [];
    const sink = {
      ...memory.sink,
      async illustrate(illustration: Illustration, options: { mayExist: boolean }) {
        parts.push(`${illustration.part} of ${firstOf(illustration)}`);
        if (illustration.part !== 'map') return;
        mayExist.push(options.mayExist);
        const failure = outcomes.shift() ?? null;
        if (failure !== null) throw failure;
        shown.push(illustration);
      },
    };
    product = testProduct({ sinks: new Map([['slack', sink]]) });
    const { app, pass, ledger, now } = product;
    await app.receive('alertmanager', delivery('/webhook/alertmanager', alertBody({ service: 'cart' })));
    await pass(60_000); // its own rankings are over
    const report = aRanking();
    const incident = await ledger.incident('INC-1');
    if (incident === null) throw new Error('there is no incident');
    let before: Report | null = null;
    let round = 9;
    const put = async (changed: Report = report) => {
      const put = { ...changed, round: round++ };
      await ledger.commit({ reports: [put], outbox: picturesFor(incident, put, now(), before) });
      before = put;
    };
    await put();
    return { shown, parts, mayExist, put, ledger, pass };
  }

  it('shows them under the card, once, however often they are asked for', async () => {
    const { shown, put, pass } = await withReport();
    await pass(10_000);
    await put();
    await pass(10_000);
    expect(shown).toHaveLength(1);
    expect(shown[0]).toMatchObject({ threadId: 'm1', card: { incident: { id: 'INC-1' }, report: { round: 9 } } });
  });

  it('shows none of a suspect that is not the first any more, until it is again', async () => {
    const { shown, put, pass } = await withReport();
    await put(aRanking({ hypotheses: [hypothesis({ id: 'other' })] }));
    await pass(8_000);
    expect(shown.map(firstOf)).toEqual(['other']);
    await put();
    await pass(6_000);
    expect(shown.map(firstOf)).toEqual(['other', first]);
  });

  it('shows each suspect that came first once, however often the ranking changes its mind', async () => {
    const { shown, parts, put, pass } = await withReport();
    await pass(10_000);
    for (let i = 0; i < 5; i++) {
      await put(aRanking({ hypotheses: [hypothesis({ id: 'other' })] }));
      await pass(10_000);
      await put();
      await pass(10_000);
    }
    expect(shown.map(firstOf)).toEqual([first, 'other']);
    // Pictures of the other are marked each time.
    expect(parts.filter((part) => part.startsWith('outdated'))).toEqual(
      Array.from({ length: 10 }, (_, i) => `outdated of ${i % 2 === 0 ? 'other' : first}`),
    );
  });

  it('marks nothing of a change of mind that did not last until its turn', async () => {
    const { parts, put, pass } = await withReport();
    await pass(10_000);
    await put(aRanking({ hypotheses: [hypothesis({ id: 'other' })] }));
    await put();
    await pass(10_000);
    expect(parts).toEqual([`map of ${first}`, `minutes of ${first}`, `outdated of ${first}`]);
  });

  it('tries again after a failure, and says then that they may be there', async () => {
    const { shown, mayExist, pass } = await withReport([new Failure('unavailable', 'slack', 'show pictures')]);
    await pass(30_000);
    expect(shown).toHaveLength(1);
    expect(mayExist).toEqual([false, true]);
  });

  it('waits for its card, but not for ever', async () => {
    const { ledger } = await withReport();
    const incident = anIncident('INC-7', { places, openedAt: 0 });
    const card = { incident, report: aRanking(), tallies: new Map() };
    const entry: Outgoing = { ...picturesFor(incident, aRanking(), 0)[0]!, attempts: 1, revision: 1 };
    expect(await illustrationFor(entry, card, ledger, 1_000)).toBe(2_000);
    expect(await illustrationFor(entry, card, ledger, 3_600_000)).toBeNull();
  });

  it('waits for its suspect to be first again, for an hour', async () => {
    const { ledger } = await withReport();
    const incident = anIncident('INC-7', { places, openedAt: 0 });
    const entry: Outgoing = { ...picturesFor(incident, aRanking(), 0)[0]!, attempts: 1, revision: 1 };
    const changed = { incident, report: aRanking({ hypotheses: [hypothesis({ id: 'other' })] }), tallies: new Map() };
    expect(await illustrationFor(entry, changed, ledger, 3_000_000)).toBe(30_000);
    expect(await illustrationFor(entry, changed, ledger, 3_600_001)).toBeNull();
  });
});

function firstOf({ card }: Illustration): string | undefined {
  return card.report?.context.hypotheses[0]?.id;
}
