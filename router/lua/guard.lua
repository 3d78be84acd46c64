-- Who may see an app, and whether it is being maintained: made once from a table entry, asked by each request of an app that has
-- one. Apps with neither have no guard, and their requests pass one comparison with nil.

local bit = require "bit"

local M = {}

-- Verdicts by binary address, so that a visitor's second request costs one look-up. Visitors choose addresses, so their number is bounded.
local max_verdicts = 4096

local function bytes(hex)
  return (hex:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

-- "0a000000/8" as the whole bytes that must be equal, and the bits of the one behind them.
local function network(text)
  local hex, length = text:match("^(%x+)/(%d+)$")
  local address, bits = bytes(hex), tonumber(length) % 8
  local whole = (tonumber(length) - bits) / 8
  return {
    size = #address, whole = whole, start = address:sub(1, whole),
    mask = bits > 0 and 256 - 2 ^ (8 - bits) or 0, rest = bits > 0 and address:byte(whole + 1) or 0,
  }
end

local mapped = ("\0"):rep(10) .. "\255\255"  -- an IPv4 address in IPv6 form begins like this

local function is_in(address, net)
  return #address == net.size and address:sub(1, net.whole) == net.start
    and (net.mask == 0 or bit.band(address:byte(net.whole + 1), net.mask) == net.rest)
end

-- nil when there is nothing to guard
function M.new(maintenance, allow)
  if not maintenance and not allow then
    return nil
  end
  local guard = { maintenance = maintenance, verdicts = {}, count = 0 }
  if allow then
    guard.networks = {}
    for i, text in ipairs(allow) do
      guard.networks[i] = network(text)
    end
  end
  return guard
end

local function look(guard, address)
  if #address == 16 and address:sub(1, 12) == mapped then
    address = address:sub(13)
  end
  for _, net in ipairs(guard.networks) do
    if is_in(address, net) then
      return true
    end
  end
  return false
end

-- `address`: nginx's $binary_remote_addr
function M.admits(guard, address)
  if not guard.networks then
    return true
  end
  local verdict = guard.verdicts[address]
  if verdict == nil then
    if guard.count >= max_verdicts then
      guard.verdicts, guard.count = {}, 0
    end
    verdict = look(guard, address)
    guard.verdicts[address] = verdict
    guard.count = guard.count + 1
  end
  return verdict
end

return M
