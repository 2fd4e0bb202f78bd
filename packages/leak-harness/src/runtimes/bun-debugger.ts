import { writeFile } from 'node:fs/promises'
import { HarnessError } from '../errors.ts'
import { fromJscSnapshot } from '../heap/jsc-snapshot.ts'
import { RemoteDebugSession } from './cdp.ts'
import { type DebugRequest, EXCHANGE } from './debug.ts'
import type { RemoteDebugger } from './process-driver.ts'

/** Classes that are counted: subclasses have names of their own, and are left out. */
const COUNTED: readonly string[] = ['Map', 'Set', 'Array', 'Object']

/** Objects that are looked at, the oldest first: what leaks has been there since the warm-up. */
const MAX_LOOKED_AT = 20_000

/** Objects that are handed over at once. */
const BATCH = 500

const GROUP = 'leak-harness'

/** An object in the hands of the debugger. */
interface Handed {
  readonly number: number
  readonly objectId: string
}

interface Evaluated {
  readonly result: { readonly description?: string; readonly objectId?: string; readonly value?: unknown }
  readonly wasThrown?: boolean
}

/**
 * Asks the debugger of Bun, whose protocol is WebKit's. It cannot be asked for the instances of a built-in class, but it
 * numbers all objects in its snapshots, the same in each, and hands over an object by its number.
 */
export async function openBunDebugger(url: string): Promise<RemoteDebugger> {
  const session = await RemoteDebugSession.open(url)
  const check = ({ result, wasThrown }: Evaluated, what: string): Evaluated['result'] => {
    if (!wasThrown) return result
    throw new HarnessError('HARNESS_PROTOCOL', `the debugger of Bun refused ${what}: ${result.description}`)
  }
  const evaluate = async (expression: string): Promise<Evaluated['result']> =>
    check(await session.post<Evaluated>('Runtime.evaluate', { expression, objectGroup: GROUP }), expression)
  const takeSnapshot = async (): Promise<string> =>
    (await session.post<{ snapshotData: string }>('Heap.snapshot')).snapshotData

  /** Objects of other realms are refused, and all that are handed over with them: those are looked for by halves. */
  const callWith = async (
    objectId: string | undefined,
    functionDeclaration: string,
    known: readonly Handed[],
  ): Promise<unknown[]> => {
    if (known.length === 0) return []
    try {
      const call = await session.post<Evaluated>('Runtime.callFunctionOn', {
        objectId,
        functionDeclaration,
        arguments: [
          { value: known.map(({ number }) => number).join(',') },
          ...known.map(({ objectId: argument }) => ({ objectId: argument })),
        ],
        returnByValue: true,
      })
      return [check(call, 'to hand containers over').value]
    } catch (error) {
      if (!/same JavaScript world/.test(String(error))) throw error
      if (known.length === 1) return []
    }
    const half = known.length >> 1
    const [first, second] = [known.slice(0, half), known.slice(half)]
    return [
      ...(await callWith(objectId, functionDeclaration, first)),
      ...(await callWith(objectId, functionDeclaration, second)),
    ]
  }

  /** Calls a function in the process with batches of containers, and their numbers before them. */
  const withContainers = async (functionDeclaration: string): Promise<unknown[]> => {
    const numbers = containersIn(await takeSnapshot())
    const answers: unknown[] = []
    try {
      const { objectId } = await evaluate('globalThis')
      for (let from = 0; from < numbers.length; from += BATCH) {
        const batch = numbers.slice(from, from + BATCH)
        const handed = await Promise.all(batch.map((number) => handOver(session, number)))
        const known = batch.flatMap((number, n): Handed[] => {
          const argument = handed[n]
          return argument === undefined ? [] : [{ number, objectId: argument }]
        })
        answers.push(...(await callWith(objectId, functionDeclaration, known)))
      }
    } finally {
      await session.post('Runtime.releaseObjectGroup', { objectGroup: GROUP })
    }
    return answers
  }

  return {
    async request(request: DebugRequest) {
      switch (request.want) {
        case 'instances':
          return void (await withContainers(`function (numbers, ...objects) { ${EXCHANGE}.found(objects) }`))
        case 'ids': {
          if (request.count === 0) return []
          const found = await withContainers(
            `function (numbers, ...objects) {
              const ids = numbers.split(',')
              return objects.flatMap((one, n) => {
                const at = ${EXCHANGE}.objects.indexOf(one)
                return at < 0 ? [] : [at + ':' + ids[n]]
              }).join(',')
            }`,
          )
          const pairs = found.flatMap((text) => String(text).split(',')).filter((pair) => pair !== '')
          const ids = new Map(pairs.map((pair) => pair.split(':').map(Number) as [number, number]))
          return Array.from({ length: request.count }, (_, n) => ids.get(n) ?? 0)
        }
        case 'snapshot':
          return writeFile(request.file, await takeSnapshot())
        case 'scripts':
          return {}
        case 'forget':
          return undefined
      }
    },
    evaluate,
    [Symbol.dispose]: () => session[Symbol.dispose](),
  }
}

/** The object of a number; undefined for one that has gone since, or is the engine's own. */
async function handOver(session: RemoteDebugSession, number: number): Promise<string | undefined> {
  try {
    const { result } = await session.post<Evaluated>('Heap.getRemoteObject', {
      heapObjectId: number,
      objectGroup: GROUP,
    })
    return result.objectId
  } catch {
    return undefined
  }
}

/** The number of each container. */
function containersIn(text: string): number[] {
  const snapshot = fromJscSnapshot(text)
  const { id, name, nodeCount, type, nodeTypes } = snapshot
  const object = nodeTypes.indexOf('object')
  const numbers: number[] = []
  for (let node = 0; node < nodeCount; node++)
    if (type[node] === object && COUNTED.includes(snapshot.text(name[node] as number))) numbers.push(id[node] as number)
  return numbers.sort((a, b) => a - b).slice(0, MAX_LOOKED_AT)
}
