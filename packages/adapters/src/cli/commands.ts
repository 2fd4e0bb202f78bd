import type { Command } from './command.ts'
import { deadDiscard } from './commands/dead-discard.ts'
import { deadList } from './commands/dead-list.ts'
import { deadRedrive } from './commands/dead-redrive.ts'
import { enqueue } from './commands/enqueue.ts'
import { jobsCancel } from './commands/jobs-cancel.ts'
import { jobsShow } from './commands/jobs-show.ts'
import { migrate } from './commands/migrate.ts'
import { queuePause, queueResume } from './commands/queue.ts'
import { stats } from './commands/stats.ts'
import { worker } from './commands/worker.ts'

/** All commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  migrate,
  enqueue,
  stats,
  jobsShow,
  jobsCancel,
  deadList,
  deadRedrive,
  deadDiscard,
  queuePause,
  queueResume,
  worker,
]
