/**
 * The order of moments, equal ones as they came. They lie spread over a window: each goes into a bucket of its stretch of time,
 * and a bucket holds so few that putting those in order costs next to nothing.
 *
 *   10.2  10.9  10.1  11.5   →   [10.2 10.9 10.1] [11.5]   →   10.1  10.2  10.9  11.5
 */
export function timeOrder(times: Float64Array): Int32Array {
  const { length } = times;
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let isInOrder = true;
  for (let i = 0; i < length; i++) {
    const at = times[i]!;
    if (at < most) isInOrder = false;
    else most = at;
    if (at < least) least = at;
  }
  const order = new Int32Array(length);
  if (isInOrder || most === least) {
    for (let i = 0; i < length; i++) order[i] = i;
    return order;
  }
  const scale = (length - 1) / (most - least);
  const ends = new Int32Array(length + 1);
  for (let i = 0; i < length; i++) ends[Math.floor((times[i]! - least) * scale) + 1]!++;
  for (let bucket = 1; bucket <= length; bucket++) ends[bucket]! += ends[bucket - 1]!;
  // What holds where buckets begin holds where they end once they are filled.
  for (let i = 0; i < length; i++) order[ends[Math.floor((times[i]! - least) * scale)]!++] = i;
  for (let bucket = 0, from = 0; bucket < length; bucket++) {
    sort(times, order, from, ends[bucket]!);
    from = ends[bucket]!;
  }
  return order;
}

/** More than this in one bucket is a burst: moving each to its place one by one would take long. */
const few = 32;

function sort(times: Float64Array, order: Int32Array, from: number, to: number): void {
  if (to - from > few) {
    order.subarray(from, to).sort((a, b) => times[a]! - times[b]! || a - b);
    return;
  }
  for (let i = from + 1; i < to; i++) {
    const row = order[i]!;
    let at = i;
    for (; at > from && times[order[at - 1]!]! > times[row]!; at--) order[at] = order[at - 1]!;
    order[at] = row;
  }
}
