/** Texts that need no quotes in an array's literal. */
const PLAIN = /^[A-Za-z0-9_.:-]+$/

/**
 * An array as PostgreSQL reads it (array_in of its manual, 8.15.6). The drivers can do the same, each in its own way and
 * at several times the cost: with it a claim and a settle of 500 jobs spend most of their time.
 */
export function toArrayLiteral(values: readonly (string | number | boolean | null)[]): string {
  let literal = ''
  for (const value of values) literal += `${literal === '' ? '{' : ','}${toElement(value)}`
  return literal === '' ? '{}' : `${literal}}`
}

function toElement(value: string | number | boolean | null): string | number | boolean {
  if (typeof value !== 'string') return value ?? 'NULL'
  // `null` in any case would be read as NULL.
  if (PLAIN.test(value) && value.length !== 4) return value
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
