/** Whose telemetry it is, where nobody says the service. */
import { expect, it } from 'vitest';
import { resourceOf } from '../../../src/adapters/telemetry/otlp/attributes.ts';

it.each<[Record<string, string>, string]>([
  [{ 'service.name': 'cart', 'k8s.pod.name': 'other-0' }, 'cart'],
  [{ 'k8s.deployment.name': 'cart', 'k8s.pod.name': 'other-0' }, 'cart'],
  [{ 'k8s.statefulset.name': 'ledger-db' }, 'ledger-db'],
  [{ 'k8s.pod.name': 'cart-6c9f7d8b54-x2x9z' }, 'cart'],
  [{ 'k8s.object.kind': 'Pod', 'k8s.object.name': 'cart-6c9f7d8b54-x2x9z' }, 'cart'],
  [{ 'k8s.object.kind': 'Deployment', 'k8s.object.name': 'cart-2' }, 'cart-2'],
  [{ 'k8s.object.kind': 'Node', 'k8s.object.name': 'worker-1' }, 'unknown_service'],
  [{}, 'unknown_service'],
])('%o is of %s', (attributes, service) => {
  expect(resourceOf(new Map(Object.entries(attributes))).service).toBe(service);
});
