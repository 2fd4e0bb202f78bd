import { type DrainFigures, measureSubject } from './measure.ts'
import type { SubjectName } from './subjects.ts'

/** What `measureInTurn` goes by. */
export interface InTurnOptions<Name extends SubjectName> {
  readonly jobs: number
  readonly warmUp: number
  readonly pickUps: number
  readonly rounds: number
  readonly signal: AbortSignal
  /** A subject has been measured in every round. */
  readonly onDone?: (name: Name, rounds: readonly DrainFigures[]) => void
}

/**
 * Measures subjects in turn: every round measures each of them once, starting with another one each time, so that
 * whatever the machine does meanwhile meets all of them. Answers with one value a round.
 */
export async function measureInTurn<Name extends SubjectName>(
  names: readonly Name[],
  { jobs, warmUp, pickUps, rounds, signal, onDone }: InTurnOptions<Name>,
): Promise<Record<Name, readonly DrainFigures[]>> {
  const figures = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, DrainFigures[]>
  for (let round = 0; round < rounds; round++) {
    const first = round % names.length
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      signal.throwIfAborted()
      const all = figures[name]
      all.push(await measureSubject(name, { jobs, warmUp, pickUps, signal }))
      if (all.length === rounds) onDone?.(name, all)
    }
  }
  return figures
}
