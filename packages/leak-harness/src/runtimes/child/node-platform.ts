import { Session } from 'node:inspector'
import { getHeapCodeStatistics, getHeapStatistics, writeHeapSnapshot } from 'node:v8'
import { answerDebug, type DebugSession, EXCHANGE, type Exchange, toAnswer } from '../debug.ts'
import { readFigures } from './figures.ts'
import type { Platform } from './platform.ts'

/** Node, which has a debugger of its own that answers at once and needs no port and no socket. */
export function createNodePlatform(): Platform {
  const { gc, process } = globalThis
  globalThis.gc = undefined
  let session: DebugSession | undefined
  return {
    version: process.version.replace(/^v/, ''),
    gc: () => void gc?.(),
    held() {
      const { used_heap_size, external_memory } = getHeapStatistics()
      return { heap: used_heap_size, external: external_memory }
    },
    figures: () => ({ ...readFigures(), code: getHeapCodeStatistics().bytecode_and_metadata_size }),
    async debug(request, exchange) {
      const scope = globalThis as { [EXCHANGE]?: Exchange }
      // It stays open once it was: when a session ends, the engine forgets the ids of objects, by which snapshots tell
      // old from new.
      session ??= openSession()
      scope[EXCHANGE] = exchange
      try {
        return await answerDebug(session, request)
      } finally {
        delete scope[EXCHANGE]
      }
    },
    writeSnapshot: (file) => void writeHeapSnapshot(file),
  }
}

function openSession(): DebugSession {
  const session = new Session()
  session.connect()
  return {
    post: (method, params) =>
      new Promise((resolve, reject) => {
        session.post(method, params, (error, value) => {
          try {
            resolve(toAnswer(method, value, error))
          } catch (refusal) {
            reject(refusal as Error)
          }
        })
      }),
    async listen<Params>(event: string, during: () => Promise<unknown>) {
      const heard: Params[] = []
      const note = ({ params }: { params: Params }): void => void heard.push(params)
      session.on(event, note)
      try {
        await during()
      } finally {
        session.removeListener(event, note)
      }
      return heard
    },
  }
}
