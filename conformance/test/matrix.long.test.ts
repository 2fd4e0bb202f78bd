import { suitesOf } from '../src/suites.ts'
import { type MatrixName, RUNTIMES } from './runtimes.ts'
import { testSuites } from './test-suites.ts'

testSuites(Object.keys(RUNTIMES) as MatrixName[], suitesOf)
