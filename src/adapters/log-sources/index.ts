/** Every source of logs that is asked; a line and a fixture add one. */
import { elasticsearch } from './elasticsearch/elasticsearch.ts';
import { loki } from './loki/loki.ts';
import { splunk } from './splunk/splunk.ts';

export const logSources = [loki, elasticsearch, splunk];
