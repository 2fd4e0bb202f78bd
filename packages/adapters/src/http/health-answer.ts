import type { HealthAnswer } from './contract.ts'
import type { Monitor } from './monitor.ts'
import { toAnswer } from './refusal.ts'

/** Whether it lives: 200 while there is somebody to answer. */
export function answerLive(monitor: Monitor): Response {
  return toAnswer(toState(monitor))
}

/** Whether it takes jobs: 200 while it runs and is healthy, else 503. */
export function answerReady(monitor: Monitor): Response {
  const state = toState(monitor)
  return toAnswer(state, state.state === 'running' && state.healthy ? 200 : 503)
}

function toState(monitor: Monitor) {
  const { id, state, healthy } = monitor.health()
  return { id, state, healthy }
}

/** All there is to say of a worker. */
export function toHealthAnswer(monitor: Monitor, may: HealthAnswer['may']): HealthAnswer {
  const { worker, broker } = monitor.server
  const { deadLetter, lookup, pause, stats } = broker.can
  const health = monitor.health()
  return {
    health,
    desired: health.queueFigures ? worker.desired() : null,
    may,
    can: { deadLetter, lookup, pause, stats },
    broker: broker.name,
  }
}
