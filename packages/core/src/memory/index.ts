export { createMemoryBroker } from './broker.ts'
export { DEFAULT_PAGE, MAX_PAGE } from './dead-store.ts'
export { BrokerClosedError, BrokerFullError } from './errors.ts'
export {
  DEFAULT_MAX_DEAD,
  DEFAULT_MAX_JOBS,
  DEFAULT_RETAIN,
  MEMORY_MAX_BATCH,
  type MemoryBrokerOptions,
} from './options.ts'
