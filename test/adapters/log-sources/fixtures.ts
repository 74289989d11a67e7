/** For each source of logs the stand-in it is tried against. */
import { startElasticsearch } from '../../stand-ins/elasticsearch.ts';
import { startLoki } from '../../stand-ins/loki.ts';
import { startSplunk } from '../../stand-ins/splunk.ts';
import type { StandInServer, StoredLine } from '../../stand-ins/stand-in-server.ts';

export interface LogSourceFixture extends StandInServer {
  readonly settings: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  put(line: StoredLine): void;
  /** Makes the next answers partial, in the system's own way. */
  partial(): void;
}

const withSettings = <T extends StandInServer>(server: T, more: Omit<LogSourceFixture, keyof StandInServer | 'put'>) =>
  Object.assign(server, more);

export const fixtures: Readonly<Record<string, () => Promise<LogSourceFixture>>> = {
  async loki() {
    const loki = await startLoki();
    return withSettings(loki, {
      settings: { LOKI_URL: loki.url, LOKI_TOKEN: loki.token, LOKI_TENANT: loki.tenant },
      secrets: [loki.token],
      partial: () => void loki.warnings.push('some ingesters did not answer'),
    });
  },
  async elasticsearch() {
    const elastic = await startElasticsearch();
    return withSettings(elastic, {
      settings: { ELASTICSEARCH_URL: elastic.url, ELASTICSEARCH_API_KEY: elastic.apiKey },
      secrets: [elastic.apiKey],
      partial() {
        elastic.failedShards = 2;
      },
    });
  },
  async splunk() {
    const splunk = await startSplunk();
    return withSettings(splunk, {
      settings: { SPLUNK_URL: splunk.url, SPLUNK_TOKEN: splunk.token },
      secrets: [splunk.token],
      partial() {
        splunk.message = { type: 'WARN', text: 'some peers did not answer' };
      },
    });
  },
};
