import { OptionError } from '@isobar/core'

/** Names that need no escaping anywhere: in SQL, in the names of partitions, in a channel. */
const SCHEMA = /^[a-z_][a-z0-9_]{0,47}$/i

/** The schema's name, quoted for SQL. */
export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** @throws {OptionError} for a name that is not a plain identifier of up to 48 characters. */
export function assertSchema(schema: string): void {
  if (SCHEMA.test(schema)) return
  throw new OptionError(`schema ${JSON.stringify(schema)} must be letters, digits and _, at most 48 of them`)
}
