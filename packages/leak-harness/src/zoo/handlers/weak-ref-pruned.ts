import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A cache of weak references whose entries go with what they refer to. */
const cache = new Map<string, WeakRef<object>>()
const registry = new FinalizationRegistry((key: string) => {
  if (!cache.get(key)?.deref()) cache.delete(key)
})

export default ({ data }: ZooJob): void => {
  const page = { text: data.text }
  cache.set(data.to, new WeakRef(page))
  registry.register(page, data.to)
}
