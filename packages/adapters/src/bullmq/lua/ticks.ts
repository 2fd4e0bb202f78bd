/**
 * The last tick of a schedule, which is now for one that is not known.
 *
 *     KEYS  the hash of schedules
 *     ARGV  name
 */
export const TICK_LAST: string = `
call('HSETNX', KEYS[1], ARGV[1], string.format('%.0f', getTime()))
return call('HGET', KEYS[1], ARGV[1])
`

/**
 * Enqueues the job of a tick, unless this tick or a later one was.
 *
 *     KEYS  the set of known queues, the base of the queue, the hash of schedules
 *     ARGV  prefix of all queues, name, tick, ms that it may be ahead, then the values of the job
 *
 * Answers 1, or 0 when it was enqueued before, or -1 when it is too far ahead; then the server's time.
 */
export const TICK_SEND: string = `
local time = getTime()
local known = call('HGET', KEYS[3], ARGV[2])
if known and tonumber(ARGV[3]) <= tonumber(known) then return {0, time} end
if tonumber(ARGV[3]) > time + tonumber(ARGV[4]) then return {-1, time} end
add(5, time, ARGV[1])
call('HSET', KEYS[3], ARGV[2], ARGV[3])
return {1, time}
`
