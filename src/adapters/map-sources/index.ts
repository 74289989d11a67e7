/** Every source of maps of who calls whom that is asked; a line and a fixture add one. */
import { istio } from './istio/istio.ts';
import { jaegerDependencies } from './jaeger-dependencies/jaeger-dependencies.ts';
import { kiali } from './kiali/kiali.ts';
import { linkerd } from './linkerd/linkerd.ts';

export const mapSources = [istio, linkerd, kiali, jaegerDependencies];
