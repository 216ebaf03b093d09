-- SPDX-License-Identifier: Apache-2.0
-- Twin of ConcurrencyKernel.java: change both or neither. State: a list of { id, amount, expires }
-- in the order in which the holds began.
local concurrency = {}

function concurrency.held(s)
  local sum = 0
  for i = 1, #s do sum = sum + s[i][2] end
  return sum
end

function concurrency.without(s, id)
  local left = {}
  for i = 1, #s do
    if s[i][1] ~= id then left[#left + 1] = s[i] end
  end
  return #left == #s and s or left
end

function concurrency.with(s, hold)
  local more = {}
  for i = 1, #s do more[i] = s[i] end
  more[#s + 1] = hold
  return more
end

function concurrency.find(s, id)
  for i = 1, #s do
    if s[i][1] == id then return s[i] end
  end
end

function concurrency.step(k, s, now, operation, cost, x, id)
  if operation == HOLD then return concurrency.hold(k, s, now, id, x, cost) end
  if operation == RENEW then return concurrency.renew(k, s, now, id, x) end
  if operation == RELEASE or operation == REFUND then return concurrency.release(k, s, now, id) end
  if operation == RECORD then return apply(k, s, now, PEEK, 0) end
  return apply(k, s, now, operation, cost)
end

function concurrency.hold(k, s, now, id, ttl, cost)
  local settled = concurrency.settle(k, s, now)
  if concurrency.find(settled, id) then return concurrency.renew(k, s, now, id, ttl) end
  local next, verdict = apply(k, s, now, TAKE, cost)
  if verdict[1] == DENIED or verdict[1] == TOO_BIG or cost == 0 then return next, verdict end
  local added = { id, cost, now + min(ttl, k.expiry) }
  return concurrency.answer(k, concurrency.with(settled, added), now, ADMITTED, cost)
end

function concurrency.renew(k, s, now, id, ttl)
  local settled = concurrency.settle(k, s, now)
  local hold = concurrency.find(settled, id)
  if hold then
    local longer = { id, hold[2], now + min(ttl, k.expiry) }
    local next = concurrency.with(concurrency.without(settled, id), longer)
    return concurrency.answer(k, next, now, ADMITTED, hold[2])
  end
  local _, verdict = concurrency.answer(k, s, now, DENIED, 0)
  return s, verdict
end

function concurrency.release(k, s, now, id)
  local settled = concurrency.settle(k, s, now)
  local next = concurrency.without(settled, id)
  local given = concurrency.held(settled) - concurrency.held(next)
  return concurrency.answer(k, next, now, ADMITTED, given)
end

function concurrency.answer(k, next, now, outcome, amount)
  local settled = concurrency.settle(k, next, now)
  local remaining = max(0, concurrency.balance(k, settled))
  local reset = concurrency.reset_after(k, settled, now)
  return next, { outcome, amount, remaining, 0, reset, 0, 0 }
end

function concurrency.fresh()
  return {}
end

-- A hold that would outlast the longest expiry was stored by a later clock.
function concurrency.ahead(k, s, now)
  for i = 1, #s do
    if s[i][3] - now > k.expiry then return true end
  end
  return false
end

function concurrency.settle(k, s, now)
  local same = true
  for i = 1, #s do
    same = same and s[i][3] > now and s[i][3] - now <= k.expiry
  end
  if same then return s end
  local left = {}
  for i = 1, #s do
    if s[i][3] > now then
      left[#left + 1] = { s[i][1], s[i][2], min(s[i][3], now + k.expiry) }
    end
  end
  return left
end

function concurrency.balance(k, s)
  return k.limit - concurrency.held(s)
end

function concurrency.fits(k, s, cost)
  return concurrency.held(s) + cost <= k.limit
end

function concurrency.take(k, s)
  return s
end

function concurrency.give_back(k, s)
  return s
end

function concurrency.grant(k, s)
  return s
end

-- The earliest expiry after which the cost fits; a release may make it fit before.
function concurrency.retry_after(k, s, cost, now)
  local by_expiry = {}
  for i = 1, #s do by_expiry[i] = s[i] end
  table.sort(by_expiry, function(a, b) return a[3] < b[3] end)
  local missing, i = concurrency.held(s) + cost - k.limit, 1
  while missing > by_expiry[i][2] do
    missing = missing - by_expiry[i][2]
    i = i + 1
  end
  return by_expiry[i][3] - now
end

function concurrency.reset_after(k, s, now)
  local latest = now
  for i = 1, #s do latest = max(latest, s[i][3]) end
  return latest - now
end

function concurrency.mark()
  return 0
end

function concurrency.adopt(k, s, from, now)
  return from.kind == k.kind and concurrency.settle(k, s, now) or {}
end

function concurrency.ttl(k, s, now)
  return concurrency.reset_after(k, s, now)
end

function concurrency.read(v, at)
  local count = unpack_('<I', v, at)
  local s = {}
  at = at + 4
  for i = 1, count do
    local amount, expires, length = unpack_('<IdH', v, at)
    if at + 13 + length > #v then error(CORRUPT) end
    s[i] = { sub(v, at + 14, at + 13 + length), amount, expires }
    at = at + 14 + length
  end
  return s, at
end

function concurrency.write(s)
  local parts = { pack('<I', #s) }
  for i = 1, #s do
    parts[i + 1] = pack('<IdH', s[i][2], s[i][3], #s[i][1]) .. s[i][1]
  end
  return table.concat(parts)
end
