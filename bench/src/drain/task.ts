import type { Address, Settings } from './queue.ts'
import type { SubjectName } from './subjects.ts'

/** What a process of the group is told to do: its only argument, as JSON. */
export interface Task {
  readonly subject: SubjectName
  readonly address: Address
  /** How many are drained to be measured. */
  readonly jobs: number
  /** How many are drained before those: a worker that has just started spends a third of its time on compiling. */
  readonly warmUp: number
  /** How many single jobs are enqueued after that, each to an idle worker. */
  readonly pickUps: number
  readonly settings: Settings
}
