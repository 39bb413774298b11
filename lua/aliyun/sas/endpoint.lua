--- Which host serves a region, and what an endpoint given by the caller may be.
--
-- Source: the endpoint page of Security Center (2026-01-20) and the map of the official SDKs: two hosts serve every
-- region, and the prefix `cn-` (Hong Kong included) decides. The two sites do not share chatbots.

local core = require "aliyun.sas.core"

local endpoint = {}

local CHINA = "tds.cn-shanghai.aliyuncs.com"
local ABROAD = "tds.ap-southeast-1.aliyuncs.com"

-- Hosts that serve the same chatbots as one of the two. Source: the endpoint page and the metadata of the product; the
-- central host is the Chinese one of the older SDKs.
local SITES = {
  [CHINA] = CHINA,
  ["tds.aliyuncs.com"] = CHINA,
  ["tds.vpc-proxy.aliyuncs.com"] = CHINA,
  [ABROAD] = ABROAD,
  ["tds-intl.vpc-proxy.aliyuncs.com"] = ABROAD,
  ["tds-vpc.ap-southeast-2.aliyuncs.com"] = ABROAD,
}

-- The regions of today, by their host. Source: the endpoint page of Security Center (2026-01-20) and the map of the
-- official SDKs (Java 9.3.3 of 2026-06-22), which are the same. A new one needs no new release: the prefix decides.
local REGIONS = {
  [CHINA] = {
    "cn-qingdao", "cn-beijing", "cn-zhangjiakou", "cn-huhehaote", "cn-wulanchabu", "cn-hangzhou", "cn-shanghai",
    "cn-nanjing", "cn-fuzhou", "cn-shenzhen", "cn-heyuan", "cn-guangzhou", "cn-chengdu", "cn-hongkong",
    "cn-beijing-finance-1", "cn-hangzhou-finance", "cn-shanghai-finance-1", "cn-shenzhen-finance-1",
    "cn-heyuan-acdr-1", "cn-north-2-gov-1", "cn-qingdao-acdr-ut-1", "cn-shanghai-mybk", "cn-wuhan-lr",
    "cn-zhengzhou-jva",
  },
  [ABROAD] = {
    "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
    "ap-northeast-1", "ap-northeast-2", "ap-south-1", "us-east-1", "us-west-1", "eu-central-1", "eu-west-1",
    "me-east-1", "me-central-1",
  },
}

-- The first parts of region ids; a misspelt one must not silently mean "abroad".
local AREAS = { cn = CHINA, ap = ABROAD, us = ABROAD, eu = ABROAD, me = ABROAD, na = ABROAD, sa = ABROAD }

--- The host of a region, or nil and a message.
---@param region string
---@return string? host, string? message
function endpoint.of_region(region)
  local area = #region <= 64 and region:match "^(%l%l)%-%l[%l%d%-]*[%l%d]$"
  local host = area and AREAS[area]
  if not host then
    return nil, 'is no region id such as "cn-hangzhou" or "ap-southeast-1" (set endpoint for a host of your own)'
  end
  return host
end

--- What to warn of where a region picked the host and is none of those that are known; nil where there is nothing.
---@param at {host: string, region: string?}
---@return string? message, string? hint
function endpoint.doubt(at)
  local known = REGIONS[at.host]
  if not at.region or not known then
    return nil
  end
  for _, region in ipairs(known) do
    if region == at.region then
      return nil
    end
  end
  local near = core.suggest(at.region, known)
  return ("%s is no region that is known; by its first part it is taken to be served by %s"):format(at.region, at.host),
    (near and ("did you mean %s? "):format(near) or "") .. "endpoint names a host whatever the region is"
end

local function is_ipv4(host)
  local parts = { host:match "^(%d+)%.(%d+)%.(%d+)%.(%d+)$" }
  if #parts ~= 4 then
    return false
  end
  for _, part in ipairs(parts) do
    -- "010" is 8 to some and 10 to others
    if #part > 3 or tonumber(part) > 255 or part:match "^0%d" then
      return false
    end
  end
  return true
end

--- True for localhost and the literal loopback addresses: where plain http may go.
---@param host string
function endpoint.is_loopback(host)
  return host == "localhost" or host == "::1" or (is_ipv4(host) and host:match "^127%." ~= nil)
end

local function is_name(host)
  if #host > 253 or not host:match "^[%w%-%.]+$" or host:find("..", 1, true) then
    return false
  end
  if host:match "^[%.%-]" or host:match "%.$" then
    return false
  end
  -- A last part of digits makes it an address, and of those only the dotted form is taken: no octal, no hexadecimal.
  local last = host:match "[^%.]+$"
  return not (last:match "^%d+$" or last:match "^0[xX]%x*$") or is_ipv4(host)
end

local function split_host(text)
  local host, rest = text:match "^%[([%x:%.]+)%](.*)$"
  if host then
    return host, rest
  end
  host, rest = text:match "^([^:]*)(.*)$"
  return host, rest
end

--- Takes "host", "host:port" or "https://host:port" apart; http only for a loopback host.
---@param text string
---@return {scheme: string, host: string, port: integer?}? parts, string? message
function endpoint.parse(text)
  local scheme, rest = text:match "^(%a[%w+.-]*)://(.*)$"
  scheme = (scheme or "https"):lower()
  rest = (rest or text):gsub("/$", "")
  if scheme ~= "https" and scheme ~= "http" then
    return nil, "must start with https://"
  end
  if rest:find "[/?#@%s%c\\%%]" then
    return nil, "must be a host with or without a port: no path, no query, no user name"
  end
  local host, behind = split_host(rest)
  host = host:lower()
  if host ~= "::1" and not is_name(host) then
    return nil, "has no legal host name"
  end
  local port = behind:match "^:(%d+)$"
  if behind ~= "" and (not port or #port > 5 or tonumber(port) < 1 or tonumber(port) > 65535) then
    return nil, "has a port that is not from 1 to 65535"
  end
  if scheme == "http" and not endpoint.is_loopback(host) then
    return nil, "is plain http, which only a loopback host may have"
  end
  return { scheme = scheme, host = host, port = port and tonumber(port) or nil }
end

--- The site that an endpoint belongs to: chatbots of one site are seen at each of its hosts. A host that is none of the
-- vendor's is a site of its own, with its port.
---@param at {scheme: string, host: string, port: integer?}
---@return string
function endpoint.site(at)
  local port = at.port or at.scheme == "http" and 80 or 443
  return port == 443 and SITES[at.host] or ("%s:%d"):format(at.host, port)
end

return endpoint
