import { AGING_JOBS, AgingRecord } from '../aging-record.ts'
import { createRelay } from '../subjects/relay.ts'

const record = new AgingRecord()
await using relay = createRelay(() => record.settled())
await relay.run(AGING_JOBS)
process.stdout.write(JSON.stringify(record.toAging()))
