/** What the bleed check found, as it stands in a report. */
export interface BleedReport {
  /** `undecided`: nothing could be compared, or there was no time to tell what differed from chance. */
  readonly verdict: 'clean' | 'bleeds' | 'undecided'
  /** What it comes to, in one sentence. */
  readonly because: string
  /** Jobs that were done in each run. */
  readonly jobs: number
  /** Of these, those that came to the same whenever the same was done. */
  readonly compared: number
  /**
   * The rest, by type: what they answer differs between two runs that are the same. Of a type of which these are all,
   * nothing can be said.
   */
  readonly notComparable: readonly { readonly type: string; readonly jobs: number; readonly of: number }[]
  /** Types whose jobs come to something else when others ran before. */
  readonly findings: readonly BleedFinding[]
  /** What of the process was changed, by the type that did. Names, never values. Not judged. */
  readonly changes: readonly { readonly type: string; readonly what: string }[]
  /** Whether a used process was tried: that takes other jobs than those that are compared. */
  readonly used: boolean
  /** Processes that it took. */
  readonly processes: number
  /** How long it took, in ms. */
  readonly ms: number
}

/** A type that others reach, shown by one job of it. */
export interface BleedFinding {
  readonly type: string
  /** Number of the job that shows it. */
  readonly job: number
  /** Jobs of the type that differed. */
  readonly jobs: number
  /** What differs: whether it fails and how, or what it answers. */
  readonly kind: 'outcome' | 'result'
  /** What it comes to in a process of its own, at most some 200 characters. */
  readonly alone: string
  /** What it comes to after others. */
  readonly after: string
  /** Types that make the difference, each by itself or, where none does, together. Null: not told. */
  readonly by: readonly string[] | null
  /** Whether there may be more than those, as the processes for finding them out were not enough. */
  readonly more: boolean
  /** What came before it then: the jobs before it, those after it, or a run of other jobs. */
  readonly order: 'forward' | 'reversed' | 'used'
}
