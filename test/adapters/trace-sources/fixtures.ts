/** For each source of traces the stand-in it is tried against. */
import type { Answering } from '../../stand-ins/answering.ts';
import { startJaeger } from '../../stand-ins/jaeger.ts';
import { type KeptSpan, startTempo } from '../../stand-ins/tempo.ts';

export interface TraceSourceFixture extends Answering {
  readonly settings: Readonly<Record<string, string>>;
  keep(...spans: KeptSpan[]): void;
}

export const secret = 'tokenOfAStandInThatMustNeverBeSeen';

export const fixtures: Readonly<Record<string, () => Promise<TraceSourceFixture>>> = {
  async tempo() {
    const tempo = await startTempo();
    return { ...tempo, settings: { TEMPO_URL: tempo.url, TEMPO_TOKEN: secret, TEMPO_TENANT: 'shop' } };
  },
  async jaeger() {
    const jaeger = await startJaeger('v3');
    return { ...jaeger, settings: { JAEGER_URL: jaeger.url, JAEGER_TOKEN: secret } };
  },
};
