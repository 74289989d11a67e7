/**
 * A store that says that statements wait for a lock is held up by whoever holds it, a client of its or a session from elsewhere: what
 * speaks against it would look the same with either at fault.
 *
 *   ledger: process 387 still waiting for ShareLock on transaction 918 after 1000 ms        ledger, or who holds it
 */
import type { Scene } from './scene.ts';
import type { SignalName, Suspicions } from './suspicion.ts';

/** In the words of PostgreSQL, MySQL and MariaDB, SQL Server, Oracle and MongoDB. */
const lockWords =
  /\bstill waiting for \w+Lock\b|\bProcess holding the lock\b|\bProcesses holding the lock\b|\bdeadlock (?:detected|found)\b|\bWAITING FOR THIS LOCK\b|\bLock wait timeout exceeded\b|\block request time ?out\b|\bcanceling statement due to lock timeout\b|\bORA-000(?:54|60)\b|\bLockTimeout\b|\bWriteConflict\b/i;
/** It stands at the front. */
const readTo = 400;
/** One or two there are on any day. */
const fewest = 3;

/** What a lock brings about. */
const held: readonly SignalName[] = ['slow', 'unreachable', 'unanswered', 'origin', 'store'];

/** Once everything that speaks against stores is known. */
export function doubtLockedStores(scene: Scene, suspicions: Suspicions): void {
  const { recent, lexicon } = scene;
  const { logs, strings } = recent.window;
  for (const { service } of suspicions.all()) {
    const number = strings.find(service);
    const isTraced = recent.spans.sum(lexicon.id(service)) > 0;
    if (number < 0 || isTraced || !held.some((signal) => suspicions.value(service, signal) > 0)) continue;
    let said = 0;
    for (let row = 0; row < logs.length && said < fewest; row++)
      if (logs.service[row] === number && lockWords.test(logs.text(row).slice(0, readTo))) said++;
    if (said >= fewest) suspicions.doubt(service, held);
  }
}
