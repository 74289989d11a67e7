/**
 * `cart-6c9f7d8b54-x2x9z` → `cart`, `fluent-bit-x2x9z` → `fluent-bit`, `cart-6c9` → `cart`, `db-0` → `db`: a replica's name is its
 * workload's, then a hash of its template, then five characters, or a number. The five are of those that Kubernetes draws from: no
 * vowel, none of 0, 1 and 3 (k8s.io/apimachinery/pkg/util/rand), so that few words look like them.
 */
const suffix =
  /-(?=[a-z]{0,10}\d)[a-z0-9]{3,10}-[bcdfghjklmnpqrstvwxz2-9]{5}$|-[a-f]{6,10}-[bcdfghjklmnpqrstvwxz2-9]{5}$|-(?=[a-z]{0,5}\d)[bcdfghjklmnpqrstvwxz2-9]{5}$|-(?=[a-f]{0,10}\d)[a-f0-9]{3,10}$|-\d{1,3}$/;

export function workloadOf(pod: string): string {
  return pod.replace(suffix, '');
}
