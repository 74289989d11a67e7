import { describe, expect, it } from 'vitest';
import { tellsOfUnfitStore } from '../../../src/domain/baseline/store-text.ts';

describe('tellsOfUnfitStore', () => {
  it.each([
    'ERROR:  could not extend file "base/13/2619": No space left on device',
    'pq: cannot execute INSERT in a read-only transaction',
    'FATAL: the database system is starting up',
    "Error 1114 (HY000): The table 'orders' is full",
    'ERROR 1290: The MySQL server is running with the --read-only option so it cannot execute this statement',
    "READONLY You can't write against a read only replica.",
    "OOM command not allowed when used memory > 'maxmemory'",
    'CLUSTERDOWN The cluster is down',
    'MongoServerError: NotWritablePrimary',
    'MongoServerError: not primary and secondaryOk=false',
    'org.apache.kafka.common.errors.NotEnoughReplicasException: fewer in-sync replicas than required',
    'disk resource limit alarm set on node rabbit@mq-2',
    'index [items] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark]',
    'etcdserver: mvcc: database space exceeded',
  ])('takes %j for a store that cannot do its work', (line) => expect(tellsOfUnfitStore(line)).toBe(true));

  it.each([
    'ERROR:  relation "orders" does not exist',
    'ERROR:  duplicate key value violates unique constraint "orders_pk"',
    'FATAL:  password authentication failed for user "shop"',
    'FATAL:  sorry, too many clients already',
    'ERR max number of clients reached',
    'WRONGPASS invalid username-password pair or user is disabled.',
    'process 41 still waiting for ShareLock on transaction 7 after 1000.1 ms',
    'canceling statement due to statement timeout',
    'Connection is not available, request timed out after 30000ms',
    'checkpoint complete: wrote 163 buffers (0.6%)',
    '[gc][97] overhead, spent [154ms] collecting in the last [1s]',
    'deployed from a branch that is not master and tagged',
    'order is read only once it was paid',
    `rendered ${'x'.repeat(700)} No space left on device`,
  ])('does not take %j for one', (line) => expect(tellsOfUnfitStore(line)).toBe(false));
});
