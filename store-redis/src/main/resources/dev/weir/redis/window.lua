-- SPDX-License-Identifier: Apache-2.0
-- Twin of WindowKernel.java: change both or neither. State: { start, spent }. A calendar's periods
-- come as bounds around the sender's time; a moment outside them ends the check.
local window = {}

function window.start_of(k, micros)
  if k.window then return micros - micros % k.window end
  for i = 1, 3 do
    if k[i] <= micros and micros < k[i + 1] then return k[i] end
  end
  error(OUTSIDE)
end

function window.end_of(k, start)
  if k.window then return start + k.window end
  for i = 1, 3 do
    if k[i] <= start and start < k[i + 1] then return k[i + 1] end
  end
  error(OUTSIDE)
end

function window.fresh(k, now)
  return { window.start_of(k, now), 0 }
end

function window.ahead(k, s, now)
  return now < s[1] and window.end_of(k, window.start_of(k, now)) < s[1]
end

function window.settle(k, s, now)
  if now < s[1] then
    return window.ahead(k, s, now) and { window.start_of(k, now), s[2] } or s
  end
  local start = window.start_of(k, now)
  return start == s[1] and s or { start, 0 }
end

function window.balance(k, s)
  return k.limit - s[2]
end

function window.fits(k, s, cost)
  return s[2] + cost <= k.limit
end

function window.take(k, s, cost)
  return { s[1], s[2] + cost }
end

function window.give_back(k, s, amount, mark)
  return window.mark(k, s) == mark and window.grant(k, s, amount) or s
end

function window.grant(k, s, amount)
  return { s[1], max(0, s[2] - amount) }
end

function window.retry_after(k, s, cost, now)
  return window.end_of(k, s[1]) - now
end

function window.reset_after(k, s, now)
  return s[2] == 0 and 0 or window.end_of(k, s[1]) - now
end

function window.mark(k, s)
  return floor(s[1] / (k.window or 1000000))
end

-- What is spent stays spent, in the new window that holds the same moment.
function window.adopt(k, s, from, now)
  if from.kind ~= k.kind then return window.fresh(k, now) end
  local settled = window.settle(from, s, now)
  return { window.start_of(k, max(now, settled[1])), settled[2] }
end

function window.ttl(k, s, now)
  return max(0, (k.window and window.end_of(k, s[1]) or k[4]) - now)
end

function window.read(v, at)
  local start, spent = unpack_('<dd', v, at)
  return { start, spent }, at + 16
end

function window.write(s)
  return pack('<dd', s[1], s[2])
end
