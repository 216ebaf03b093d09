-- SPDX-License-Identifier: Apache-2.0
-- Judges a batch of checks of any operations, each as one step, in order. The files of the
-- algorithms, step.lua and check.lua follow this one; ApplyCall.java writes the arguments.
--
-- KEYS     distinct counter keys
-- ARGV[1]  32 bytes per charge, '<HHBBHddd': key index from 1, limit index from 1, operation, flags
--          (1 shadow, 2 last charge of its check, 4 quota), hold id index from 1 or 0, cost, x, y
--          x, y of a refund: amount and mark; x of hold and renew: microseconds
-- ARGV[2]  47 bytes per limit, '<HIBddddd': family (one number for all versions of a limit), tag,
--          kind and parameters:
--          1 token bucket    limit, unit, gain, tick in us
--          2 fixed window    limit, window in us
--          3 calendar quota  limit, start of the period before, of this, of the next, its end
--          4 sliding window  limit, ticks, tick in us
--          5 sliding log     limit, window in us
--          6 concurrency     limit, expiry in us
-- ARGV[3]  4 bytes per tag that may be found in a value and is none of these limits'
-- ARGV[4]  the time in us since 1970; empty for the server's own
-- ARGV[5]  ms that every key is kept beyond what its state needs
-- ARGV[6…] hold ids
-- Reply    the time; then for each check its status, and after
--          0 judged   outcome, amount, remaining, retry-after, reset-after, mark, stepped per charge
--          1 corrupt  nothing: a value is no state of ours
--          2 outside  nothing: the time lies outside a calendar's periods
--          3 unknown  number of tags that neither list knows, and these
-- State    in order of tag: '<I' tag (hash, 4 bits of format, 4 bits of kind) and what the kind's
--          write function packs
local call, pack, unpack_ = redis.call, struct.pack, struct.unpack
local floor, ceil, min, max, sub = math.floor, math.ceil, math.min, math.max, string.sub
local TAKE, TAKE_UP_TO, PEEK, RECORD, REFUND, GRANT, RESET, HOLD, RENEW, RELEASE =
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9
local ADMITTED, DENIED, TOO_BIG, CLIPPED = 0, 1, 2, 3
local FORMAT, MAX_COST = 1, 2147483647
local OUTSIDE, CORRUPT = {}, {}
local apply

-- floor(a * b / c) and the rest, for whole numbers of which the product may exceed 2^53: bit by bit.
local function multiply_divide(a, b, c)
  local whole = floor(a / c) * b
  a = a % c
  local bit = 2 ^ 52
  local q, r = 0, 0
  while bit >= 1 do
    q, r = q * 2, r * 2
    if r >= c then q, r = q + 1, r - c end
    if b >= bit then
      b = b - bit
      r = r + a
      if r >= c then q, r = q + 1, r - c end
    end
    bit = bit / 2
  end
  return whole + q, r
end
