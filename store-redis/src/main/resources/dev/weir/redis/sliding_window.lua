-- SPDX-License-Identifier: Apache-2.0
-- Twin of SlidingWindowKernel.java: change both or neither. State: { index, previous, current }.
local sliding_window = {}

function sliding_window.index(k, now)
  return floor(now / (k.ticks * k.tick))
end

function sliding_window.elapsed(k, index, now)
  return max(0, floor((now - index * k.ticks * k.tick) / k.tick))
end

function sliding_window.fresh(k, now)
  return { sliding_window.index(k, now), 0, 0 }
end

function sliding_window.ahead(k, s, now)
  return sliding_window.index(k, now) < s[1] - 1
end

function sliding_window.settle(k, s, now)
  local index = sliding_window.index(k, now)
  if index == s[1] then return s end
  if index < s[1] then
    return sliding_window.ahead(k, s, now) and { index, s[2], s[3] } or s
  end
  return { index, index == s[1] + 1 and s[3] or 0, 0 }
end

function sliding_window.balance(k, s, now)
  local covered = k.ticks - sliding_window.elapsed(k, s[1], now)
  return k.limit - s[3] - sliding_window.weighted(k, s[2], covered)
end

-- ceil(previous * covered / ticks), where more may be spent than this limit allows.
function sliding_window.weighted(k, previous, covered)
  if previous <= 2 * k.limit then return ceil(previous * covered / k.ticks) end
  local whole, rest = multiply_divide(previous, covered, k.ticks)
  return rest > 0 and whole + 1 or whole
end

function sliding_window.fits(k, s, cost, now)
  return cost <= sliding_window.balance(k, s, now)
end

function sliding_window.take(k, s, cost)
  return { s[1], s[2], s[3] + cost }
end

function sliding_window.give_back(k, s, amount, mark)
  if mark == s[1] then return { s[1], s[2], max(0, s[3] - amount) } end
  if mark == s[1] - 1 then return { s[1], max(0, s[2] - amount), s[3] } end
  return s
end

-- The current window is relieved first: what is spent there counts longest.
function sliding_window.grant(k, s, amount)
  local from_current = min(s[3], amount)
  return { s[1], max(0, s[2] - (amount - from_current)), s[3] - from_current }
end

function sliding_window.retry_after(k, s, cost, now)
  local room = k.limit - s[3] - cost
  local tick
  if room >= 0 then
    tick = s[1] * k.ticks + k.ticks - floor(room * k.ticks / s[2])
  else
    tick = (s[1] + 2) * k.ticks - floor((k.limit - cost) * k.ticks / s[3])
    tick = max(tick, (s[1] + 1) * k.ticks)
  end
  return tick * k.tick - now
end

function sliding_window.reset_after(k, s, now)
  if s[3] > 0 then return (s[1] + 2) * k.ticks * k.tick - now end
  return s[2] > 0 and (s[1] + 1) * k.ticks * k.tick - now or 0
end

function sliding_window.mark(k, s)
  return s[1]
end

function sliding_window.adopt(k, s, from, now)
  if from.kind ~= k.kind then return sliding_window.fresh(k, now) end
  local settled = sliding_window.settle(from, s, now)
  local stored = max(now, settled[1] * from.ticks * from.tick)
  return { sliding_window.index(k, stored), settled[2], settled[3] }
end

function sliding_window.ttl(k, s, now)
  return max(0, (s[1] + 2) * k.ticks * k.tick - now)
end

function sliding_window.read(v, at)
  local index, previous, current = unpack_('<ddd', v, at)
  return { index, previous, current }, at + 24
end

function sliding_window.write(s)
  return pack('<ddd', s[1], s[2], s[3])
end
