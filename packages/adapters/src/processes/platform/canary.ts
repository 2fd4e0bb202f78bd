/** An object that has outlived so many collections of young objects is an old one. */
const OLD_AFTER = 3

interface Canary {
  outlived: number
}

/**
 * Notices full collections where the engine does not tell of them. Engines collect young objects often and old ones
 * seldom, in full collections only. So: an object is held until it is old and then let go of, and when it is found gone, a
 * full collection was made. Objects that are let go of at once tell when young ones are collected.
 */
export function watchByCanary(onCollection: () => void): () => void {
  let stopped = false
  let held: Canary | undefined
  const registry = new FinalizationRegistry<'young' | 'old'>((age) => {
    if (stopped) return
    if (age === 'old') {
      holdNext()
      onCollection()
      return
    }
    registry.register({}, 'young')
    if (held && ++held.outlived >= OLD_AFTER) held = undefined
  })
  const holdNext = (): void => {
    held = { outlived: 0 }
    registry.register(held, 'old')
  }
  registry.register({}, 'young')
  holdNext()
  return () => {
    stopped = true
    held = undefined
  }
}
