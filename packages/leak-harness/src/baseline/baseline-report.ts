/** What a baseline says of a run, as it stands in a report. Each is one sentence a leak. */
export interface BaselineReport {
  /** Leaks that are in the baseline and have not grown. */
  readonly accepted: readonly string[]
  /** Leaks that are not in it, or have grown since. */
  readonly refused: readonly string[]
  /** Leaks of the baseline that are none any more: they can be removed from it. */
  readonly gone: readonly string[]
}

/** Whether a run leaks, and its baseline accepts all that does. */
export function isAccepted({
  verdict,
  baseline,
}: {
  readonly verdict: string
  readonly baseline?: BaselineReport
}): boolean {
  return verdict === 'leak' && baseline !== undefined && baseline.refused.length === 0
}

/** What a baseline says of a run, a sentence a leak. */
export function baselineNotes({ baseline }: { readonly baseline?: BaselineReport }): string[] {
  if (!baseline) return []
  return [
    ...baseline.refused.map((leak) => `not accepted: ${leak}`),
    ...baseline.accepted.map((leak) => `accepted by the baseline: ${leak}`),
    ...baseline.gone.map((leak) => `does not leak any more and can be removed from the baseline: ${leak}`),
  ]
}
