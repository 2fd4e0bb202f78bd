export { type BrokerCase, type BrokerCaseOptions, brokerCases, type CreateBroker } from './broker-cases.ts'
export { type CountingClock, createCountingClock } from './counting-clock.ts'
export { createExecutorApp, EXECUTOR_APP_GRACE_MS, type ExecutorJobName } from './executor-app.ts'
export { type CreateExecutor, type ExecutorCase, executorCases } from './executor-cases.ts'
export { createFakeClock, type FakeClock, type FakeClockOptions } from './fake-clock.ts'
export { override } from './override.ts'
export { type JobReport, type RunJobOptions, runJob } from './run-job.ts'
export { type StressOptions, type StressReport, stressWorker } from './stress-worker.ts'
export { failOnOpenScopes, type ScopeTracker, trackScopes } from './track-scopes.ts'
export { createWorkerApp, type WorkerJobName } from './worker-app.ts'
export {
  type CreateWorkerParts,
  type WorkerCase,
  type WorkerCaseOptions,
  type WorkerParts,
  workerCases,
} from './worker-cases.ts'
