--- The facts about the service, as its documentation gives them: operations, catalog, errors, hosts.
--
-- These tables are the emulator's own. They are deliberately not generated from, or shared with, the client's, so
-- that one mistake cannot stand in both; a spec compares the two.

local M = {}

M.product = "Sas"
M.version = "2018-12-03"

--- The operations. `type` is the API's, `class` says what a repetition may do, `ram` is the action to allow.
M.operations = {
  CreateOrUpdateDingTalk = {
    ram = "yundun-sas:CreateOrUpdateDingTalk", class = "create",
    parameters = {
      { name = "Id", type = "Long", minimum = "1" },
      { name = "RuleActionName", type = "String", required = true, shortest = 2, longest = 64 },
      { name = "SendUrl", type = "String", required = true, check = "url" },
      { name = "IntervalTime", type = "Long", minimum = "0" },
      { name = "ConfigList", type = "String", check = "config" },
      { name = "GroupIdList", type = "String", check = "groups" },
      { name = "DingTalkLang", type = "String", values = { "zh", "en" } },
    },
  },
  DescribeDingTalk = {
    ram = "yundun-sas:DescribeDingTalk", class = "read",
    parameters = {
      { name = "RuleActionName", type = "String" },
      { name = "CurrentPage", type = "Integer", minimum = "1" },
      { name = "PageSize", type = "Integer", minimum = "1" },
    },
  },
  DeleteDingTalk = {
    ram = "yundun-sas:DeleteDingTalk", class = "update",
    parameters = {
      { name = "Ids", type = "String", required = true, check = "ids" },
    },
  },
  ModifyDingTalkStatus = {
    ram = "yundun-sas:ModifyDingTalkStatus", class = "update", enterprise = true,
    parameters = {
      { name = "Ids", type = "String", required = true, check = "ids" },
      { name = "Status", type = "Integer", required = true, values = { "0", "1" } },
    },
  },
  DingTalkOnlineTest = {
    ram = "yundun-sas:DingTalkOnlineTest", class = "create",
    parameters = {
      { name = "Id", type = "Long", required = true, minimum = "1" },
    },
  },
  DescribeDataSource = {
    ram = "yundun-sas:DescribeDataSource", class = "read",
    parameters = {
      { name = "ConfigType", type = "String" },
      { name = "Lang", type = "String", values = { "zh", "en" } },
      { name = "SourceIp", type = "String" },
    },
  },
  DescribeGroupStruct = {
    ram = "yundun-sas:DescribeGroupStruct", class = "read",
    parameters = {
      { name = "Lang", type = "String", values = { "zh", "en" } },
    },
  },
}

--- Further operations, which the client has no method for. Whoever calls one needs no permission.
M.others = {
  DescribeVersionConfig = { parameters = { { name = "SourceIp", type = "String" } } },
}

--- The editions by their numbers. Source: DescribeVersionConfig.
M.editions = { free = 1, enterprise = 3, pro = 5, antivirus = 6, ultimate = 7 }

--- Both documented beginnings of a ConfigList type; the rest of the name is the same under both.
M.prefixes = { online = "sas_analysis_online-", pre = "sas_analysis_pre-" }
M.stem = "sas-operation-log-sas-event-"

local levels = { "all", "high", "medium", "low" }

--- The event types: the create page's English, the Chinese name, and the English of a real alert where it differs.
M.eventTypes = {
  { "Suspicious process", "进程异常行为", "Suspicious Process" },
  { "Webshell", "网站后门" },
  { "Unusual logon", "异常登录", "Unusual Logon" },
  { "Exception", "异常事件" },
  { "Sensitive file tampering", "敏感文件篡改", "Sensitive File Tampering" },
  { "Malicious process (cloud threat detection)", "恶意进程（云查杀）", "Malicious Software" },
  { "Unusual network connection", "异常网络连接", "Unusual Network Connection" },
  { "Others", "其他", "Other" },
  { "Abnormal account", "异常账号", "Suspicious Account" },
  { "Application intrusion event", "应用入侵事件" },
  { "Cloud threat detection", "云产品威胁检测" },
  { "Precision defense", "精准防御" },
  { "Application whitelist", "应用白名单", "Application Whitelist" },
  { "Persistent webshell", "持久化后门", "Persistence" },
}

--- The ConfigList catalog, in the documentation's order. `free` marks the key whose words nobody documents for sure.
M.catalog = {
  { tail = "vul", keys = {
    { key = "type", values = { "all", "cms", "oval", "sys", "emg" } },
    { key = "necessity", values = { "all", "asap", "later", "nntf" } },
  } },
  { tail = "hc", keys = { { key = "item_level", values = levels } } },
  { tail = "suspicious", keys = {
    { key = "item_level", values = { "all", "serious", "suspicious", "remind" } },
    { key = "event_type", values = { "all" }, free = true },
  } },
  { tail = "ak-leakage", keys = { { key = "type", values = { "all" } } } },
  { tail = "honeypot", keys = { { key = "item_level", values = levels } } },
  { tail = "rasp", keys = { { key = "item_level", values = levels } } },
}

--- How DescribeDataSource labels values that it does not label by their own name.
M.labels = { oval = "cve" }

--- HTTP statuses of the codes, as documented (where pages differ, the gateway's).
M.statuses = {
  ["Forbidden.RAM"] = 403,
  ["IncompleteSignature"] = 400,
  ["InternalError"] = 500,
  ["InvalidAccessKeyId.Inactive"] = 400,
  ["InvalidAccessKeyId.NotFound"] = 404,
  ["InvalidAction.NotFound"] = 404,
  ["InvalidApi.NotFound"] = 404,
  ["InvalidSignatureMethod"] = 400,
  ["InvalidTimeStamp.Expired"] = 400,
  ["InvalidTimeStamp.Format"] = 400,
  ["MissingSecurityToken"] = 400,
  ["NoPermission"] = 403,
  ["NoSuchVersion"] = 404,
  ["ServerError"] = 500,
  ["ServiceUnavailable"] = 503,
  ["SignatureDoesNotMatch"] = 400,
  ["SignatureNonceUsed"] = 400,
  ["Throttling"] = 429,
  ["Throttling.User"] = 400,
  ["UnsupportedHTTPMethod"] = 405,
}

local china, abroad = "tds.cn-shanghai.aliyuncs.com", "tds.ap-southeast-1.aliyuncs.com"

--- The public hosts and the regions that the official SDKs send to each.
M.hosts = {
  [china] = {
    "cn-qingdao", "cn-beijing", "cn-zhangjiakou", "cn-huhehaote", "cn-wulanchabu", "cn-hangzhou", "cn-shanghai",
    "cn-nanjing", "cn-fuzhou", "cn-shenzhen", "cn-heyuan", "cn-guangzhou", "cn-chengdu", "cn-hongkong",
    "cn-beijing-finance-1", "cn-hangzhou-finance", "cn-shanghai-finance-1", "cn-shenzhen-finance-1",
    "cn-heyuan-acdr-1", "cn-north-2-gov-1", "cn-qingdao-acdr-ut-1", "cn-shanghai-mybk", "cn-wuhan-lr",
    "cn-zhengzhou-jva",
  },
  [abroad] = {
    "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
    "ap-northeast-1", "ap-northeast-2", "ap-south-1", "us-east-1", "us-west-1", "eu-central-1", "eu-west-1",
    "me-east-1", "me-central-1",
  },
}

--- The asset groups of a new account: nested { id, name, groups }.
M.groups = {
  { id = "10417151", name = "Default", flag = 0 },
  { id = "10417152", name = "Production", groups = {
    { id = "10417153", name = "Web" },
    { id = "10417154", name = "Database" },
  } },
  { id = "10417155", name = "Test" },
}

return M
