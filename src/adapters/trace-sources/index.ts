/** Every source of traces that is asked; a line and a fixture add one. */
import { jaeger } from './jaeger/jaeger.ts';
import { tempo } from './tempo/tempo.ts';

export const traceSources = [tempo, jaeger];
