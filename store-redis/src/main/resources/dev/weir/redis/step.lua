-- SPDX-License-Identifier: Apache-2.0
-- Twin of Step.java: change both or neither. What each operation means, in terms of the questions
-- that an algorithm answers. A denial answers the very state that it was given (R4, R9).

local function verdict_of(at, after, outcome, amount, retry)
  local k, now = at.k, at.now
  return {
    outcome, amount, max(0, k.ops.balance(k, after, now)), retry, k.ops.reset_after(k, after, now),
    k.ops.mark(k, after, now), at.stepped and 1 or 0,
  }
end

local function answer(at, next, outcome, amount)
  return next, verdict_of(at, next, outcome, amount, 0)
end

local function unchanged(at, outcome, cost)
  local retry = outcome == DENIED and at.k.ops.retry_after(at.k, at.settled, cost, at.now) or 0
  return at.stepped and at.settled or at.s, verdict_of(at, at.settled, outcome, 0, retry)
end

local function changed(at, next)
  local k = at.k
  local given = max(0, k.ops.balance(k, next, at.now) - k.ops.balance(k, at.settled, at.now))
  return answer(at, next, ADMITTED, min(given, MAX_COST))
end

local function judge(at, cost)
  if cost > at.k.limit then return TOO_BIG end
  return at.k.ops.fits(at.k, at.settled, cost, at.now) and ADMITTED or DENIED
end

local function peek(at, cost)
  local asked = max(1, cost)
  return unchanged(at, judge(at, asked), asked)
end

local function take(at, cost)
  if cost == 0 then return peek(at, 0) end
  local outcome = judge(at, cost)
  if outcome ~= ADMITTED then return unchanged(at, outcome, cost) end
  return answer(at, at.k.ops.take(at.k, at.settled, cost, at.now), ADMITTED, cost)
end

local function take_up_to(at, cost)
  local k = at.k
  local amount = max(0, min(cost, k.ops.balance(k, at.settled, at.now)))
  if amount == 0 then return unchanged(at, ADMITTED, 0) end
  return answer(at, k.ops.take(k, at.settled, amount, at.now), ADMITTED, amount)
end

local function record(at, cost)
  local k = at.k
  local room = max(0, k.ops.balance(k, at.settled, at.now) + k.limit)
  local amount = min(cost, room)
  local outcome = amount < cost and CLIPPED or ADMITTED
  if amount == 0 then return unchanged(at, outcome, 0) end
  return answer(at, k.ops.take(k, at.settled, amount, at.now), outcome, amount)
end

function apply(k, s, now, operation, cost, x, y)
  local ops = k.ops
  local settled = ops.settle(k, s, now)
  -- A key that is as if never used holds no time (R7).
  local unused = ops.reset_after(k, settled, now) == 0
  local stepped = not unused and ops.ahead(k, s, now)
  if unused then settled = ops.fresh(k, now) end
  local at = { k = k, s = s, settled = settled, now = now, stepped = stepped }
  if operation == TAKE or operation == HOLD then return take(at, cost) end
  if operation == TAKE_UP_TO then return take_up_to(at, cost) end
  if operation == PEEK then return peek(at, cost) end
  if operation == RECORD then return record(at, cost) end
  if operation == REFUND then return changed(at, ops.give_back(k, settled, x, y, now)) end
  if operation == GRANT then return changed(at, ops.grant(k, settled, cost, now)) end
  if operation == RESET then return changed(at, ops.fresh(k, now)) end
  return unchanged(at, ADMITTED, 0)
end

local function step_of(k, s, now, operation, cost, x, y, id)
  if k.ops.step then return k.ops.step(k, s, now, operation, cost, x, id) end
  return apply(k, s, now, operation, cost, x, y)
end

-- The same state unless its time lies too far ahead; a denial keeps that repair, too (R9).
local function repaired(k, s, now)
  local settled = k.ops.settle(k, s, now)
  if k.ops.ahead(k, s, now) and k.ops.reset_after(k, settled, now) ~= 0 then return settled end
  return s
end

-- Whether a state is as if its key was never used.
local function is_fresh(k, s, now)
  return not k.ops.ahead(k, s, now)
    and k.ops.reset_after(k, k.ops.settle(k, s, now), now) == 0
end
