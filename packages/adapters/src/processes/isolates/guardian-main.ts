/**
 * What runs beside a supervisor: is started with the processes that live, reads on its stdin of others (`+pid`) and of
 * those that have gone (`-pid`), and when the pipe closes, because the supervisor is gone, kills those that are left.
 * They go by themselves (`isolate-main.ts`), unless they are in an endless loop. It ignores signals that reach the whole
 * process group: it ends with its pipe.
 */
import process from 'node:process'

const living = new Set(process.argv.slice(2).map(Number))
let text = ''

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
process.stdin.setEncoding('utf8')
process.stdin.on('data', (piece: string) => {
  const lines = (text + piece).split('\n')
  text = lines.pop() ?? ''
  for (const line of lines) {
    const pid = Number(line.slice(1))
    if (line.startsWith('+')) living.add(pid)
    else living.delete(pid)
  }
})
process.stdin.on('error', () => {})
// Deno tells of the end only, and of a pipe that fails only its close is told.
for (const over of ['end', 'close']) process.stdin.on(over, killAll)

function killAll(): void {
  for (const pid of living) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has gone by itself.
    }
  }
  process.exit(0)
}
