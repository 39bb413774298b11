---@meta
--- The shapes of settings, parameters and results, for editors; nothing loads this file.
--
-- Source: the API pages of Security Center (Sas, 2018-12-03). A spec compares the parameters with the C table.

---@class aliyun.sas.warning what is legal but suspicious
---@field action string the operation, by the vendor's name, or "sas.new"
---@field path string the parameter, such as "SendUrl", or what names the region
---@field message string
---@field hint? string

---@class aliyun.sas.outcome what a transport answers
---@field sent boolean false only if certainly no byte has left
---@field status? integer with headers and body: there was an answer
---@field headers? table<string, string> by lower-case name
---@field body? string
---@field code? string without an answer: "TIMEOUT", "CONNECTION_LOST", ...
---@field message? string
---@field hint? string what to do, where the transport knows better than the table of codes

---@class aliyun.sas.transport plain functions, called without self; times in seconds
---@field send fun(request: aliyun.sas.request): aliyun.sas.outcome
---@field sleep? fun(seconds: number)
---@field now? fun(): number
---@field monotonic? fun(): number
---@field boottime? fun(): number, string? a clock that runs on through sleep, and the name of its boot
---@field start? fun(request: aliyun.sas.request): any, aliyun.sas.outcome? a token; or nil and the outcome
---@field poll? fun(seconds: number): {token: any, outcome: aliyun.sas.outcome}[] what has ended; waits at most so long
---@field turn? fun(action: string) before a request is signed: may wait, so that others have their turn
---@field settings? {caFile: boolean?, proxy: boolean?} the settings that it honours

---@class aliyun.sas.settings times in seconds
---@field regionId? string picks the host; default: ALIBABA_CLOUD_REGION_ID, then the profile's
---@field endpoint? string instead of a region: "host", "host:port" or "https://host:port"
---@field credentials? aliyun.sas.provider default: the environment
---@field accessKeyId? string
---@field accessKeySecret? string
---@field securityToken? string of temporary (STS) keys
---@field signature? "v3"|"v1"
---@field parameters? "query"|"body"
---@field connectTimeout? number 5
---@field timeout? number 10
---@field deadline? number 60; the whole call, repetitions and waits included
---@field retries? integer 2; from 0 to 10
---@field fence? number 1950; seconds behind a signature after which no copy of it can be executed any more
---@field store? aliyun.sas.store default: the client's own memory
---@field intervalUnit? "seconds"|"minutes" of an IntervalTime that is read; default: unsettled
---@field caFile? string PEM
---@field proxy? "env"|false|string default "env"
---@field userAgent? string
---@field transport? "curl"|"cosocket"|aliyun.sas.transport default: "cosocket" inside nginx, elsewhere "curl"
---@field now? fun(): number seconds since 1970
---@field nonce? fun(): string?, aliyun.sas.error?
---@field jitter? fun(): number from 0 to 1
---@field onRequest? fun(event: aliyun.sas.request_event) before each send
---@field onResponse? fun(event: aliyun.sas.response_event) behind it
---@field onRetry? fun(event: aliyun.sas.retry_event) before the pause of a repetition
---@field onWarning? fun(warning: aliyun.sas.warning)

---@class aliyun.sas.request_event
---@field action string
---@field attempt integer from 1
---@field class "read"|"update"|"create"|"test"
---@field host string
---@field method string
---@field bytes integer of query and body
---@field fresh boolean not on a reused connection

---@class aliyun.sas.response_event
---@field action string
---@field attempt integer
---@field seconds number that the exchange took
---@field sent boolean false only if certainly no byte has left
---@field status? integer
---@field bytes? integer of the body
---@field kind? string of the error that the exchange came to; absent where it was good
---@field code? string
---@field requestId? string

---@class aliyun.sas.retry_event
---@field action string
---@field attempt integer that is repeated
---@field wait number seconds
---@field kind? string of its error
---@field code? string
---@field status? integer
---@field requestId? string

---@alias aliyun.sas.id integer|string

---@alias aliyun.sas.keys "all"|table<string, string|string[]>

---@class aliyun.sas.config_by_type types by their tails or in full
---@field vul? aliyun.sas.keys type, necessity
---@field hc? aliyun.sas.keys item_level
---@field suspicious? aliyun.sas.keys item_level, event_type
---@field ["ak-leakage"]? aliyun.sas.keys type
---@field honeypot? aliyun.sas.keys item_level
---@field rasp? aliyun.sas.keys item_level

---@class aliyun.sas.CreateOrUpdateDingTalk
---@field Id? aliyun.sas.id the chatbot to change; without it one is created
---@field RuleActionName string 2 to 64 characters
---@field SendUrl string the robot's webhook
---@field IntervalTime? integer from 0, no limit
---@field ConfigList? aliyun.sas.config_by_type|table[]|aliyun.sas.config|string
---@field GroupIdList? aliyun.sas.id[]|string
---@field DingTalkLang? "zh"|"en"
---@field state? table ignored: what a read adds to these

---@class aliyun.sas.DescribeDingTalk
---@field RuleActionName? string
---@field CurrentPage? integer 1
---@field PageSize? integer 20; up to 2000

---@class aliyun.sas.DeleteDingTalk
---@field Ids aliyun.sas.id|aliyun.sas.id[] also a comma list

---@class aliyun.sas.ModifyDingTalkStatus
---@field Ids aliyun.sas.id|aliyun.sas.id[] also a comma list
---@field Status 0|1

---@class aliyun.sas.DingTalkOnlineTest
---@field Id aliyun.sas.id

---@class aliyun.sas.DescribeDataSource
---@field ConfigType? "DingTalk"
---@field Lang? "zh"|"en"
---@field SourceIp? string

---@class aliyun.sas.DescribeGroupStruct
---@field Lang? "zh"|"en"

---@class aliyun.sas.result
---@field RequestId string

---@class aliyun.sas.chatbot as the service answers it
---@field Id aliyun.sas.id
---@field ActionName string the RuleActionName
---@field Url string the SendUrl, as a rule without its token
---@field Status integer 1 enabled, 0 disabled
---@field ConfigList? string JSON text
---@field GroupIdList? string a JSON array or a comma list
---@field DingTalkLang? string
---@field IntervalTime? integer
---@field AliUid? aliyun.sas.id
---@field GmtCreate? aliyun.sas.id milliseconds since 1970
---@field GmtModified? aliyun.sas.id milliseconds since 1970

---@class aliyun.sas.DescribeDingTalkResult: aliyun.sas.result
---@field PageInfo {CurrentPage: integer, PageSize: integer, TotalCount: integer}
---@field ActionList aliyun.sas.chatbot[]

---@class aliyun.sas.metaField
---@field Filed string a key of ConfigList (the vendor's spelling)
---@field FiledName string
---@field ValueType string
---@field Sample string "value:label;value:label"
---@field OperatorList {Name: string, Description: string}[]

---@class aliyun.sas.metaData
---@field DataSourceId integer
---@field DataSourceName string a type of ConfigList
---@field Description string
---@field MetaDataFields aliyun.sas.metaField[]

---@class aliyun.sas.DescribeDataSourceResult: aliyun.sas.result
---@field MetaDatas aliyun.sas.metaData[]

---@class aliyun.sas.DescribeGroupStructResult: aliyun.sas.result of the root group
---@field GroupId aliyun.sas.id
---@field GroupName string
---@field GroupFather aliyun.sas.id
---@field GroupLevel integer
---@field GroupIndex integer
---@field GroupFlag integer 0: the default group
---@field MachineNum integer
---@field Groups (string|table)[] texts with the JSON of a list of groups
