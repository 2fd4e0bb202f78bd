import { Session } from 'node:inspector'
import { HarnessError } from '../../errors.ts'

/** Where the debugger finds what it is to look for and whom to tell; it exists only while a query runs. */
const EXCHANGE = '__leakHarness'

interface Exchange {
  readonly object: object
  readonly found?: (objects: readonly object[]) => void
}

/** What the debugger hands out, so that it can let go of all of it. */
const GROUP = 'leak-harness'

let open: Session | undefined

/**
 * The process' own debugger, which answers at once and needs no port and no socket. It stays open once it was: when a
 * session ends, the engine forgets the ids of objects, by which snapshots tell old from new.
 */
function openSession(): Session {
  if (!open) {
    open = new Session()
    open.connect()
  }
  return open
}

/** An open session makes the console keep what is logged: lets go of that. */
export function forgetLogged(): void {
  post(openSession(), 'Runtime.discardConsoleEntries', {})
}

/**
 * Calls `each` with every live object of this process that has `prototype` in its chain. Garbage is collected first, so
 * that only what is held is found.
 * @throws {HarnessError} `HARNESS_PROTOCOL` when the debugger refuses.
 */
export function findObjects(prototype: object, each: (found: object) => void): void {
  exchange({ object: prototype, found: (objects) => objects.forEach(each) }, (session, prototypeObjectId) => {
    const { objects } = post<{ objects: { objectId: string } }>(session, 'Runtime.queryObjects', {
      prototypeObjectId,
      objectGroup: GROUP,
    })
    post(session, 'Runtime.callFunctionOn', {
      objectId: objects.objectId,
      functionDeclaration: `function () { ${EXCHANGE}.found(this) }`,
      objectGroup: GROUP,
    })
  })
}

/**
 * The id by which heap snapshots know an object.
 * @throws {HarnessError} `HARNESS_PROTOCOL` when the debugger refuses.
 */
export function snapshotIdOf(object: object): number {
  return exchange({ object }, (session, objectId) =>
    Number(
      post<{ heapSnapshotObjectId: string }>(session, 'HeapProfiler.getHeapObjectId', { objectId })
        .heapSnapshotObjectId,
    ),
  )
}

/** The address of each script that has one, by the number that heap snapshots give it. */
export function listScripts(): Record<number, string> {
  const session = openSession()
  const scripts: Record<number, string> = {}
  const note = ({ params }: { params: { scriptId: string; url: string } }): void => {
    if (params.url !== '') scripts[Number(params.scriptId)] = params.url
  }
  session.on('Debugger.scriptParsed', note)
  try {
    post(session, 'Debugger.enable', {})
    post(session, 'Debugger.disable', {})
  } finally {
    session.removeListener('Debugger.scriptParsed', note)
  }
  return scripts
}

/** Hands an object over to the debugger, and lets go of all that it hands out. */
function exchange<Answer>(given: Exchange, use: (session: Session, objectId: string) => Answer): Answer {
  const scope = globalThis as { [EXCHANGE]?: Exchange }
  const session = openSession()
  scope[EXCHANGE] = given
  try {
    const { result } = post<{ result: { objectId: string } }>(session, 'Runtime.evaluate', {
      expression: `${EXCHANGE}.object`,
      objectGroup: GROUP,
    })
    return use(session, result.objectId)
  } finally {
    delete scope[EXCHANGE]
    post(session, 'Runtime.releaseObjectGroup', { objectGroup: GROUP })
  }
}

/** The protocol answers before `post` returns, as the session is of this thread. */
function post<Answer>(session: Session, method: string, params: Record<string, unknown>): Answer {
  let answer: { error: Error | null; value: unknown } | undefined
  session.post(method, params, (error, value) => {
    answer = { error, value }
  })
  const exception = (
    answer?.value as { exceptionDetails?: { text: string; exception?: { description?: string } } } | undefined
  )?.exceptionDetails
  if (answer && !answer.error && !exception) return answer.value as Answer
  const reason = answer?.error?.message ?? exception?.exception?.description ?? exception?.text ?? 'no answer'
  throw new HarnessError(
    'HARNESS_PROTOCOL',
    `the debugger refused ${method}: ${reason}; entries cannot be counted while another debugger holds the process`,
  )
}
