-- SPDX-License-Identifier: Apache-2.0
-- Twin of LockedCheck.java: change both or neither. Here a cell is one limit's state within the
-- value of a key.
local ops_of = {
  token_bucket, window, window, sliding_window, sliding_log, concurrency,
}
local charges, limits = ARGV[1], ARGV[2]
local now = tonumber(ARGV[4])
if not now then
  now = call('TIME')
  now = now[1] * 1000000 + now[2]
end
local slack = tonumber(ARGV[5])

local function limit_at(at)
  local family, tag, kind, a, b, c, d, e = unpack_('<HIBddddd', limits, at)
  local k = { family = family, tag = tag, kind = kind, ops = ops_of[kind], limit = a }
  if kind == 1 then k.unit, k.gain, k.tick = b, c, d
  elseif kind == 3 then k[1], k[2], k[3], k[4] = b, c, d, e
  elseif kind == 4 then k.ticks, k.tick = b, c
  elseif kind == 6 then k.expiry = b
  else k.window = b end
  return k
end

local by_index, by_tag, foreign = {}, {}, {}
for at = 1, #limits, 47 do
  local k = limit_at(at)
  by_index[#by_index + 1] = k
  by_tag[k.tag] = k
end
for at = 1, #ARGV[3], 4 do
  foreign[unpack_('<I', ARGV[3], at)] = true
end

-- The entries of a value: { tag, kernel or nil, state }.
local function parse(v)
  local entries, at = {}, 1
  while at <= #v do
    local tag = unpack_('<I', v, at)
    local kind = tag % 16
    local ops = ops_of[kind]
    if not ops or (tag % 256 - kind) / 16 ~= FORMAT then error(CORRUPT) end
    local state
    state, at = ops.read(v, at + 4)
    entries[#entries + 1] = { tag, by_tag[tag], state }
  end
  return entries
end

local values, dirty = {}, {}

-- Reads what is kept under a key; false if that is no state of ours.
local function load(key)
  if values[key] == nil then
    local v = redis.pcall('GET', KEYS[key])
    if type(v) == 'table' then
      values[key] = false
    else
      local good, entries = pcall(parse, v or '')
      values[key] = good and entries
    end
  end
  return values[key]
end

local function cell_of(cells, charge)
  for i = 1, #cells do
    if cells[i].key == charge.key and cells[i].family == charge.k.family then return cells[i] end
  end
  local cell = { key = charge.key, family = charge.k.family, k = charge.k, asked = 0, needed = 0 }
  local entries = values[charge.key]
  for i = 1, #entries do
    local known = entries[i][2]
    if known and known.family == cell.family then
      cell.k, cell.before, cell.entry = known, entries[i][3], entries[i]
    end
  end
  cells[#cells + 1] = cell
  return cell
end

local function unknown_tags(cells)
  local tags, seen = {}, {}
  for i = 1, #cells do
    if not cells[i].entry then
      local entries = values[cells[i].key]
      for n = 1, #entries do
        local tag = entries[n][1]
        if not entries[n][2] and not foreign[tag] and not seen[tag] then
          seen[tag] = true
          tags[#tags + 1] = tag
        end
      end
    end
  end
  return tags
end

local function adopt(cell, k)
  if cell.k ~= k then
    cell.state = k.ops.adopt(k, cell.state, cell.k, now)
    cell.k = k
  end
end

local function step(charge)
  local cell = charge.cell
  local k, state = cell.k, cell.state
  -- A refund may come from before a change of the limit, by a caller who knows its old form.
  if charge.operation ~= REFUND or charge.k.kind ~= k.kind then adopt(cell, charge.k) end
  local next, verdict = step_of(
    cell.k, cell.state, now, charge.operation, charge.cost, charge.x, charge.y, charge.id)
  if next == cell.state then
    cell.k, cell.state = k, state
  else
    cell.state = next
  end
  return verdict
end

local function peek_at(charge, cost)
  local cell = charge.cell
  local k, state = cell.k, cell.state
  adopt(cell, charge.k)
  local _, verdict = step_of(cell.k, cell.state, now, PEEK, cost, 0, 0, '')
  cell.k, cell.state = k, state
  return verdict
end

local function denies(verdict)
  return verdict[1] == DENIED or verdict[1] == TOO_BIG
end

local function without_charge(charge, verdict)
  local without = peek_at(charge, charge.cost)
  verdict[2], verdict[3], verdict[5] = 0, without[3], without[5]
  return verdict
end

-- What a charge would be answered, without the charge.
local function rehearse(charge)
  local cell = charge.cell
  local k, state = cell.k, cell.state
  local verdict = step(charge)
  cell.k, cell.state = k, state
  return without_charge(charge, verdict)
end

local function put_back(cell)
  cell.k, cell.state = cell.k0, cell.before
end

-- The same key twice in one check has to bear both costs: once it has not enough for all that it
-- was asked so far, its denials say when that will fit.
local function take_or_hold(charge)
  local cell = charge.cell
  local repeated = cell.needed > 0
  cell.needed = max(cell.needed, cell.asked + max(1, charge.cost))
  cell.asked = cell.asked + charge.cost
  local verdict = step(charge)
  cell.denied = cell.denied or denies(verdict)
  if cell.denied and repeated then
    put_back(cell)
    return peek_at(charge, cell.needed)
  end
  return verdict
end

local function conditional(charge)
  return charge.operation == TAKE or charge.operation == HOLD
end

-- Judged each on its own. If all are over, none of them has taken anything.
local function quotas_deny(check, verdicts)
  local any, all = false, true
  for i = 1, #check do
    if conditional(check[i]) and check[i].quota then
      verdicts[i] = step(check[i])
      any, all = true, all and denies(verdicts[i])
    end
  end
  return any and all
end

-- Takes and holds first, all or none (R1); then those in quota mode, which deny only together; what
-- is never denied next; shadows last (R11).
local function decide(check, cells)
  local verdicts, denied = {}, false
  for i = 1, #check do
    if conditional(check[i]) and not check[i].shadow and not check[i].quota then
      verdicts[i] = take_or_hold(check[i])
      denied = denied or denies(verdicts[i])
    end
  end
  denied = denied or quotas_deny(check, verdicts)
  if denied then
    for i = 1, #cells do
      put_back(cells[i])
      cells[i].state = repaired(cells[i].k, cells[i].before, now)
    end
    for i = 1, #check do
      if verdicts[i] and (check[i].quota or not denies(verdicts[i])) then
        verdicts[i] = without_charge(check[i], verdicts[i])
      end
    end
  end
  for i = 1, #check do
    if not conditional(check[i]) then verdicts[i] = step(check[i]) end
  end
  for i = 1, #check do
    if conditional(check[i]) and not verdicts[i] then
      verdicts[i] = denied and rehearse(check[i]) or not denied and step(check[i])
    end
  end
  return verdicts
end

-- Keeps what changed for the checks that follow, and for the end.
local function keep(cell)
  if cell.state == cell.before then return end
  local entries = values[cell.key]
  local entry = cell.entry
  local fresh = is_fresh(cell.k, cell.state, now)
  if fresh and not entry then return end
  -- A full bucket stays until it expires: under a larger limit it would be more than it earned.
  if fresh and cell.k.kind ~= 1 then
    for i = 1, #entries do
      if entries[i] == entry then table.remove(entries, i) break end
    end
  elseif entry then
    entry[1], entry[2], entry[3] = cell.k.tag, cell.k, cell.state
  else
    entries[#entries + 1] = { cell.k.tag, cell.k, cell.state }
  end
  dirty[cell.key] = true
end

local function judge_check(check, cells)
  for i = 1, #cells do
    local cell = cells[i]
    if not cell.entry then cell.before = cell.k.ops.fresh(cell.k, now) end
    cell.k0, cell.state = cell.k, cell.before
  end
  return decide(check, cells)
end

local function write(key)
  local entries = values[key]
  if #entries == 0 then
    call('DEL', KEYS[key])
    return
  end
  table.sort(entries, function(a, b) return a[1] < b[1] end)
  local parts, ttl = {}, 0
  for i = 1, #entries do
    local tag, k, state = entries[i][1], entries[i][2], entries[i][3]
    parts[i] = pack('<I', tag) .. ops_of[tag % 16].write(state)
    if k then
      ttl = max(ttl, ceil(k.ops.ttl(k, state, now) / 1000) + slack)
    else
      ttl = max(ttl, call('PTTL', KEYS[key]))
    end
  end
  call('SET', KEYS[key], table.concat(parts), 'PX', string.format('%d', ttl))
end

local reply = { now }
local function say(value) reply[#reply + 1] = value end

local check, cells, corrupt = {}, {}, false
for at = 1, #charges, 32 do
  local key, limit, operation, flags, id, cost, x, y = unpack_('<HHBBHddd', charges, at)
  local charge = {
    key = key, k = by_index[limit], operation = operation, cost = cost, x = x, y = y,
    shadow = flags % 2 == 1, quota = flags >= 4, id = id > 0 and ARGV[5 + id] or '',
  }
  check[#check + 1] = charge
  if load(key) then charge.cell = cell_of(cells, charge) else corrupt = true end
  if flags % 4 >= 2 then
    local unknown = corrupt and {} or unknown_tags(cells)
    if corrupt then
      say(1)
    elseif #unknown > 0 then
      say(3)
      say(#unknown)
      for i = 1, #unknown do say(unknown[i]) end
    else
      local good, verdicts = pcall(judge_check, check, cells)
      if good then
        say(0)
        for i = 1, #check do
          for n = 1, 7 do say(verdicts[i][n]) end
        end
        for i = 1, #cells do keep(cells[i]) end
      elseif verdicts == OUTSIDE then
        say(2)
      else
        error(verdicts)
      end
    end
    check, cells, corrupt = {}, {}, false
  end
end
for key = 1, #KEYS do
  if dirty[key] then write(key) end
end
return reply
