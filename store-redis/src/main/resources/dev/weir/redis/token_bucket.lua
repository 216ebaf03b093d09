-- SPDX-License-Identifier: Apache-2.0
-- Twin of TokenBucketKernel.java: change both or neither. State: { credit, at }.
local token_bucket = {}

function token_bucket.full(k)
  return k.limit * k.unit
end

function token_bucket.ticks(k, micros)
  return floor(micros / k.tick)
end

function token_bucket.fresh(k, now)
  return { token_bucket.full(k), token_bucket.ticks(k, now) }
end

function token_bucket.ahead(k, s, now)
  return s[2] - token_bucket.ticks(k, now) > ceil(token_bucket.full(k) / k.gain)
end

function token_bucket.settle(k, s, now)
  local tick = token_bucket.ticks(k, now)
  local elapsed = tick - s[2]
  if elapsed <= 0 then
    return token_bucket.ahead(k, s, now) and { s[1], tick } or s
  end
  local room = token_bucket.full(k) - s[1]
  local credit = elapsed >= ceil(room / k.gain) and token_bucket.full(k) or s[1] + elapsed * k.gain
  return { credit, tick }
end

function token_bucket.balance(k, s)
  return floor(s[1] / k.unit)
end

function token_bucket.fits(k, s, cost)
  return s[1] >= cost * k.unit
end

function token_bucket.take(k, s, cost)
  return { s[1] - cost * k.unit, s[2] }
end

function token_bucket.give_back(k, s, amount)
  return token_bucket.grant(k, s, amount)
end

function token_bucket.grant(k, s, amount)
  local added = min(amount, 2 * k.limit) * k.unit
  return { min(token_bucket.full(k), s[1] + added), s[2] }
end

function token_bucket.retry_after(k, s, cost, now)
  return (s[2] + ceil((cost * k.unit - s[1]) / k.gain)) * k.tick - now
end

function token_bucket.reset_after(k, s, now)
  local missing = token_bucket.full(k) - s[1]
  return missing == 0 and 0 or (s[2] + ceil(missing / k.gain)) * k.tick - now
end

function token_bucket.mark(k, s)
  return s[2]
end

-- Credit is carried over by floor: whole permits first, then the fraction in the new unit.
function token_bucket.adopt(k, s, from, now)
  if from.kind ~= k.kind then return token_bucket.fresh(k, now) end
  local settled = token_bucket.settle(from, s, now)
  local whole = floor(settled[1] / from.unit)
  local fraction = settled[1] - whole * from.unit
  if whole >= k.limit then
    return { token_bucket.full(k), token_bucket.ticks(k, now) }
  end
  local units = max(-k.limit, whole) * k.unit + (multiply_divide(fraction, k.unit, from.unit))
  local stored = max(now, settled[2] * from.tick)
  return { units, ceil(stored / k.tick) }
end

-- Two spans longer than needed: take.lua renews it once in a span.
function token_bucket.ttl(k, s, now)
  return max(0, token_bucket.reset_after(k, s, now))
    + 2 * ceil(token_bucket.full(k) / k.gain) * k.tick
end

function token_bucket.read(v, at)
  local credit, tick = unpack_('<dd', v, at)
  return { credit, tick }, at + 16
end

function token_bucket.write(s)
  return pack('<dd', s[1], s[2])
end
