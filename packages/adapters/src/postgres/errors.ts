import { IsobarError, type IsobarErrorOptions } from '@isobar/core'

export { BrokerClosedError } from '../brokers/errors.ts'

/** The database refused a statement, or could not be asked. `cause` is the driver's error. */
export class DatabaseError extends IsobarError {
  /** The SQLSTATE of the error, when the server answered. */
  readonly sqlState: string | undefined

  constructor(broker: string, action: string, cause: unknown) {
    const sqlState = sqlStateOf(cause)
    const gone = isUnavailable(cause)
    super(
      gone ? 'DATABASE_UNAVAILABLE' : 'DATABASE',
      `broker ${broker} could not ${action}: ${cause instanceof Error ? cause.message || cause.name : String(cause)}${
        sqlState ? ` (SQLSTATE ${sqlState})` : ''
      }${gone ? '; see that the database can be reached' : ''}`,
      { cause },
    )
    this.sqlState = sqlState
  }
}

/** The schema in the database does not fit this version of isobar. */
export class SchemaVersionError extends IsobarError {
  constructor(broker: string, message: string) {
    super('SCHEMA_VERSION', `broker ${broker}: ${message}`)
  }
}

/** A driver that the broker needs is not installed. */
export class DriverMissingError extends IsobarError {
  constructor(driver: string, options?: IsobarErrorOptions) {
    super('DRIVER_MISSING', `the Postgres broker needs the package ${driver}; add it to your dependencies`, options)
  }
}

/** A transaction of the embedded engine held the engine for too long, and was rolled back. */
export class TransactionTooLongError extends IsobarError {
  constructor(broker: string, ms: number) {
    super(
      'TRANSACTION_TOO_LONG',
      `a transaction of broker ${broker} was open for more than ${ms} ms and was rolled back, since leases could not be extended meanwhile; do slow work outside of it`,
    )
  }
}

/** The SQLSTATE of a driver's error. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}

/** Classes of SQLSTATE that say that the server, not the statement, is at fault: connection, shutdown, resources. */
const UNAVAILABLE = ['08', '57P', '53']

/** Whether an error says that the database cannot be asked now: worth another try as it is. */
export function isUnavailable(error: unknown): boolean {
  const state = sqlStateOf(error)
  return state === undefined ? error instanceof Error : UNAVAILABLE.some((start) => state.startsWith(start))
}

/** Whether an error says that two transactions were in each other's way: worth another try at once. */
export function isConflict(error: unknown): boolean {
  return ['40P01', '40001'].includes(sqlStateOf(error) ?? '')
}

/** Tables whose partitions come and go. */
const PARTITIONED: readonly unknown[] = ['finished', 'execution']

/** Whether a row came for which there is no partition. */
export function isMissingPartition(error: unknown): boolean {
  return sqlStateOf(error) === '23514' && PARTITIONED.includes((error as { readonly table?: unknown }).table)
}

/** Whether a statement was refused for its values, not for the state of the server. */
export function isDataError(error: unknown): boolean {
  const state = sqlStateOf(error)
  if (isMissingPartition(error)) return false
  return state !== undefined && (state.startsWith('22') || state.startsWith('23') || state.startsWith('54'))
}
