/** Most bytes that one UTF-16 code unit takes in UTF-8. */
const MAX_UNIT_BYTES = 3

/** Bytes of a text in UTF-8; exact only above `enough`, so that small texts need no counting. */
export function byteLength(text: string, enough: number): number {
  return text.length * MAX_UNIT_BYTES <= enough ? text.length : Buffer.byteLength(text)
}
