export { type CgroupRoots, readContainerLimit } from './cgroup.ts'
export { cron } from './cron.ts'
export { type MemoryReading, readMemory } from './memory.ts'
export { EXIT, type ServeOptions, type Server, serve } from './serve.ts'
