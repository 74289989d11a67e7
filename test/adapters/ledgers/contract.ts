/**
 * What every ledger must do, whatever it stands on, by topic in `contract/`. `make` gives an empty ledger and a way to have
 * it again after it was closed; nothing here knows of files or tables.
 */
import { afterEach, beforeEach, describe } from 'vitest';
import type { Ledger } from '../../../src/ports.ts';
import { commitContract } from './contract/commit.ts';
import { deadLetterContract } from './contract/dead-letters.ts';
import { forgettingContract } from './contract/forgetting.ts';
import { incidentsContract } from './contract/incidents.ts';
import { outboxContract } from './contract/outbox.ts';
import { recordsContract } from './contract/records.ts';
import { workContract } from './contract/work.ts';

export interface LedgerUnderTest {
  /** Opens it: first empty, later with what was committed before. */
  open(): Promise<Ledger>;
  /** Removes it. */
  remove(): Promise<void>;
}

export function ledgerContract(name: string, make: () => Promise<LedgerUnderTest>): void {
  describe(`${name} keeps the ledger contract`, () => {
    let under: LedgerUnderTest;
    let ledger: Ledger;
    const present = () => ledger;
    const reopen = async () => {
      await ledger.close();
      ledger = await under.open();
    };
    beforeEach(async () => {
      under = await make();
      ledger = await under.open();
    });
    afterEach(async () => {
      await ledger.close();
      await under.remove();
    });

    commitContract(present, reopen);
    incidentsContract(present, reopen);
    recordsContract(present);
    forgettingContract(present, reopen);
    workContract(present);
    deadLetterContract(present);
    outboxContract(present, reopen);
  });
}
