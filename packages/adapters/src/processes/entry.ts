export { type CgroupRoots, readContainerLimit } from './cgroup.ts'
export { cron } from './cron.ts'
export type { HealthAddress } from './health-server.ts'
export { IsolateDiedError } from './isolates/death.ts'
export { type IsolatePool, isolates } from './isolates/pool.ts'
export {
  DEFAULT_ISOLATE_JOBS,
  DEFAULT_ISOLATES,
  DEFAULT_LEAST_AGE_MS,
  type IsolateOptions,
} from './isolates/settings.ts'
export { readMemory } from './memory.ts'
export type { Permissions } from './platform/permissions.ts'
export {
  EXIT,
  type Listeners,
  type ServeIsolatesOptions,
  type ServeOptions,
  type Server,
  type ServerOptions,
  serve,
} from './serve.ts'
