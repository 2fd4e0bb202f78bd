import type { Group } from './group.ts'
import { aging } from './groups/aging.ts'
import { appRun } from './groups/app-run.ts'
import { memory } from './groups/memory.ts'
import { node } from './groups/node.ts'
import { postgres } from './groups/postgres.ts'
import { redis } from './groups/redis.ts'
import { size } from './groups/size.ts'

/** All groups, in the order in which they run. */
export const GROUPS: readonly Group[] = [size, appRun, aging, memory, postgres, redis, node]
