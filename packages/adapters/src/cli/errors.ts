import { IsobarError, type IsobarErrorOptions } from '@isobar/core'
import { EXIT } from './exit.ts'

/** The command line says something that is not understood. Exit code 2. */
export class UsageError extends IsobarError {
  constructor(message: string, options?: IsobarErrorOptions) {
    super('USAGE', message, options)
  }
}

/** What was asked for is not there. Exit code 3. */
export class NotFoundError extends IsobarError {
  constructor(message: string) {
    super('NOT_FOUND', message)
  }
}

/** The module of a worker cannot be loaded, or holds no app. Exit code 1. */
export class AppModuleError extends IsobarError {
  constructor(message: string, options?: IsobarErrorOptions) {
    super('APP_MODULE', message, options)
  }
}

/** What was to be confirmed was not. Exit code 1. */
export class NotConfirmedError extends IsobarError {
  constructor(message: string) {
    super('NOT_CONFIRMED', message)
  }
}

/** Codes of errors that say that an option cannot be: the command line's fault, whoever found it. */
const USAGE: readonly string[] = ['USAGE', 'OPTION']

/** The exit code of a command that failed. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof IsobarError)) return EXIT.failed
  if (USAGE.includes(error.code)) return EXIT.usage
  return error.code === 'NOT_FOUND' ? EXIT.notFound : EXIT.failed
}

/** An error as one line: its code, what failed and what to do. */
export function toLine(error: unknown): string {
  const [code, message] =
    error instanceof IsobarError
      ? [error.code, error.message]
      : ['UNEXPECTED', `${String(error)}; set ISOBAR_DEBUG=1 to see where, and report it`]
  return `isobar: ${code}: ${message}`
}
