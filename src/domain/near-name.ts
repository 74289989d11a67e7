/** Finds the name a person meant: exact, ignoring case, the only one that contains what was typed, or the closest spelling. */
export function nearestName(typed: string, names: readonly string[]): string | null {
  const wanted = typed.toLowerCase();
  const exact = names.find((name) => name === typed) ?? names.find((name) => name.toLowerCase() === wanted);
  if (exact !== undefined) return exact;
  const holding = names.filter((name) => name.toLowerCase().includes(wanted));
  if (wanted.length >= 3 && holding.length > 0) return holding.reduce((a, b) => (b.length < a.length ? b : a));
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const name of names) {
    const distance = editDistance(wanted, name.toLowerCase(), bestDistance);
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

/**
 * Edits from one text to the other, two letters changed about counting as one: optimal string alignment
 * (https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance), three rows; at least `limit` where it is not below it.
 */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = row[j - 1]! + Number(a[i - 1] !== b[j - 1]);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, substituted, isSwapped ? before[j - 2]! + 1 : substituted));
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}
