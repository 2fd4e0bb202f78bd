/** Ends the process with an error that nobody awaits: a figure that was measured around one is none. */
export function crash(error: unknown): void {
  setImmediate(() => {
    throw error
  })
}
