-- SPDX-License-Identifier: Apache-2.0
-- Charges a batch of checks that only take, each of them whole or not at all, in order.
-- Twin of TakeCall.java, which writes the arguments and judges by the states of the reply: change
-- both or neither. A check that is out of the ordinary is left to apply.lua, which can do everything.
--
-- KEYS     distinct counter keys; none in a call for keys of several slots of a cluster's node
-- ARGV[1]  8 bytes per charge: key index from 1 (2, low first; +32768 on the last charge of its
--          check), limit index from 0 (1), cost from 1 (3, low first), count (2, low first): so many
--          equal checks of this one charge, in order; more than 1 only if it is the only charge of
--          its check. The charges of a check are in order of key and tag and name none twice.
-- ARGV[2]  45 bytes per limit, '<BIddddd': kind, tag, unit, gain, full, span, ttl
--          1 token bucket    units of a permit, units per us, full, us to full, ms > 2 spans
--          2 fixed window    window in us, -, limit, -, ms > a window
--          3 calendar quota  start of the period in us, its end, limit, -, ms to its end
--          4 sliding window  ticks, us of a tick, limit, window in us, ms > 2 windows
-- ARGV[3]  the time in us since 1970; absent or empty for the server's own
-- ARGV[4…] the keys, where KEYS has none. Those that this node does not have are left to apply.lua,
--          which names its keys and so is told where they are. Nothing is written before all are read.
-- Reply    the time; then, for each charge, the state before it, settled:
--          credit | spent | spent | spent in the window before, spent
--          or 2^60 for a whole check that is out of the ordinary and took nothing
-- State    of each limit of the key, in order of tag:
--          '<Idd' tag, credit, at | tag, start, spent   '<Iddd' tag, index, before, spent
local call, byte, pack, unpack_, ceil = redis.call, string.byte, struct.pack, struct.unpack, math.ceil
local now = tonumber(ARGV[3])
if not now then
  now = call('TIME')
  now = now[1] * 1000000 + now[2]
end
local keys, V, named = KEYS, nil, #KEYS > 0   -- V: the state of each key, kept current through the batch
if named then
  V = call('MGET', unpack(keys))
else
  local read = redis.pcall
  keys, V = {}, {}
  for i = 4, #ARGV do
    local name = ARGV[i]
    local v = read('GET', name)
    if v and type(v) == 'table' then v = '' end     -- another node's, or another type: no state
    keys[i - 3], V[i - 3] = name, v
  end
end
local q, limits = ARGV[1], ARGV[2]
-- D: keys to write; > 0 with this TTL, 0 keeping theirs. Both have room for one charge from the start.
local D, R, o = { false }, { now, 0 }, 1
-- The limits by index, where the charges take turns with them.
local L = #limits > 45 and #q / 8 > #limits / 45 and {} or nil
local held, g, tag, unit, gain, full, span, ttl, edge, covered = -1
-- Of the check at hand: where its answers begin; whether it is admitted, out of the ordinary; its
-- earlier keys and what they would be. Of the key at hand: old and new state, place in the old one.
local from, ok, odd, j, PI, PV, PD = 1, true, false, 0, nil, nil, nil
local key, v, s, at, d, most = 0, false, '', 1, false, 0

for p = 1, #q, 8 do
  local i, hi, l, cost, c2, c3, n, n2 = byte(q, p, p + 7)
  n = n + n2 * 256
  local last = hi > 127
  if last then hi = hi - 128 end
  i = i + hi * 256
  cost = cost + c2 * 256 + c3 * 65536
  if l ~= held then
    held = l
    local c = L and L[l]
    if c then
      g, tag, unit, gain, full, span, ttl, edge, covered = unpack(c, 1, 9)
    else
      g, tag, unit, gain, full, span, ttl = unpack_('<BIddddd', limits, l * 45 + 1)
      if g == 1 then edge = now - now % span    -- a write after it left a TTL that still suffices
      elseif g == 2 then edge = now - now % unit
      elseif g == 3 then edge = unit
      else
        local into = now % span
        edge = (now - into) / span
        covered = unit - (into - into % gain) / gain
      end
      if L then L[l] = { g, tag, unit, gain, full, span, ttl, edge, covered } end
    end
  end
  if i ~= key then
    if key > 0 then
      if v and #v ~= at - 1 then odd = true end
      if not PI then PI, PV, PD = {}, {}, {} end
      j = j + 1
      PI[j], PV[j], PD[j] = key, s, d and most or 0
    end
    key, v, s, at, d, most = i, V[i], '', 1, false, 0
    -- MGET answers for a key of another type as for none.
    if not v and named and call('EXISTS', keys[i]) == 1 then odd = true end
  end
  if ttl > most then most = ttl end

  if g == 1 then
    local a = full
    if v then
      local t, b
      if #v >= at + 19 then t, a, b = unpack_('<Idd', v, at) end
      if t == tag and b <= now then
        if b < edge then d = true end
        b = now - b
        if b < span + span then a = a + b * gain end    -- from the greatest debt two spans
        if a > full or b >= span + span then a = full end
      else odd, a = true, full end
    else d = true end
    o = o + 1
    R[o] = a
    local need = cost * unit
    local x = a - need * n                -- may round above 2^53, but never up to 0
    if x < 0 then
      if n > 1 and a >= need then x = a % need else ok = false end
    end
    if ok then s = at == 1 and pack('<Idd', tag, x, now) or s .. pack('<Idd', tag, x, now) end
    at = at + 20

  elseif g == 4 then
    local a, c = 0, 0
    if v then
      local t, b
      if #v >= at + 27 then t, b, c, a = unpack_('<Iddd', v, at) end
      if t ~= tag or b > edge or c > full + full then odd, a, c = true, 0, 0
      elseif b < edge then
        if b + 1 == edge then c = a else c = 0 end
        a, d = 0, true
      end
    else d = true end
    R[o + 1], R[o + 2] = c, a
    o = o + 2
    local room = full - a - ceil(c * covered / unit)
    if room < cost then ok = false
    elseif room < cost * n then a = a + room - room % cost
    else a = a + cost * n end
    if ok then s = s .. pack('<Iddd', tag, edge, c, a) end
    at = at + 28

  else
    local a = 0
    if v then
      local t, b
      if #v >= at + 19 then t, b, a = unpack_('<Idd', v, at) end
      if t ~= tag or b > edge then odd, a = true, 0
      elseif b < edge then a, d = 0, true end
    else d = true end
    if g == 3 and (now < unit or now >= gain) then odd = true end
    o = o + 1
    R[o] = a
    local room = full - a
    if room < cost then ok = false
    elseif room < cost * n then a = a + room - room % cost
    else a = a + cost * n end
    if ok then s = at == 1 and pack('<Idd', tag, edge, a) or s .. pack('<Idd', tag, edge, a) end
    at = at + 20
  end

  if last then
    if odd or v and #v ~= at - 1 then
      o = from + 1
      R[o] = 1152921504606846976
    elseif ok then
      V[key] = s
      if d then D[key] = most elseif not D[key] then D[key] = 0 end
      for n = 1, j do
        local i = PI[n]
        V[i] = PV[n]
        if PD[n] > 0 then D[i] = PD[n] elseif not D[i] then D[i] = 0 end
      end
    end
    from, ok, odd, j, key = o, true, false, 0, 0
  end
end

for i = 1, #keys do                       -- each changed key is written once
  local d = D[i]
  if d == 0 then call('SET', keys[i], V[i], 'KEEPTTL') elseif d then call('SET', keys[i], V[i], 'PX', d) end
end
for n = #R, o + 1, -1 do R[n] = nil end
return R
