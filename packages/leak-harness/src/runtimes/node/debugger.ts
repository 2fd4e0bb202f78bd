import { Session } from 'node:inspector'
import { HarnessError } from '../../errors.ts'

/** Where the debugger finds what it is to look for and whom to tell; it exists only while a query runs. */
const EXCHANGE = '__leakHarness'

interface Exchange {
  readonly prototype: object
  readonly found: (objects: readonly object[]) => void
}

/**
 * Calls `each` with every live object of this process that has `prototype` in its chain. Garbage is collected first, so
 * that only what is held is found.
 *
 * The process asks its own debugger, which answers at once and needs no port and no socket. The session lives for the
 * query alone: an open one makes the console keep what is logged.
 * @throws {HarnessError} `HARNESS_PROTOCOL` when the debugger refuses.
 */
export function findObjects(prototype: object, each: (found: object) => void): void {
  const scope = globalThis as { [EXCHANGE]?: Exchange }
  const session = new Session()
  session.connect()
  scope[EXCHANGE] = { prototype, found: (objects) => objects.forEach(each) }
  try {
    const { result } = post<{ result: { objectId: string } }>(session, 'Runtime.evaluate', {
      expression: `${EXCHANGE}.prototype`,
    })
    const { objects } = post<{ objects: { objectId: string } }>(session, 'Runtime.queryObjects', {
      prototypeObjectId: result.objectId,
    })
    post(session, 'Runtime.callFunctionOn', {
      objectId: objects.objectId,
      functionDeclaration: `function () { ${EXCHANGE}.found(this) }`,
    })
  } finally {
    delete scope[EXCHANGE]
    session.disconnect()
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
