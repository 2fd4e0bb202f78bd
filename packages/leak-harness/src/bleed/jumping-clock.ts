/** How far the clock jumps at each look, in ms, at least and at most. */
const JUMP_MS = [20, 80] as const

/**
 * Makes every clock of this process jump ahead each time that somebody looks, for good. What a job comes to then differs
 * when it depends on the time that it took, such as on whether its code was warm. Timers are left as they are.
 */
export function letClocksJump(): void {
  const { Date: RealDate, performance, process } = globalThis
  let ahead = 0
  const jump = (): number => {
    ahead += Math.round(JUMP_MS[0] + Math.random() * (JUMP_MS[1] - JUMP_MS[0]))
    return ahead
  }
  const dateNow = RealDate.now
  const performanceNow = performance.now.bind(performance)
  const nanoseconds = process.hrtime.bigint.bind(process.hrtime)
  const bigint = (): bigint => nanoseconds() + BigInt(jump()) * 1_000_000n

  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [dateNow() + jump()] : args, newTarget),
    apply: () => new RealDate(dateNow() + jump()).toString(),
  })
  RealDate.now = () => dateNow() + jump()
  RealDate.prototype.constructor = globalThis.Date
  performance.now = () => performanceNow() + jump()
  const hrtime = (since?: readonly [number, number]): [number, number] => {
    const passed = bigint() - (since ? BigInt(since[0]) * 1_000_000_000n + BigInt(since[1]) : 0n)
    return [Number(passed / 1_000_000_000n), Number(passed % 1_000_000_000n)]
  }
  process.hrtime = Object.assign(hrtime, { bigint }) as typeof process.hrtime
}
