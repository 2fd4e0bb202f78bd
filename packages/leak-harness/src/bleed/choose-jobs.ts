/**
 * Chooses at most `limit` jobs, in order, such that each name has as many as it can: a name that is rare is not crowded
 * out by one that is not.
 */
export function chooseJobs<Job extends { readonly name: string }>(jobs: readonly Job[], limit: number): Job[] {
  const byName = new Map<string, number[]>()
  for (const [at, { name }] of jobs.entries()) {
    const places = byName.get(name)
    if (places) places.push(at)
    else byName.set(name, [at])
  }
  const chosen: number[] = []
  const queues = [...byName.values()]
  for (let turn = 0; chosen.length < Math.min(limit, jobs.length); turn++) {
    for (const places of queues) {
      const at = places[turn]
      if (at !== undefined && chosen.length < limit) chosen.push(at)
    }
  }
  return chosen.sort((a, b) => a - b).map((at) => jobs[at] as Job)
}
