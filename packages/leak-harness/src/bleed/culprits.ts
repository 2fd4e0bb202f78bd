/** Types that make a difference. */
export interface Culprits {
  readonly types: readonly string[]
  /** False when there may be more. */
  readonly isComplete: boolean
}

/**
 * Names which of `types` make a difference, of which it is known that all together do: halves are tried, then halves of
 * those that do. Where no half does, it takes several together, and those that it can do without are left out. Nobody is
 * named without proof, also when `maxProbes` are not enough to name all.
 */
export async function findCulprits(
  types: readonly string[],
  differsAfter: (types: readonly string[]) => Promise<boolean>,
  maxProbes: number,
): Promise<Culprits> {
  let probes = 0
  let isExhausted = false
  const found: string[] = []

  const differs = async (group: readonly string[]): Promise<boolean> => {
    isExhausted ||= probes >= maxProbes
    if (isExhausted || group.length === 0) return false
    probes++
    return differsAfter(group)
  }
  /** Of a group that does. */
  const search = async (group: readonly string[]): Promise<void> => {
    if (group.length === 1) {
      found.push(...group)
      return
    }
    const middle = Math.ceil(group.length / 2)
    const halves = [group.slice(0, middle), group.slice(middle)]
    let either = false
    for (const half of halves) {
      if (!(await differs(half))) continue
      either = true
      await search(half)
    }
    if (!either && !isExhausted) await shrink(group)
  }
  const shrink = async (group: readonly string[]): Promise<void> => {
    let needed = group
    for (const type of group) {
      const without = needed.filter((one) => one !== type)
      if (await differs(without)) needed = without
    }
    if (!isExhausted) found.push(...needed)
  }

  await search(types)
  return { types: found, isComplete: !isExhausted }
}
