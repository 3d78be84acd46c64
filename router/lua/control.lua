-- The agent's side door, on a unix socket: POST /table applies a difference (or a whole table), GET /table shows the table,
-- GET /status tells the state, GET /inflight counts requests in flight.
--
-- POST /table: {"reset":true, "revision":R, "set":{"a:shop":"...", "d:www.example.com":"shop"}, "delete":["a:gone"]}
-- All workers see a change at once, so an answer of 200 means that no request will be routed by the table before.

local cjson = require "cjson.safe"
local routing = require "routing"

local routes = ngx.shared.routes

-- configuration: fingerprint of the one that runs, set by init_by_lua
local M = {}

local reserved = { ready = true, revision = true, epoch = true, version = true }

local function reply(status, body)
  ngx.status = status
  ngx.header["Content-Type"] = "application/json"
  ngx.print(cjson.encode(body))
  return ngx.exit(ngx.OK)
end

local function body()
  ngx.req.read_body()
  local data = ngx.req.get_body_data()
  if data then
    return data
  end
  local name = ngx.req.get_body_file()
  if not name then
    return ""
  end
  local file = assert(io.open(name, "rb"))
  data = file:read("*a")
  file:close()
  return data
end

-- Never lets the dictionary push old entries out: a table that does not fit is refused instead.
local function apply(change)
  for key, value in pairs(change.set or {}) do
    local ok, err = routes:safe_set(key, value)
    if not ok then
      return err
    end
  end
  for _, key in ipairs(change.delete or {}) do
    routes:delete(key)
  end
  if change.reset then
    for _, key in ipairs(routes:get_keys(0)) do
      if not reserved[key] and not change.set[key] then
        routes:delete(key)
      end
    end
    routes:set("ready", 1)
  end
  routes:set("revision", change.revision)
  routing.changed()
end

local function status()
  return { epoch = routes:get("epoch"), configuration = M.configuration, ready = routing.ready(), revision = routes:get("revision") or 0 }
end

function M.table()
  if ngx.req.get_method() == "GET" then
    local entries = {}
    for _, key in ipairs(routes:get_keys(0)) do
      entries[key] = routes:get(key)
    end
    return reply(200, entries)
  end
  local change, err = cjson.decode(body())
  if not change or type(change.revision) ~= "number" or (change.reset and type(change.set) ~= "table") then
    return reply(400, { detail = err or "revision, set or delete is missing" })
  end
  if not change.reset and not routing.ready() then
    return reply(409, { detail = "no whole table has arrived yet: send one with reset" })
  end
  err = apply(change)
  if err then
    return reply(507, { detail = "the table does not fit into shared memory: " .. err })
  end
  return reply(200, status())
end

function M.status()
  return reply(200, status())
end

function M.inflight()
  local wanted = ngx.req.get_uri_args(0).endpoint or {}
  if type(wanted) ~= "table" then
    wanted = { wanted }
  end
  return reply(200, routing.in_flight(wanted))
end

return M
