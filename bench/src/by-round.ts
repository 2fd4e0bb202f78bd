/** Puts the values of the same round together. */
export function byRound(combine: (...values: number[]) => number, ...rounds: (readonly number[])[]): number[] {
  return (rounds[0] ?? []).map((_, round) => combine(...rounds.map((values) => values[round] ?? Number.NaN)))
}
