import { Worker } from 'node:worker_threads'

/** Memory of the watching thread, in MB: it runs a dozen lines and keeps nothing. */
const THREAD_LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 }

/**
 * Ends this process as soon as the other side of `fd` is gone, whatever this process does by then: also in a loop that
 * never ends, where no event is handled any more. A thread of its own waits in the kernel for the pipe to close; until
 * then it does nothing, so that nothing of it shows in what is measured. It ends with the process.
 *
 * Resolves once the thread watches.
 */
export function watchParent(fd: number): Promise<void> {
  // Without the flags and the environment of this process: modules that those load belong to what is under test.
  const thread = new Worker(`(${endWithPipe})(${fd})`, {
    eval: true,
    name: 'leak-harness watches its parent',
    execArgv: [],
    env: {},
    stdin: false,
    resourceLimits: THREAD_LIMITS,
  })
  return new Promise((resolve, reject) => {
    thread.once('error', reject)
    thread.once('message', () => {
      thread.removeListener('error', reject)
      thread.unref()
      resolve()
    })
  })
}

/** What the thread runs. It is handed over as text, and sees nothing of this module. */
function endWithPipe(fd: number): void {
  const { Socket } = process.getBuiltinModule('node:net')
  const { parentPort } = process.getBuiltinModule('node:worker_threads')
  const pipe = new Socket({ fd, readable: true, writable: false })
  // Without a listener a pipe that breaks would end the thread alone.
  pipe.on('error', () => {})
  pipe.on('close', () => process.kill(process.pid, 'SIGKILL'))
  pipe.resume()
  parentPort?.postMessage('watching')
}
