/** The longest time between two neighbouring moments of which at least a part lies between `from` and `to`. */
export function longestGap(moments: readonly number[], from: number, to: number): number {
  let longest = 0
  for (let i = 1; i < moments.length; i++) {
    const before = moments[i - 1] ?? 0
    const after = moments[i] ?? 0
    if (after > from && before < to) longest = Math.max(longest, after - before)
  }
  return longest
}
