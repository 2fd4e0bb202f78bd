import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Version 1 says "no limit" with the largest multiple of a page; anything near it is none. */
const NO_LIMIT_V1 = 2 ** 60

/** Where the kernel's files are; another root in tests. */
export interface CgroupRoots {
  /** Default `/proc/self/cgroup`. */
  readonly membership?: string
  /** Default `/sys/fs/cgroup`. */
  readonly mount?: string
}

/**
 * The memory limit of this process's container in bytes, or undefined when it has none: the least `memory.max` of its
 * control group and those above it (version 2), else `memory.limit_in_bytes` (version 1).
 */
export function readContainerLimit({
  membership = '/proc/self/cgroup',
  mount = '/sys/fs/cgroup',
}: CgroupRoots = {}): number | undefined {
  const groups = (read(membership) ?? '').split('\n').map((line) => line.split(':'))
  const unified = groups.find(([id]) => id === '0')?.[2]
  const memory = groups.find(([, controllers]) => controllers?.split(',').includes('memory'))?.[2]
  const limits = [
    ...lineage(unified).map((group) => toLimit(read(join(mount, group, 'memory.max')))),
    ...lineage(memory).map((group) => toLimit(read(join(mount, 'memory', group, 'memory.limit_in_bytes')))),
  ].filter((limit) => limit !== undefined)
  return limits.length > 0 ? Math.min(...limits) : undefined
}

/** `/a/b` as `/a/b`, `/a`, `/`. In a container the group's path may be that of the host: then only the root is there. */
function lineage(group: string | undefined): string[] {
  if (group === undefined) return ['/']
  const parts = group.split('/').filter((part) => part && part !== '..')
  return [...parts.map((_, at) => `/${parts.slice(0, parts.length - at).join('/')}`), '/']
}

function toLimit(text: string | undefined): number | undefined {
  const bytes = Number(text?.trim() || Number.NaN)
  return Number.isFinite(bytes) && bytes > 0 && bytes < NO_LIMIT_V1 ? bytes : undefined
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
