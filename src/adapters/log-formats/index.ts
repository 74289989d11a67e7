/** Every body of log lines TracePulse reads; a line and a fixture add one. */
import { elasticsearch } from './elasticsearch.ts';
import { ingest } from './ingest.ts';
import { loki } from './loki.ts';
import { splunk } from './splunk.ts';

export const logFormats = [loki, elasticsearch, splunk, ingest];
