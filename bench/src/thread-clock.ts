/**
 * Ms of CPU that this thread has used, in steps of 10 µs. For what never waits it is what a clock on the wall would
 * show on a machine that does nothing else: time in which somebody else had the core does not count.
 */
export function threadMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
