// Which of some names somebody meant: the one that takes the fewest edits
// (insert, delete, replace, swap of neighbours), if that is few enough.

/** The nearest name, or `null` when none is near. */
export function nearest(
  name: string,
  names: readonly string[],
): string | null {
  let best: string | null = null;
  let fewest = Math.max(3, Math.ceil(name.length / 2.5));
  const wanted = name.toLowerCase();
  for (const candidate of names) {
    const edits = distance(wanted, candidate.toLowerCase());
    if (edits < fewest) {
      fewest = edits;
      best = candidate;
    }
  }
  return best;
}

function distance(a: string, b: string): number {
  let before: number[] = [];
  let last: number[] = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      row[j] = Math.min(
        last[j] + 1,
        row[j - 1] + 1,
        last[j - 1] + (same ? 0 : 1),
      );
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] &&
        a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    before = last;
    last = row;
  }
  return last[b.length];
}
