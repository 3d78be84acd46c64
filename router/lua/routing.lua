-- The routing table: hosts to apps, apps to endpoints, in shared memory.
--
-- Written only by control.lua on behalf of the router agent; read once per request. Keys of the dictionary `routes`:
--   a:<app>     JSON {"release":3,"endpoints":["172.30.0.5:5000", ...]}; for guard.lua perhaps "maintenance":"<message>" and
--               "allow":["0a000000/8", ...]
--   d:<domain>  app
--   component:<name>  "127.0.0.1:8000", address of a platform component behind a virtual host
--   version     counts the changes
--   ready       set once the first whole table has arrived; an empty table before that is ignorance, not knowledge
-- Requests in flight are counted in `inflight` under "<endpoint>|<worker process>", so that the counts of a killed worker can
-- be told from those of living ones.

local cjson = require "cjson.safe"
local ffi = require "ffi"
local guard = require "guard"

ffi.cdef "int kill(int pid, int signal);"

local routes = ngx.shared.routes
local inflight = ngx.shared.inflight

local M = {}

-- What this worker knows, by host name: {version, app, entry}. Good as long as the table's version has not moved, so that the usual request
-- costs two look-ups of a number; after a change each host is looked up once. Visitors choose host names, so their number is bounded.
local known = {}
local known_count = 0
local max_known = 20000
-- Decoded entries by app, so that a change elsewhere does not make this worker decode everything again.
local decoded = {}
local suffix

local function decode(app, text)
  local wire = cjson.decode(text)
  local entry = { text = text, next = math.random(0, 1000), endpoints = {}, guard = guard.new(wire.maintenance, wire.allow) }
  for i, address in ipairs(wire.endpoints) do
    local host, port = address:match("^(.*):(%d+)$")
    entry.endpoints[i] = { host = host, port = tonumber(port), counter = address .. suffix }
  end
  decoded[app] = entry
  return entry
end

local function entry_of(app)
  local text = routes:get("a:" .. app)
  if not text then
    decoded[app] = nil
    return nil
  end
  local entry = decoded[app]
  if entry and entry.text == text then
    return entry
  end
  return decode(app, text)
end

-- An exact domain wins over the first label of the host name. Unknown hosts are not remembered: their number has no bound.
local function look_up(host, version)
  local app = routes:get("d:" .. host) or host:match("^[^.]+") or host
  local entry = entry_of(app)
  if not entry then
    return nil
  end
  local route = known[host]
  if not route then
    if known_count >= max_known then
      known, known_count = {}, 0
    end
    route = {}
    known[host] = route
    known_count = known_count + 1
  end
  route.version, route.entry = version, entry
  return entry
end

local function next_of(entry, failed)
  local endpoints = entry.endpoints
  local count = #endpoints
  entry.next = entry.next % count + 1
  if failed and count > 1 and endpoints[entry.next].counter == failed.counter then
    entry.next = entry.next % count + 1
  end
  return endpoints[entry.next]
end

-- Counting comes first and then a look whether the table is still the same: once the agent has been told that a change is applied, no
-- worker can be about to use an endpoint of the table before without having been counted.
local function try_take(host, failed, admitted)
  local version = routes:get("version")
  local route = known[host]
  local entry
  if route and route.version == version then
    entry = route.entry
  else
    entry = look_up(host, version)
  end
  if not entry then
    return nil, false
  end
  if entry.guard and not admitted then
    return nil, true, false, entry.guard
  end
  if #entry.endpoints == 0 then
    return nil, true
  end
  local endpoint = next_of(entry, failed)
  inflight:incr(endpoint.counter, 1, 0)
  if routes:get("version") == version then
    return endpoint
  end
  M.release(endpoint)
  return nil, true, "the table has changed"
end

-- Picks the next endpoint for the host, other than `failed` when there is a choice, and counts the request on it.
-- Returns the endpoint; or nil and whether there is such an app; or nil, true and the guard that has to admit the request first.
-- No loop here: LuaJIT gives up compiling a request's path at a loop that usually ends in its first round.
function M.take(host, failed, admitted)
  local endpoint, exists, changed, guarded = try_take(host, failed, admitted)
  if changed then
    return M.take(host, failed, admitted)
  end
  return endpoint, exists, guarded
end

-- Counts a change: from now on every worker looks again.
function M.changed()
  routes:incr("version", 1, 0)
end

function M.release(endpoint)
  inflight:incr(endpoint.counter, -1, 0)
end

function M.component(name)
  return routes:get("component:" .. name)
end

function M.ready()
  return routes:get("ready") ~= nil
end

-- Requests in flight to each "host:port", over all workers that live (of before a reload, too).
function M.in_flight(addresses)
  local totals = {}
  for _, address in ipairs(addresses) do
    totals[address] = 0
  end
  for _, key in ipairs(inflight:get_keys(0)) do
    local address, process = key:match("^(.*)|(%d+)$")
    if totals[address] and ffi.C.kill(tonumber(process), 0) == 0 then
      totals[address] = totals[address] + (inflight:get(key) or 0)
    end
  end
  return totals
end

-- Called in every new worker: forgets what dead ones had counted.
function M.start_worker()
  local pid = ngx.worker.pid()
  suffix = "|" .. pid
  math.randomseed(ngx.now() * 1000 + pid)
  for _, key in ipairs(inflight:get_keys(0)) do
    if ffi.C.kill(tonumber(key:match("|(%d+)$")), 0) ~= 0 then
      inflight:delete(key)
    end
  end
end

return M
