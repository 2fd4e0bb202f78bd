/** Values that describe one settlement, in the order of `toSettleValues`. */
export const SETTLE_VALUES = 13

/**
 * Settles deliveries, each on its own: one that is lost changes nothing. The follow-ups of an ack go out in the same step,
 * and only if it counted.
 *
 *     KEYS  the set of known queues, then the bases of the queues
 *     ARGV  prefix of all queues, then SETTLE_VALUES values a delivery, each followed by the values of its follow-ups
 *
 * Answers `place, reason` of the lost.
 */
export const settleScript = (specValues: number): string => `
local time = getTime()
local lost = {}

-- The keys that a queue has, made once.
local keysOf = {}
local function finish(base, id, token, property, value, target, keep, fields)
  local keys = keysOf[base]
  if not keys then
    keys = {base .. 'wait', base .. 'active', base .. 'prioritized', base .. 'events', base .. 'stalled',
      base .. 'limiter', base .. 'delayed', base .. 'paused', base .. 'meta', base .. 'pc', '', '', '', base .. 'marker'}
    keysOf[base] = keys
  end
  keys[11], keys[12], keys[13] = base .. target, base .. id, base .. 'metrics:' .. target
  return moveToFinished(keys, {id, time, property, value, target, '0', base,
    cmsgpack.pack({token = token, keepJobs = keep, lockDuration = 0, attempts = 0, maxMetricsSize = ''}), fields})
end

local function bury(base, id, token, reason, error, message, stack)
  return finish(base, id, token, 'failedReason', message, 'failed', {count = -1},
    cmsgpack.pack({'isobar:reason', reason, 'isobar:error', error, 'stacktrace', stack}))
end

local function ack(base, id, token, result, count, age)
  local keep = {}
  if count ~= '' then keep.count = tonumber(count) end
  if age ~= '' then keep.age = tonumber(age) end
  local code = finish(base, id, token, 'returnvalue', result, 'completed', keep, '')
  if code ~= -4 and code ~= -9 then return code end
  -- A parent whose children have not ended, or failed, cannot be done: BullMQ would leave it active for ever.
  local message = 'it was done before its child jobs, or in spite of one that failed'
  return bury(base, id, token, 'unrecoverable', cjson.encode({name = 'Error', message = message}), message, '[]')
end

local function delayBy(base, id, token, delay, skipAttempt, fields)
  return moveToDelayed({base .. 'marker', base .. 'active', base .. 'prioritized', base .. 'delayed', base .. id,
    base .. 'events', base .. 'meta', base .. 'stalled', base .. 'wait', base .. 'limiter', base .. 'pc'},
    {base, time, id, token, delay, skipAttempt, fields, '0', ''})
end

local function retry(base, id, token, delay, error, message, stack)
  local fields = cmsgpack.pack({'failedReason', message, 'stacktrace', stack, 'isobar:error', error,
    'isobar:at', string.format('%.0f', time + tonumber(delay))})
  if tonumber(delay) > 0 then return delayBy(base, id, token, delay, '0', fields) end
  return retryJob({base .. 'active', base .. 'wait', base .. 'paused', base .. id, base .. 'meta', base .. 'events',
    base .. 'delayed', base .. 'prioritized', base .. 'pc', base .. 'marker', base .. 'stalled'},
    {base, time, 'LPUSH', id, token, fields})
end

local function release(base, id, token, delay, error)
  if tonumber(delay) == 0 then
    local code = putBack(base, id, token)
    if code == 0 and error ~= '' then call('HSET', base .. id, 'isobar:error', error) end
    return code
  end
  local fields = {'isobar:at', string.format('%.0f', time + tonumber(delay))}
  if error ~= '' then
    fields[3], fields[4] = 'isobar:error', error
  end
  return delayBy(base, id, token, delay, '1', cmsgpack.pack(fields))
end

-- Whether the job was cancelled while this delivery had it. Told once here.
local function whyLost(base, id, token)
  local canceled = base .. 'isobar:canceled:' .. id
  if call('HGET', canceled, 'isobar:token') ~= token then return 'lease' end
  call('HDEL', canceled, 'isobar:token')
  return 'canceled'
end

local at, place, touched = 2, 0, {}
while at <= #ARGV do
  local base, id, token, kind = KEYS[tonumber(ARGV[at])], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local delay, flag, error, message, stack = ARGV[at + 4], ARGV[at + 5], ARGV[at + 6], ARGV[at + 7], ARGV[at + 8]
  local text, count, age, followUps = ARGV[at + 9], ARGV[at + 10], ARGV[at + 11], ARGV[at + 12]
  at = at + ${SETTLE_VALUES}
  local code
  if kind == 'ack' then code = ack(base, id, token, text, count, age)
  elseif kind == 'dead' then code = bury(base, id, token, text, error, message, stack)
  elseif kind == 'retry' then code = retry(base, id, token, delay, error, message, stack)
  else code = release(base, id, token, delay, error) end
  local isOurs = type(code) ~= 'number' or code >= 0
  if isOurs then
    touched[base] = true
    if kind == 'dead' then
      -- BullMQ charges for every failure: this one's handler never ran.
      if flag == '0' then
        call('HINCRBY', base .. id, 'atm', -1)
        call('HSET', base .. id, 'isobar:unstarted', 1)
      end
    elseif flag == '1' then
      call('HINCRBY', base .. id, 'stc', 1)
    end
  else
    lost[#lost + 1] = place
    lost[#lost + 1] = whyLost(base, id, token)
  end
  for _ = 1, tonumber(followUps) do
    if isOurs then add(at, time, ARGV[1]) end
    at = at + ${specValues}
  end
  place = place + 1
end
-- Where BullMQ limits how many jobs of a queue are active, there is room for others now.
for base in pairs(touched) do
  if call('HEXISTS', base .. 'meta', 'concurrency') == 1 then mark(base) end
end
return lost
`
