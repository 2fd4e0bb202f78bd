import { readdirSync, readFileSync } from 'node:fs'

/** The child of this process that has a variable of that value in its environment; undefined where nobody tells. */
export function childWith(variable: string, value: string): number | undefined {
  const entry = `${variable}=${value}`
  return children().find((pid) => read(`/proc/${pid}/environ`).split('\0').includes(entry))
}

/** Of all threads: each has its own list. */
function children(): number[] {
  try {
    return readdirSync('/proc/self/task').flatMap((task) =>
      read(`/proc/self/task/${task}/children`).trim().split(' ').map(Number).filter(Boolean),
    )
  } catch {
    // No /proc here: macOS and Windows.
    return []
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}
