/**
 * Hands out jobs of queues, in the order in which the queues are named: BullMQ's own step, taken as often as there is
 * room. Each delivery has a token of its own.
 *
 *     KEYS  the set of known queues, then the bases of the queues
 *     ARGV  prefix of all queues, token of this claim, lease in ms, worker, jobs in all, bytes of data in all, ms between
 *           two looks for jobs of BullMQ's workers, number of tokens of claims whose answer never arrived, these tokens,
 *           then the most of each queue
 *
 * Answers the server's time, when something may be due next (0: unknown), then `queue, id, token, fields` for each
 * job.
 */
export const CLAIM: string = `
local time = getTime()
local token, leaseMs, worker, room, bytes = ARGV[2], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
local orphans = tonumber(ARGV[8])

-- A claim whose answer was lost on the way has no owner: its jobs go back as if it had never been.
local function reclaim(base)
  for _, id in ipairs(call('LRANGE', base .. 'active', 0, -1)) do
    local lock = call('GET', base .. id .. ':lock')
    for at = 9, 8 + orphans do
      if lock and string.sub(lock, 1, #ARGV[at]) == ARGV[at] then
        putBack(base, id, lock)
      end
    end
  end
end

local answer = {time, 0}
local function soon(at)
  if at > 0 and (answer[2] == 0 or at < answer[2]) then answer[2] = math.ceil(at) end
end

-- A hash that holds no job: its id was left in a list when the job was removed.
local function drop(base, id)
  call('LREM', base .. 'active', 1, id)
  call('DEL', base .. id, base .. id .. ':lock')
end

-- What has to be done with a job at its claim. False when there is none.
local function prepare(base, id, flat)
  local data, dedupe, dedupeId, progress
  for at = 1, #flat, 2 do
    local field = flat[at]
    if field == 'data' then data = flat[at + 1]
    elseif field == 'progress' then progress = true
    elseif field == 'deid' then dedupeId = flat[at + 1]
    elseif field == 'isobar:dedupe' then dedupe = flat[at + 1] end
  end
  if not data then
    drop(base, id)
    return false
  end
  if progress then call('HDEL', base .. id, 'progress') end
  if dedupe == 'queued' and dedupeId then
    local dedupeKey = base .. 'de:' .. dedupeId
    if call('GET', dedupeKey) == id then call('DEL', dedupeKey) end
  end
  bytes = bytes - #data
  return true
end

for queue = 2, #KEYS do
  local base = KEYS[queue]
  if orphans > 0 then reclaim(base) end
  local keys = {base .. 'wait', base .. 'active', base .. 'prioritized', base .. 'events', base .. 'stalled',
    base .. 'limiter', base .. 'delayed', base .. 'paused', base .. 'meta', base .. 'pc', base .. 'marker'}
  call('SADD', KEYS[1], toName(base, ARGV[1]))
  recover(base, time, ARGV[7])
  local left = tonumber(ARGV[7 + orphans + queue])
  local before = #answer
  while left > 0 and room > 0 and bytes > 0 do
    local claim = token .. #answer
    local got = moveToActive(keys, {base, time, cmsgpack.pack({token = claim, lockDuration = leaseMs, name = worker})})
    if type(got[1]) ~= 'table' then
      if got[3] > 0 then soon(time + got[3]) end
      soon(got[4])
      break
    end
    if prepare(base, got[2], got[1]) then
      answer[#answer + 1] = {queue, got[2], claim, got[1]}
      left = left - 1
      room = room - 1
    end
  end
  if #answer > before then lookAfter(base, time, leaseMs) end
  local look = call('ZRANGE', base .. 'isobar:looks', 0, 0)
  if look[1] then soon(tonumber(look[1])) end
end
return answer
`
