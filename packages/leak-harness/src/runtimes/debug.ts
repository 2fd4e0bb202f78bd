import { HarnessError } from '../errors.ts'

/** Where the debugger finds what it is to look at and whom to tell; it exists only while it is asked. */
export const EXCHANGE = '__leakHarness'

/** What is handed to the debugger. */
export interface Exchange {
  /** Objects that are asked about. */
  readonly objects: readonly object[]
  /** Called with what was found. */
  readonly found?: (objects: readonly object[]) => void
  /** Called with the debugger's answer, where another process asks it. */
  readonly answer?: (value: unknown) => void
}

/** What is asked of the debugger of the process under test. */
export type DebugRequest =
  /** Every live object that has the first of the exchanged ones in its chain of prototypes goes to `found`. */
  | { readonly want: 'instances' }
  /** The snapshots' ids of the exchanged objects. */
  | { readonly want: 'ids'; readonly count: number }
  /** The address of each script that has one, by the number that heap snapshots give it. */
  | { readonly want: 'scripts' }
  /** An open session makes the console keep what is logged: lets go of that. */
  | { readonly want: 'forget' }
  /** A heap snapshot in a file, where the process cannot write it itself. */
  | { readonly want: 'snapshot'; readonly file: string }

/** A session of V8's debugger protocol. */
export interface DebugSession {
  /** @throws {HarnessError} `HARNESS_PROTOCOL` when the debugger refuses. */
  post<Answer>(method: string, params: Readonly<Record<string, unknown>>): Promise<Answer>
  /** Collects the events of a name while `during` runs. */
  listen<Params>(event: string, during: () => Promise<unknown>): Promise<readonly Params[]>
  /** The realm to look in, where the default is another one. */
  readonly contextId?: number | undefined
}

/** What the debugger hands out, so that it can let go of all of it. */
const GROUP = 'leak-harness'

/** Has a debugger of V8 do what is asked. */
export async function answerDebug(session: DebugSession, request: DebugRequest): Promise<unknown> {
  switch (request.want) {
    case 'instances':
      return grouped(session, async (object) => {
        const { objects } = await session.post<{ objects: { objectId: string } }>('Runtime.queryObjects', {
          prototypeObjectId: await object(0),
          objectGroup: GROUP,
        })
        await session.post('Runtime.callFunctionOn', {
          objectId: objects.objectId,
          functionDeclaration: `function () { ${EXCHANGE}.found(this) }`,
          objectGroup: GROUP,
        })
      })
    case 'ids':
      return grouped(session, async (object) => {
        const ids: number[] = []
        for (let n = 0; n < request.count; n++) {
          const { heapSnapshotObjectId } = await session.post<{ heapSnapshotObjectId: string }>(
            'HeapProfiler.getHeapObjectId',
            { objectId: await object(n) },
          )
          ids.push(Number(heapSnapshotObjectId))
        }
        return ids
      })
    case 'scripts':
      return listScripts(session)
    case 'forget':
      return session.post('Runtime.discardConsoleEntries', {})
    case 'snapshot':
      throw new HarnessError('HARNESS_PROTOCOL', 'a process of V8 writes its snapshots itself')
  }
}

/** Hands objects over to the debugger, and lets go of all that it hands out. */
async function grouped<Answer>(
  session: DebugSession,
  use: (object: (n: number) => Promise<string>) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await use(async (n) => {
      const { result } = await session.post<{ result: { objectId: string } }>('Runtime.evaluate', {
        expression: `${EXCHANGE}.objects[${n}]`,
        objectGroup: GROUP,
        ...(session.contextId === undefined ? {} : { contextId: session.contextId }),
      })
      return result.objectId
    })
  } finally {
    await session.post('Runtime.releaseObjectGroup', { objectGroup: GROUP })
  }
}

async function listScripts(session: DebugSession): Promise<Record<number, string>> {
  const parsed = await session.listen<{ scriptId: string; url: string }>('Debugger.scriptParsed', async () => {
    await session.post('Debugger.enable', {})
    await session.post('Debugger.disable', {})
  })
  const scripts: Record<number, string> = {}
  for (const { scriptId, url } of parsed) if (url !== '') scripts[Number(scriptId)] = url
  return scripts
}

/** What the debugger said, or why it did not. */
export function toAnswer<Answer>(method: string, value: unknown, error: { readonly message: string } | null): Answer {
  const exception = (value as { exceptionDetails?: { text: string; exception?: { description?: string } } } | undefined)
    ?.exceptionDetails
  if (!error && !exception) return value as Answer
  const reason = error?.message ?? exception?.exception?.description ?? exception?.text ?? 'no answer'
  throw new HarnessError(
    'HARNESS_PROTOCOL',
    `the debugger refused ${method}: ${reason}; entries cannot be counted while another debugger holds the process`,
  )
}
