/**
 * `tracepulse export --all`: everything that is kept of incidents and people, as JSON lines, one record each, named by `record`
 * (docs/operations.md lists them). It reads the store, also while the product runs, and gives out nothing unredacted.
 */
import type { Personal } from '../domain/redact.ts';
import type { Ledger } from '../ports.ts';
import { planMark } from '../ports/delivery.ts';
import type { StorePlace } from '../stores.ts';
import { withStored } from './stored.ts';

type Say = (text: string) => void;
const pageSize = 200;
const allActs = 10_000_000;
/** Of the form below; grows when a record loses or changes a field. */
export const exportVersion = 1;

export async function exportAllCommand(place: StorePlace, print: Say, complain: Say, personal: Personal = {}): Promise<number> {
  return withStored(place, complain, personal, async ({ ledger, map }, redactor) => {
    const put = (record: string, value: object) => print(JSON.stringify({ record, ...redactor.redactDeep(value).value }));
    print(JSON.stringify({ record: 'export', version: exportVersion }));
    for await (const id of incidentIds(ledger)) {
      const [incident, report, receipts] = await Promise.all([ledger.incident(id), ledger.report(id), ledger.receipts(id)]);
      if (incident !== null) put('incident', incident);
      if (report !== null) {
        // A context has its own rules of what may be shown.
        const { context, ...rest } = report;
        print(JSON.stringify({ record: 'report', ...redactor.redactDeep(rest).value, context: redactor.redactContext(context) }));
      }
      for (const { state: _, ...receipt } of receipts) if (!receipt.sink.endsWith(planMark)) put('delivery', receipt);
    }
    for (const vote of await ledger.votes()) put('verdict', vote);
    for (const act of await ledger.acts(0, allActs)) put('act', act);
    const learning = await ledger.learning();
    if (learning !== null) put('learning', learning);
    put('map', await map());
    return 0;
  });
}

/** Newest first, page by page. */
async function* incidentIds(ledger: Ledger): AsyncGenerator<string> {
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<Ledger['incidents']>> = await ledger.incidents({
      limit: pageSize,
      ...(after === null ? {} : { after }),
    });
    yield* page.incidents.map(({ id }) => id);
    after = page.next;
  } while (after !== null);
}
