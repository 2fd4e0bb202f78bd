/**
 * What comes first in each of our scripts. A queue is named by its base, the text that all of its keys start with: `bull:email:`. Our own
 * keys and fields start with `isobar:`.
 *
 * - `isobar:looks`: sorted set of the times (ms) at which to look for active jobs whose lock has ended. A time for the
 *   leases that end at about the same time: a claim costs one, not one a job.
 * - `isobar:looked`: that somebody has looked of late, for jobs of workers of BullMQ.
 * - `isobar:canceled:ID`: what is kept of a cancelled job, and for its owner who is to be told.
 */
export const PRELUDE: string = `
local call = redis.call

local function getTime()
  local time = call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- The queue's name, of its base and the prefix of all queues.
local function toName(base, prefix)
  return string.sub(base, #prefix + 2, -2)
end

-- Wakes who waits for a queue, unless it is paused.
local function mark(base)
  if call('HEXISTS', base .. 'meta', 'paused') == 0 then
    call('ZADD', base .. 'marker', 0, '0')
  end
end
`
