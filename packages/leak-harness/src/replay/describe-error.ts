/** Name and message of what a job threw. */
export function describeError(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : `threw ${String(error)}`
  } catch {
    return 'threw something that cannot be shown'
  }
}
