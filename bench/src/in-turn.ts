/** What `takeTurns` goes by. */
export interface TurnsOptions<Name extends string, Figures> {
  readonly rounds: number
  readonly signal: AbortSignal
  readonly measure: (name: Name) => Promise<Figures>
  /** One has been measured in every round. */
  readonly onDone?: (name: Name, rounds: readonly Figures[]) => void
}

/**
 * Measures several things in turn: every round measures each of them once, starting with another one each time, so that
 * whatever the machine does meanwhile meets all of them. Answers with one value a round.
 */
export async function takeTurns<Name extends string, Figures>(
  names: readonly Name[],
  { rounds, signal, measure, onDone }: TurnsOptions<Name, Figures>,
): Promise<Record<Name, readonly Figures[]>> {
  const figures = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Figures[]>
  for (let round = 0; round < rounds; round++) {
    const first = round % names.length
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      signal.throwIfAborted()
      const all = figures[name]
      all.push(await measure(name))
      if (all.length === rounds) onDone?.(name, all)
    }
  }
  return figures
}
