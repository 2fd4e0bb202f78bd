/**
 * For brokers: a result or progress as JSON text; undefined when it has none (not JSON, not readable) or one longer than `max`
 * characters. Never throws.
 */
export function toJsonText(value: unknown, max: number): string | undefined {
  try {
    const text: string | undefined = JSON.stringify(value)
    return text !== undefined && text.length <= max ? text : undefined
  } catch {
    return undefined
  }
}
