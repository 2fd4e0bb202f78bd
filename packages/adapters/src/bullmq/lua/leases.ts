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
