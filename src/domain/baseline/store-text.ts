/**
 * What stores and brokers say of their own state, as their manuals list it: no room on the disk, no memory, read-only, no copy of the
 * data that could answer, blocked, starting or stopping. A client that is told so quotes it, and nothing of it is about what the
 * client asked. What a client may bring about is left out: wrong statements and accounts, all connections in use, locks.
 */

/** Operating systems (ENOSPC, EROFS, EDQUOT, EIO), whoever they say it to. */
const system = /\bno space left on device|\bENOSPC\b|\bread-only file ?system\b|\bdisk quota exceeded\b|\bdisk (?:is )?full\b/i;
/** SQLSTATE classes 53, 57P and 58 and 25006 (PostgreSQL); errors 1021, 1053, 1114, 1290, 1836 (MySQL, MariaDB); 1105, 9002 (SQL Server). */
const relational =
  /\bcould not extend file\b|\bcould not write (?:to )?(?:file|block)\b|\bdatabase system is (?:starting up|shutting down|in recovery mode|not yet accepting)|\bterminating connection due to administrator command|\bin a read-only transaction\b|\bsuper[-_]read[-_]only\b|\bwith the --read-only option|\bin read[- ]only mode\b|\bThe table '[^'\n]{1,120}' is full\b|\bServer shutdown in progress\b|\btransaction log for database [^\n]{1,80} is full\b/i;
/** Redis and Valkey by the first word of their errors, which is a code; MongoDB, Cassandra and etcd. */
const keyed =
  /\bOOM command not allowed\b|\bMISCONF\b|\bREADONLY You can't write\b|\bLOADING (?:Redis|Valkey) is loading\b|\bCLUSTERDOWN\b|\bMASTERDOWN\b|\bNOREPLICAS\b|\bBackground saving error\b|\bNotWritablePrimary\b|\bnot (?:primary|master) and (?:secondary|slave)Ok|\bPrimarySteppedDown\b|\bOutOfDiskSpace\b|\bCannot achieve consistency level\b|\bmvcc: database space exceeded\b|\betcdserver: no leader\b/;
/** Kafka's codes and exceptions; alarms of RabbitMQ; exceptions of Elasticsearch and OpenSearch; codes of S3's servers. */
const queuesAndSearch =
  /\bNOT_ENOUGH_REPLICAS|\bNotEnoughReplicas|\bLEADER_NOT_AVAILABLE\b|\bKAFKA_STORAGE_ERROR\b|\bKafkaStorageException\b|\b(?:memory|disk)\w* resource limit alarm set\b|\bpublishers will be blocked\b|\bconnection is blocked\b|\bcluster_block_exception\b|\bClusterBlockException\b|\bno_?shard_?available|\bunavailable_shards_exception\b|\bcircuit_breaking_exception\b|\bflood[- _]stage\b|\bmaster_not_discovered_exception\b|\bXMinioStorageFull\b/i;

/**
 * What a server answers, as a code or a sentence of its protocol, and does not write into its own log (Redis and Valkey, MinIO): whoever
 * writes it has it from another.
 */
const replied =
  /\bOOM command not allowed\b|\bMISCONF\b|\bREADONLY You can't write\b|\bLOADING (?:Redis|Valkey) is loading\b|\bXMinioStorageFull\b/;

/** What a server writes into its own log alone, and answers otherwise (MinIO). */
const ownWords = /\bdrive path full\b/i;

/** A queue, an exchange, a topic or a stream that a broker does not have (RabbitMQ and its clients, Kafka, NATS). */
const queueless =
  /\bno (?:exchange|queue) '|\bfailed to declare queue\b|\bUNKNOWN_TOPIC_OR_PARTITION\b|\bUnknownTopicOrPartition\b|\bstream not found\b|\bno stream matches subject\b/i;

/** It stands at the front, before stack traces. */
const readTo = 600;

/** Whether a line, or the failure of a call, tells of a store that cannot do its work. */
export function tellsOfUnfitStore(line: string): boolean {
  const text = line.slice(0, readTo);
  return system.test(text) || relational.test(text) || keyed.test(text) || queuesAndSearch.test(text) || ownWords.test(text);
}

/** Whether whoever writes such a line has it from the store. */
export const quotesUnfitStore = (line: string): boolean => replied.test(line.slice(0, readTo));

/** Whether a line can be of the store alone. */
export const isStoresOwn = (line: string): boolean => ownWords.test(line.slice(0, readTo));

/** Whether a line tells of a queue that a broker does not have. */
export const lacksQueue = (line: string): boolean => queueless.test(line.slice(0, readTo));
