-- SPDX-License-Identifier: Apache-2.0
-- Twin of SlidingLogKernel.java: change both or neither. State: { entries, sum }, the entries packed
-- as '<dI' time, amount, in ascending order of time.
local sliding_log = {}
local ENTRY = 12

function sliding_log.time(entries, i)
  return (unpack_('<d', entries, i * ENTRY - ENTRY + 1))
end

function sliding_log.amount(entries, i)
  return (unpack_('<I', entries, i * ENTRY - 3))
end

function sliding_log.size(s)
  return #s[1] / ENTRY
end

function sliding_log.newest(s)
  return s[1] == '' and -1 or sliding_log.time(s[1], sliding_log.size(s))
end

function sliding_log.ends_empty(s)
  return s[1] ~= '' and sliding_log.amount(s[1], sliding_log.size(s)) == 0
end

-- An entry of nothing is dropped; the newest one stays, since it is the stored time.
function sliding_log.minus(s, i, amount)
  local entries, held = s[1], sliding_log.amount(s[1], i)
  local given = min(amount, held)
  local left = ''
  if given < held or i == sliding_log.size(s) then
    left = pack('<dI', sliding_log.time(entries, i), held - given)
  end
  return { sub(entries, 1, (i - 1) * ENTRY) .. left .. sub(entries, i * ENTRY + 1), s[2] - given }
end

function sliding_log.fresh()
  return { '', 0 }
end

function sliding_log.ahead(k, s, now)
  return s[1] ~= '' and sliding_log.newest(s) - now > k.window
end

function sliding_log.settle(k, s, now)
  if sliding_log.ahead(k, s, now) then
    return { pack('<dI', now, s[2]), s[2] }
  end
  local horizon = max(now, sliding_log.newest(s)) - k.window
  local first, gone, size = 1, 0, sliding_log.size(s)
  while first <= size and sliding_log.time(s[1], first) <= horizon do
    gone = gone + sliding_log.amount(s[1], first)
    first = first + 1
  end
  if first == 1 then return s end
  return { sub(s[1], (first - 1) * ENTRY + 1), s[2] - gone }
end

function sliding_log.balance(k, s)
  return k.limit - s[2]
end

function sliding_log.fits(k, s, cost)
  return s[2] + cost <= k.limit
end

function sliding_log.take(k, s, cost, now)
  local entries, newest = s[1], sliding_log.newest(s)
  local moment, amount = max(now, newest), cost
  if newest == moment or sliding_log.ends_empty(s) then
    amount = amount + sliding_log.amount(entries, sliding_log.size(s))
    entries = sub(entries, 1, -ENTRY - 1)
  end
  return { entries .. pack('<dI', moment, amount), s[2] + cost }
end

function sliding_log.give_back(k, s, amount, mark)
  local low, high = 1, sliding_log.size(s)
  while low <= high do
    local middle = floor((low + high) / 2)
    local time = sliding_log.time(s[1], middle)
    if time == mark then return sliding_log.minus(s, middle, amount) end
    if time < mark then low = middle + 1 else high = middle - 1 end
  end
  return s
end

-- The newest charges are relieved first: they count longest.
function sliding_log.grant(k, s, amount)
  local log, left = s, amount
  for i = sliding_log.size(s), 1, -1 do
    if left <= 0 then break end
    local before = log[2]
    log = sliding_log.minus(log, i, left)
    left = left - (before - log[2])
  end
  return log
end

function sliding_log.retry_after(k, s, cost, now)
  local missing, i = s[2] + cost - k.limit, 1
  while missing > sliding_log.amount(s[1], i) do
    missing = missing - sliding_log.amount(s[1], i)
    i = i + 1
  end
  return sliding_log.time(s[1], i) + k.window - now
end

function sliding_log.reset_after(k, s, now)
  if s[2] == 0 then return 0 end
  local last = sliding_log.size(s)
  if sliding_log.ends_empty(s) then last = last - 1 end
  return sliding_log.time(s[1], last) + k.window - now
end

function sliding_log.mark(k, s, now)
  return max(now, sliding_log.newest(s))
end

function sliding_log.adopt(k, s, from, now)
  return from.kind == k.kind and sliding_log.settle(k, s, now) or sliding_log.fresh()
end

function sliding_log.ttl(k, s, now)
  return max(0, sliding_log.newest(s) + k.window - now)
end

function sliding_log.read(v, at)
  local bytes, sum = unpack_('<Id', v, at)
  if bytes % ENTRY ~= 0 or at + 12 + bytes - 1 > #v then error(CORRUPT) end
  return { sub(v, at + 12, at + 11 + bytes), sum }, at + 12 + bytes
end

function sliding_log.write(s)
  return pack('<Id', #s[1], s[2]) .. s[1]
end
