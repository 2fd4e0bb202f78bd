import { OptionError } from '@isobar/core'

/** What can be permitted. */
export const PERMISSIONS = ['env', 'ffi', 'import', 'net', 'read', 'run', 'sys', 'write'] as const

/**
 * What an isolate may do, as Deno has it: `true` for all of it, or a list: hosts for `net` and `import`, paths for `read`
 * and `write`, names for `env` and `sys`, programs for `run`, libraries for `ffi`. What is not named is not permitted.
 */
export type Permissions = { readonly [Name in (typeof PERMISSIONS)[number]]?: boolean | readonly string[] }

/**
 * The flags for Deno.
 * @throws {OptionError}
 */
export function toPermissionFlags(permissions: Permissions): string[] {
  for (const name of Object.keys(permissions)) {
    if (!PERMISSIONS.some((known) => known === name))
      throw new OptionError(`isolates.permissions.${name} is none of Deno's: ${PERMISSIONS.join(', ')}`)
  }
  return PERMISSIONS.flatMap((name) => {
    const what = permissions[name]
    if (what === true) return [`--allow-${name}`]
    if (what === undefined || what === false || what.length === 0) return []
    const comma = what.find((item) => item.includes(','))
    if (comma !== undefined)
      throw new OptionError(`isolates.permissions.${name} has "${comma}": Deno's flags know no commas in their values`)
    return [`--allow-${name}=${what.join(',')}`]
  })
}
