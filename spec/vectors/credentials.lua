-- credentials.lua - what the official Node SDK (@alicloud/credentials 2.4.7) sent for credentials, and what it found
-- SPDX-License-Identifier: MIT
--
-- Captured from the SDK against a server on loopback; all keys are made up. `from` and `options` are the provider and
-- what it is given, `environment` and `files` (below the home folder) what it finds, `answers` what it was answered
-- (status, body); `requests` are the request lines and bodies, `host` where they went, and `result` the AccessKeyId, or
-- nothing where it failed. Where an entry has `bug`, the SDK does what is not to be copied.

local vectors = {}

-- Each of the captured Timestamps.
vectors.now = "2026-11-24T01:49:14Z"
vectors.seconds = 1795484954

vectors.captures = {
  {
    name = "assume_role_static_ak", from = "role",
    options = { accessKeyId = "testid", accessKeySecret = "testsecret", roleArn = "acs:ram::123456789012****:role/adminrole", roleSessionName = "my session" },
    secret = "testsecret",
    answers = {
      { 200, "{\"RequestId\":\"R\",\"Credentials\":{\"AccessKeyId\":\"STS.id\",\"AccessKeySecret\":\"STS.secret\",\"SecurityToken\":\"STS.token\",\"Expiration\":\"2099-01-01T00:00:00Z\"}}" },
    },
    requests = {
      { "POST /?Version=2015-04-01&Action=AssumeRole&Format=JSON&Timestamp=2026-11-24T01%3A49%3A14Z&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&SignatureNonce=fe426cdc1c89e8cd9a4b83252ed0ffff&AccessKeyId=testid&Signature=tgpQY%2B4RLoASCJuvnsWG9T4MuZY%3D", host = "sts.aliyuncs.com", headers = { ["content-type"] = "application/x-www-form-urlencoded" }, body = "RoleArn=acs%3Aram%3A%3A123456789012****%3Arole%2Fadminrole&RoleSessionName=my%20session&DurationSeconds=3600" },
    },
    result = "STS.id", token = true,
  },
  {
    name = "assume_role_all_options", from = "role",
    options = { accessKeyId = "testid", accessKeySecret = "testsecret", securityToken = "prev+token/==", roleArn = "acs:ram::123456789012****:role/adminrole", roleSessionName = "s", policy = "{\"Version\":\"1\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"yundun-sas:*\",\"Resource\":\"*\"}]}", roleSessionExpiration = 900, externalId = "ext id", stsRegionId = "cn-shanghai", enableVpc = true },
    secret = "testsecret",
    answers = {
      { 200, "{\"Credentials\":{\"AccessKeyId\":\"STS.id\",\"AccessKeySecret\":\"STS.secret\",\"SecurityToken\":\"STS.token\",\"Expiration\":\"2099-01-01T00:00:00Z\"}}" },
    },
    requests = {
      { "POST /?Version=2015-04-01&Action=AssumeRole&Format=JSON&Timestamp=2026-11-24T01%3A49%3A14Z&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&SignatureNonce=d58e8cfef5220e74a47f55eb668f5d82&AccessKeyId=testid&SecurityToken=prev%2Btoken%2F%3D%3D&Signature=CQGqAwS%2FZuVpS41CtgbWsHpsPOA%3D", host = "sts-vpc.cn-shanghai.aliyuncs.com", headers = { ["content-type"] = "application/x-www-form-urlencoded" }, body = "RoleArn=acs%3Aram%3A%3A123456789012****%3Arole%2Fadminrole&Policy=%7B%22Version%22%3A%221%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22yundun-sas%3A*%22%2C%22Resource%22%3A%22*%22%7D%5D%7D&ExternalId=ext%20id&RoleSessionName=s&DurationSeconds=900" },
    },
    result = "STS.id", token = true,
  },
  {
    name = "assume_role_with_oidc_env", from = "default",
    environment = { ALIBABA_CLOUD_ROLE_ARN = "acs:ram::123456789012****:role/adminrole", ALIBABA_CLOUD_OIDC_PROVIDER_ARN = "acs:ram::123456789012****:oidc-provider/ack", ALIBABA_CLOUD_OIDC_TOKEN_FILE = "HOME/oidc.token", ALIBABA_CLOUD_ROLE_SESSION_NAME = "rrsa" },
    files = { ["oidc.token"] = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ0ZXN0In0.c2ln\n" },
    answers = {
      { 200, "{\"Credentials\":{\"AccessKeyId\":\"STS.id\",\"AccessKeySecret\":\"STS.secret\",\"SecurityToken\":\"STS.token\",\"Expiration\":\"2099-01-01T00:00:00Z\"}}" },
    },
    requests = {
      { "POST /?Version=2015-04-01&Action=AssumeRoleWithOIDC&Format=JSON&Timestamp=2026-11-24T01%3A49%3A14Z", host = "sts.aliyuncs.com", headers = { ["content-type"] = "application/x-www-form-urlencoded" }, body = "OIDCProviderArn=acs%3Aram%3A%3A123456789012****%3Aoidc-provider%2Fack&OIDCToken=eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ0ZXN0In0.c2ln%0A&RoleArn=acs%3Aram%3A%3A123456789012****%3Arole%2Fadminrole&RoleSessionName=rrsa&DurationSeconds=3600" },
    },
    result = "STS.id", token = true,
  },
  {
    name = "imds_v2_role_discovery", from = "ecs",
    answers = {
      { 200, "AQAA-token-1" },
      { 200, "EcsRamRoleTest\n" },
      { 200, "AQAA-token-2" },
      { 200, "{\"Code\":\"Success\",\"LastUpdated\":\"2024-01-01T00:00:00Z\",\"AccessKeyId\":\"STS.id\",\"AccessKeySecret\":\"STS.secret\",\"SecurityToken\":\"STS.token\",\"Expiration\":\"2099-01-01T00:00:00Z\"}" },
    },
    requests = {
      { "PUT /latest/api/token", host = "100.100.100.200", headers = { ["x-aliyun-ecs-metadata-token-ttl-seconds"] = "21600" }, body = "" },
      { "GET /latest/meta-data/ram/security-credentials/", host = "100.100.100.200", headers = { ["x-aliyun-ecs-metadata-token"] = "AQAA-token-1" }, body = "" },
      { "PUT /latest/api/token", host = "100.100.100.200", headers = { ["x-aliyun-ecs-metadata-token-ttl-seconds"] = "21600" }, body = "" },
      { "GET /latest/meta-data/ram/security-credentials/EcsRamRoleTest", host = "100.100.100.200", headers = { ["x-aliyun-ecs-metadata-token"] = "AQAA-token-2" }, body = "" },
    },
    result = "STS.id", token = true,
  },
  {
    name = "imds_v2_role_named", from = "ecs",
    options = { roleName = "EcsRamRoleTest" },
    answers = {
      { 200, "AQAA-token-1" },
      { 200, "{\"Code\":\"Success\",\"AccessKeyId\":\"STS.id\",\"AccessKeySecret\":\"STS.secret\",\"SecurityToken\":\"STS.token\",\"Expiration\":\"2099-01-01T00:00:00Z\"}" },
    },
    requests = {
      { "PUT /latest/api/token", host = "100.100.100.200", headers = { ["x-aliyun-ecs-metadata-token-ttl-seconds"] = "21600" }, body = "" },
      { "GET /latest/meta-data/ram/security-credentials/EcsRamRoleTest", host = "100.100.100.200", headers = { ["x-aliyun-ecs-metadata-token"] = "AQAA-token-1" }, body = "" },
    },
    result = "STS.id", token = true,
  },
  {
    name = "imds_v1_fallback", from = "ecs",
    options = { roleName = "EcsRamRoleTest" },
    answers = {
      { 404, "not found" },
      { 200, "{\"Code\":\"Success\",\"AccessKeyId\":\"STS.id\",\"AccessKeySecret\":\"STS.secret\",\"SecurityToken\":\"STS.token\",\"Expiration\":\"2099-01-01T00:00:00Z\"}" },
    },
    requests = {
      { "PUT /latest/api/token", host = "100.100.100.200", headers = { ["x-aliyun-ecs-metadata-token-ttl-seconds"] = "21600" }, body = "" },
      { "GET /latest/meta-data/ram/security-credentials/EcsRamRoleTest", host = "100.100.100.200", headers = {}, body = "" },
    },
    result = "STS.id", token = true,
  },
  {
    name = "imds_v1_disabled", from = "ecs",
    options = { roleName = "EcsRamRoleTest" },
    environment = { ALIBABA_CLOUD_IMDSV1_DISABLED = "true" },
    answers = {
      { 404, "not found" },
    },
    requests = {
      { "PUT /latest/api/token", host = "100.100.100.200", headers = { ["x-aliyun-ecs-metadata-token-ttl-seconds"] = "21600" }, body = "" },
    },
  },
  {
    name = "credentials_uri", from = "uri",
    options = { credentialsURI = "http://127.0.0.1:9999/cred?x=1" },
    answers = {
      { 200, "{\"Code\":\"Success\",\"AccessKeyId\":\"STS.id\",\"AccessKeySecret\":\"STS.secret\",\"SecurityToken\":\"STS.token\",\"Expiration\":\"2099-01-01T00:00:00Z\"}" },
    },
    requests = {
      { "GET /cred?x=1", host = "127.0.0.1:9999", headers = {}, body = "" },
    },
    result = "STS.id", token = true,
  },
  {
    name = "default_chain_cli_chainable", from = "default",
    files = { [".aliyun/config.json"] = "{\"current\":\"p\",\"profiles\":[{\"name\":\"base\",\"mode\":\"AK\",\"access_key_id\":\"cliid\",\"access_key_secret\":\"clisecret\"},{\"name\":\"p\",\"mode\":\"ChainableRamRoleArn\",\"source_profile\":\"base\",\"ram_role_arn\":\"acs:ram::123456789012****:role/adminrole\",\"ram_session_name\":\"chained\",\"expired_seconds\":1800,\"sts_region\":\"cn-hangzhou\"}]}" },
    secret = "clisecret",
    answers = {
      { 200, "{\"Credentials\":{\"AccessKeyId\":\"STS.id\",\"AccessKeySecret\":\"STS.secret\",\"SecurityToken\":\"STS.token\",\"Expiration\":\"2099-01-01T00:00:00Z\"}}" },
    },
    requests = {
      { "POST /?Version=2015-04-01&Action=AssumeRole&Format=JSON&Timestamp=2026-11-24T01%3A49%3A14Z&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&SignatureNonce=55c6903afc4b5243ff83ae3d6f54ea60&AccessKeyId=cliid&Signature=K6OWp%2FaS%2FxhzKeZ3vtrZKkm8lAQ%3D", host = "sts.cn-hangzhou.aliyuncs.com", headers = { ["content-type"] = "application/x-www-form-urlencoded" }, body = "RoleArn=acs%3Aram%3A%3A123456789012****%3Arole%2Fadminrole&RoleSessionName=chained&DurationSeconds=1800" },
    },
    result = "STS.id", token = true,
  },
  {
    name = "default_chain_cli_cloudsso", from = "default",
    bug = "the SDK builds a body and never sends it",
    files = { [".aliyun/config.json"] = "{\"current\":\"p\",\"profiles\":[{\"name\":\"p\",\"mode\":\"CloudSSO\",\"cloud_sso_sign_in_url\":\"https://signin-cn-shanghai.alibabacloudsso.com/demo/login\",\"cloud_sso_account_id\":\"123\",\"cloud_sso_access_config\":\"ac-1\",\"access_token\":\"sso-token\",\"cloud_sso_access_token_expire\":4070908800}]}" },
    answers = {
      { 200, "{\"CloudCredential\":{\"AccessKeyId\":\"STS.id\",\"AccessKeySecret\":\"STS.secret\",\"SecurityToken\":\"STS.token\",\"Expiration\":\"2099-01-01T00:00:00Z\"}}" },
    },
    requests = {
      { "POST /cloud-credentials", host = "signin-cn-shanghai.alibabacloudsso.com", headers = { ["content-type"] = "application/json", authorization = "Bearer sso-token" }, body = "" },
    },
    result = "STS.id", token = true,
  },
  {
    name = "default_chain_cli_oauth", from = "default",
    bug = "the SDK renews the login and writes the file; here an access token that lives is used",
    files = { [".aliyun/config.json"] = "{\"current\":\"p\",\"profiles\":[{\"name\":\"p\",\"mode\":\"OAuth\",\"oauth_site_type\":\"CN\",\"oauth_refresh_token\":\"rt\",\"oauth_access_token\":\"at2\",\"oauth_access_token_expire\":4070908800}]}" },
    answers = {
      { 200, "{\"access_token\":\"at2\",\"refresh_token\":\"rt2\",\"expires_in\":3600}" },
      { 200, "{\"accessKeyId\":\"STS.id\",\"accessKeySecret\":\"STS.secret\",\"securityToken\":\"STS.token\",\"expiration\":\"2099-01-01T00:00:00Z\"}" },
    },
    requests = {
      { "POST /v1/token", host = "oauth.aliyun.com", headers = { ["content-type"] = "application/x-www-form-urlencoded" }, body = "grant_type=refresh_token&refresh_token=rt&client_id=4038181954557748008&Timestamp=2026-11-24T01%3A49%3A14Z" },
      { "POST /v1/exchange", host = "oauth.aliyun.com", headers = { ["content-type"] = "application/json", authorization = "Bearer at2" }, body = "" },
    },
    result = "STS.id", token = true,
  },
  {
    name = "default_chain_cli_external", from = "default",
    files = { [".aliyun/config.json"] = "{\"current\":\"p\",\"profiles\":[{\"name\":\"p\",\"mode\":\"External\",\"process_command\":\"echo '{\\\"mode\\\":\\\"AK\\\",\\\"access_key_id\\\":\\\"ext\\\",\\\"access_key_secret\\\":\\\"extsecret\\\"}'\"}]}" },
    answers = {
      { 200, "" },
    },
    requests = {
    },
    result = "ext", token = false,
  },
  {
    name = "default_chain_ini_no_suffix", from = "default",
    files = { [".alibabacloud/credentials"] = "[default]\ntype = access_key\naccess_key_id = iniid\naccess_key_secret = inisecret\n" },
    answers = {
      { 200, "" },
    },
    requests = {
    },
    result = "iniid", token = false,
  },
  {
    name = "default_chain_ini_suffix_only", from = "default",
    bug = "the SDK looks for one of the two names, and asks https://undefined/",
    files = { [".alibabacloud/credentials.ini"] = "[default]\ntype = access_key\naccess_key_id = iniid\naccess_key_secret = inisecret\n" },
    answers = {
      { 404, "x" },
    },
    requests = {
      { "PUT /latest/api/token", host = "100.100.100.200", headers = { ["x-aliyun-ecs-metadata-token-ttl-seconds"] = "21600" }, body = "" },
      { "GET /latest/meta-data/ram/security-credentials/", host = "100.100.100.200", headers = {}, body = "" },
      { "GET /", host = "undefined", headers = {}, body = "" },
    },
  },
}

return vectors
