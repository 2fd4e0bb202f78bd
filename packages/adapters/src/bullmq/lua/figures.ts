/** Classes of priority that are looked at for the oldest job: a producer of BullMQ may use as many as it likes. */
const MAX_CLASSES = 64

/**
 * The figures of queues.
 *
 *     KEYS  the bases of the queues
 *
 * Answers `ready, delayed, active, dead, age of the oldest, paused` for each.
 */
export const STATS: string = `
local time = getTime()

-- How long a job has been due, in ms.
local function ageOf(base, id)
  local fields = call('HMGET', base .. id, 'isobar:at', 'isobar:due', 'timestamp', 'opts')
  local due = tonumber(fields[1] or fields[2])
  if not due then
    local ok, opts = pcall(cjson.decode, fields[4] or '{}')
    due = (tonumber(fields[3]) or time) + (ok and type(opts) == 'table' and tonumber(opts.delay) or 0)
  end
  return math.max(0, time - due)
end

local function statsOf(base)
  local ended, oldest = 0, 0
  local active = call('LRANGE', base .. 'active', 0, -1)
  for _, id in ipairs(active) do
    if call('EXISTS', base .. id .. ':lock') == 0 then
      ended = ended + 1
      oldest = math.max(oldest, ageOf(base, id))
    end
  end
  local latest = (time + 1) * 0x1000 - 1
  local due = call('ZCOUNT', base .. 'delayed', '-inf', latest)
  local first = call('ZRANGEBYSCORE', base .. 'delayed', '-inf', latest, 'WITHSCORES', 'LIMIT', 0, 1)
  if first[2] then oldest = math.max(oldest, time - math.floor(first[2] / 0x1000)) end
  -- The last of the list is the first to go; a list under this name is of older versions of BullMQ.
  for _, list in ipairs({'wait', 'paused'}) do
    local id = call('LINDEX', base .. list, -1)
    if id then oldest = math.max(oldest, ageOf(base, id)) end
  end
  local from = '-inf'
  for _ = 1, ${MAX_CLASSES} do
    local head = call('ZRANGEBYSCORE', base .. 'prioritized', from, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
    if not head[1] then break end
    oldest = math.max(oldest, ageOf(base, head[1]))
    from = string.format('%.0f', (math.floor(head[2] / 0x100000000) + 1) * 0x100000000)
  end
  local waiting = call('LLEN', base .. 'wait') + call('LLEN', base .. 'paused') + call('ZCARD', base .. 'prioritized')
  return {waiting + due + ended, call('ZCARD', base .. 'delayed') - due, #active - ended,
    call('ZCARD', base .. 'failed'), oldest, call('HEXISTS', base .. 'meta', 'paused')}
end

local answer = {}
for at, base in ipairs(KEYS) do answer[at] = statsOf(base) end
return answer
`
