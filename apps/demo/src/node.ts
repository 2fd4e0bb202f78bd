import * as adapter from '@isobar/adapters/node'
import { main } from './processes/main.ts'

await main(adapter)
