-- What happens to a request: find its app, take an endpoint, try another when that one cannot be reached, give it back.

local balancer = require "ngx.balancer"
local routing = require "routing"

local M = {}

local pages = {
  [404] = "Not found: no app is served under this name.\n",
  [503] = "Service unavailable: the app has no running web process at the moment.\n",
}

local function answer(status)
  ngx.status = status
  ngx.header["Content-Type"] = "text/plain; charset=utf-8"
  if status == 503 then
    ngx.header["Retry-After"] = "5"
  end
  ngx.print(pages[status])
  return ngx.exit(status)
end

-- What a load balancer in front wants to know: whether this router can route.
local function health()
  if not routing.ready() then
    return answer(503)
  end
  ngx.var.logged = ""
  ngx.header["Content-Type"] = "text/plain"
  ngx.print("OK\n")
  return ngx.exit(200)
end

-- access phase of app virtual hosts
function M.access()
  local host = ngx.var.host
  local endpoint, exists = routing.take(host)
  if not endpoint then
    if not exists and ngx.var.uri == "/health-check" then
      return health()
    end
    return answer((exists or not routing.ready()) and 503 or 404)
  end
  ngx.ctx = { host = host, endpoint = endpoint, tried = false }  -- all members at once: no table grows on the way
end

-- balancer phase: runs for the first try and for each one after a connection failed
function M.balance()
  local ctx = ngx.ctx
  if ctx.tried then
    -- The table may have changed since: what cannot be reached is often just what was replaced.
    local failed = ctx.endpoint
    local other = routing.take(ctx.host, failed)
    if other then
      routing.release(failed)
      ctx.endpoint = other
    end
  else
    ctx.tried = true
    balancer.set_more_tries(2)
  end
  local endpoint = ctx.endpoint
  local ok, err = balancer.set_current_peer(endpoint.host, endpoint.port)
  if not ok then
    ngx.log(ngx.ERR, "cannot use endpoint ", endpoint.host, ":", endpoint.port, ": ", err)
    return ngx.exit(502)
  end
end

-- log phase: always runs, aborted requests and closed WebSockets included
function M.done()
  local endpoint = ngx.ctx.endpoint
  if endpoint then
    routing.release(endpoint)
  end
end

-- balancer phase of a component's virtual host
function M.balance_component(name)
  local host, port = (routing.component(name) or ""):match("^(.*):(%d+)$")
  if not host then
    return ngx.exit(503)
  end
  balancer.set_current_peer(host, tonumber(port))
end

-- access phase of a component's virtual host: an answer of its own while nobody is announced
function M.access_component(name)
  if not routing.component(name) then
    ngx.status = 503
    ngx.header["Content-Type"] = "application/json"
    ngx.header["Retry-After"] = "5"
    ngx.print('{"detail": "the ' .. name .. ' is not available at the moment"}\n')
    return ngx.exit(503)
  end
end

return M
