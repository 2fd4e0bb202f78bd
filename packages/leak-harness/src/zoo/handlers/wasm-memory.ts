import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** In the DOM's types only. */
declare const WebAssembly: { readonly Memory: new (size: { initial: number; maximum: number }) => object }

/** An instance a job, and its memory with it, kept to be used again. */
const memories: object[] = []

export default ({ data }: ZooJob): void => {
  if (isLeaky(data)) memories.push(new WebAssembly.Memory({ initial: 1, maximum: 1 }))
}
