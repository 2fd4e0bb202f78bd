export type { PostgresBroker } from './broker.ts'
export type { Admin } from './embedded/admin.ts'
export { DEFAULT_CALL_MS, type EngineConnection } from './embedded/api-client.ts'
export { ApiError } from './embedded/api-wire.ts'
export { type ConnectFolderOptions, connectFolder, DEFAULT_OPENING_MS } from './embedded/connect-folder.ts'
export { FolderLockError, FolderLockedError } from './embedded/errors.ts'
export {
  DEFAULT_TRANSACTION_TIMEOUT_MS,
  type EmbeddedBroker,
  type EmbeddedOptions,
  type EmbeddedTransaction,
  embedded,
} from './embedded.ts'
export {
  BrokerClosedError,
  DatabaseError,
  DriverMissingError,
  SchemaVersionError,
  TransactionTooLongError,
} from './errors.ts'
export type { Execution } from './lookup.ts'
export type { Migrated } from './migrate.ts'
export {
  DEFAULT_CONNECTIONS,
  DEFAULT_POLL_MS,
  DEFAULT_SCHEMA,
  DEFAULT_STATEMENT_TIMEOUT_MS,
  type PostgresOptions,
} from './options.ts'
export type { PostgresClient, PostgresPool, PostgresQueryable, PostgresStatement } from './pg-database.ts'
export { type PostgresUrlOptions, postgres } from './postgres.ts'
