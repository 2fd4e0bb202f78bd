export { type DeadLetterConsumerOptions, deadLetterConsumer } from './consumer.ts'
export { type DeadLetterMessage, type DeadRecord, readDeadMessage } from './read.ts'
export { DEFAULT_PAGE, type DeadLettersOptions, MAX_PAGE, openDeadLetters } from './store.ts'
export { MIGRATION } from './table.ts'
