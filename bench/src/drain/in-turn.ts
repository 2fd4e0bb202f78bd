import { takeTurns } from '../in-turn.ts'
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

/** Measures subjects in turn: see `takeTurns`. */
export function measureInTurn<Name extends SubjectName>(
  names: readonly Name[],
  { jobs, warmUp, pickUps, rounds, signal, onDone }: InTurnOptions<Name>,
): Promise<Record<Name, readonly DrainFigures[]>> {
  return takeTurns<Name, DrainFigures>(names, {
    rounds,
    signal,
    measure: (name) => measureSubject(name, { jobs, warmUp, pickUps, signal }),
    ...(onDone && { onDone }),
  })
}
