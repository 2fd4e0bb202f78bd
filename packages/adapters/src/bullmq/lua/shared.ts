/**
 * What our scripts share. A queue is named by its base, the text that all of its keys start with: `bull:email:`. Our own
 * keys and fields start with `isobar:`.
 *
 * - `isobar:looks`: sorted set of the times (ms) at which to look for active jobs whose lock has ended. A time for the
 *   leases that end at about the same time: a claim costs one, not one a job.
 * - `isobar:looked`: that somebody has looked of late, for jobs of workers of BullMQ.
 * - `isobar:canceled:ID`: what is kept of a cancelled job, and for its owner who is to be told.
 */
export const SHARED: string = `
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

/**
 * Puts a job that is active back in front of its class, uncharged. Of several the last is put back first: each comes to
 * stand before those before it. Needs the function `moveJobFromActiveToWait`.
 */
export const PUT_BACK: string = `
-- BullMQ puts all of a class in one place, where their ids would decide. Within it there is room for so many.
local places = 512
local place = places - 1

local function putBack(base, id, token)
  local code = moveJobFromActiveToWait({base .. 'active', base .. 'wait', base .. 'stalled', base .. 'paused',
    base .. 'meta', base .. 'limiter', base .. 'prioritized', base .. 'marker', base .. 'events'},
    {id, token, base .. id})
  if code < 0 then return code end
  local front = call('ZSCORE', base .. 'prioritized', id)
  if front then
    call('ZADD', base .. 'prioritized', 'XX', tonumber(front) + place / places, id)
    place = math.max(place - 1, 0)
  end
  -- BullMQ wakes nobody for a job with a priority.
  mark(base)
  return 0
end
`

/** Between the end of a lease and the look that finds it: at most this part of the lease, and at least this many ms. */
const GRAIN = { part: 64, leastMs: 8 } as const

/** Sees to it that somebody looks when leases end that start or are extended now. */
export const LOOK_AFTER: string = `
local function lookAfter(base, time, leaseMs)
  local grain = math.max(${GRAIN.leastMs}, math.floor(leaseMs / ${GRAIN.part}))
  local at = string.format('%.0f', (math.floor((time + leaseMs) / grain) + 1) * grain)
  call('ZADD', base .. 'isobar:looks', at, at)
end
`

/**
 * Finds leases that have ended: their jobs go back, uncharged, with a crash more, counted where BullMQ counts stalled
 * jobs. Jobs that workers of BullMQ left behind are found as well, every `everyMs` at least, so that a fleet which moves
 * over loses none. Needs `putBack` and `lookAfter`.
 */
export const RECOVER: string = `
local function isTimeToLook(base, time, everyMs)
  local due = call('ZREMRANGEBYSCORE', base .. 'isobar:looks', '-inf', time)
  return call('SET', base .. 'isobar:looked', time, 'PX', everyMs, 'NX') or due > 0
end

local function recover(base, time, everyMs)
  if not isTimeToLook(base, time, everyMs) then return end
  -- The one that was handed out first comes last, and so to stand in front of the others.
  local soonest
  for _, id in ipairs(call('LRANGE', base .. 'active', 0, -1)) do
    local left = call('PTTL', base .. id .. ':lock')
    if call('EXISTS', base .. id) == 0 then
      -- It was removed while it ran, by somebody who looked at no lock.
      call('LREM', base .. 'active', 1, id)
    elseif left == -2 then
      call('HINCRBY', base .. id, 'stc', 1)
      putBack(base, id, '0')
      call('XADD', base .. 'events', 'MAXLEN', '~', 10000, '*', 'event', 'stalled', 'jobId', id)
    elseif left >= 0 then
      soonest = math.min(soonest or left, left)
    end
  end
  -- A script that is held up on its way gives leases that end later than it foresaw: the look came too early for them.
  if soonest then lookAfter(base, time, soonest) end
end
`

/** Removes a job whatever its state, but not a key that it holds for a time. Needs the function `removeJob`. */
export const REMOVE: string = `
local function remove(base, id)
  local dedupeId = call('HGET', base .. id, 'deid')
  local window = dedupeId and call('PTTL', base .. 'de:' .. dedupeId) or 0
  local owner = window > 0 and call('GET', base .. 'de:' .. dedupeId)
  local code = removeJob({base .. id, base .. 'repeat'}, {id, 0, base})
  if owner == id then call('SET', base .. 'de:' .. dedupeId, id, 'PX', window) end
  return code
end
`
