/** Every source of what runs the services that is asked; a line and a fixture add one. */
import { kubernetes, kubernetesInCluster } from './kubernetes/kubernetes.ts';

export const clusterSources = [kubernetes, kubernetesInCluster];
