--- Requests as the vendor's own SDKs put them on the wire, made with made-up keys and the date 2024-02-20T08:00:00Z.

return {
  {
    name = "required_only", method = "POST",
    accessKeyId = "testid", accessKeySecret = "testsecret",
    query = "RuleActionName=testNotify&SendUrl=https%3A%2F%2Foapi.dingtalk.com%2Frobot%2Fsend%3Fa"
      .. "ccess_token%3DXXX",
    body = "",
    headers = {
      host = "tds.cn-shanghai.aliyuncs.com",
      ["x-acs-version"] = "2018-12-03",
      ["x-acs-action"] = "CreateOrUpdateDingTalk",
      ["x-acs-date"] = "2024-02-20T08:00:00Z",
      ["x-acs-signature-nonce"] = "f0e1d2c3b4a5968778695a4b3c2d1e01",
      ["x-acs-content-sha256"] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      authorization = "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=host;x-acs-action;x-acs-content-sha"
        .. "256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=bcfb89a1beb6a112522e92d"
        .. "c8759ca8eaff937a42358ab6060f4ecf0ff25d681",
    },
  },
  {
    name = "sts_token_sdk_provider_header", method = "POST",
    accessKeyId = "STS.NTestKeyId0123456789", accessKeySecret = "sts-test-secret-0123456789",
    securityToken = "CAIStestToken0123456789abcdefABCDEF",
    query = "Id=1589&RuleActionName=testNotify&SendUrl=https%3A%2F%2Foapi.dingtalk.com%2Frobot%2F"
      .. "send%3Faccess_token%3DXXX&IntervalTime=0&ConfigList=%5B%7B%22type%22%3A%22sas_analys"
      .. "is_online-sas-operation-log-sas-event-suspicious%22%2C%22configItemList%22%3A%5B%7B%"
      .. "22key%22%3A%22item_level%22%2C%22valueList%22%3A%5B%22all%22%5D%7D%2C%7B%22key%22%3A"
      .. "%22event_type%22%2C%22valueList%22%3A%5B%22all%22%5D%7D%5D%7D%5D&GroupIdList=%5B%221"
      .. "0417151%22%5D&DingTalkLang=zh",
    body = "",
    headers = {
      host = "tds.cn-shanghai.aliyuncs.com",
      ["x-acs-version"] = "2018-12-03",
      ["x-acs-action"] = "CreateOrUpdateDingTalk",
      ["x-acs-date"] = "2024-02-20T08:00:00Z",
      ["x-acs-signature-nonce"] = "f0e1d2c3b4a5968778695a4b3c2d1e34",
      ["x-acs-content-sha256"] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      ["x-acs-credentials-provider"] = "static_sts",
      ["x-acs-accesskey-id"] = "STS.NTestKeyId0123456789",
      ["x-acs-security-token"] = "CAIStestToken0123456789abcdefABCDEF",
      authorization = "ACS3-HMAC-SHA256 Credential=STS.NTestKeyId0123456789,SignedHeaders=host;x-acs-access"
        .. "key-id;x-acs-action;x-acs-content-sha256;x-acs-credentials-provider;x-acs-date;x-acs"
        .. "-security-token;x-acs-signature-nonce;x-acs-version,Signature=81c1e45c465b4a812b09b0"
        .. "4314b5dc9dc8ddb5ae4b982d3b88d6479ea411ddf6",
    },
  },
  {
    name = "form_body_special_and_cjk", method = "POST",
    accessKeyId = "testid", accessKeySecret = "testsecret",
    query = "",
    body = "RuleActionName=%E9%80%9A%E7%9F%A5%20%2B%20~*%2F%25%22'%26%3D%0A%F0%9F%9A%A8&SendUrl="
      .. "https%3A%2F%2Foapi.dingtalk.com%2Frobot%2Fsend%3Faccess_token%3DXXX",
    headers = {
      host = "tds.cn-shanghai.aliyuncs.com",
      ["x-acs-version"] = "2018-12-03",
      ["x-acs-action"] = "CreateOrUpdateDingTalk",
      ["x-acs-date"] = "2024-02-20T08:00:00Z",
      ["x-acs-signature-nonce"] = "f0e1d2c3b4a5968778695a4b3c2d1e47",
      ["content-type"] = "application/x-www-form-urlencoded",
      ["x-acs-content-sha256"] = "f8803cf7c5c3aeef6adf5e197073ab89794f70372a67fe04a154f04addf9372a",
      authorization = "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=content-type;host;x-acs-action;x-ac"
        .. "s-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=6fb4b73b14"
        .. "266178350e81b65d6f33a2edaa7c71bf6c3575752202fd70a530dc",
    },
  },
  {
    name = "get_method_describe_ding_talk", method = "GET",
    accessKeyId = "testid", accessKeySecret = "testsecret",
    query = "CurrentPage=1&PageSize=20",
    body = "",
    headers = {
      host = "tds.cn-shanghai.aliyuncs.com",
      ["x-acs-version"] = "2018-12-03",
      ["x-acs-action"] = "DescribeDingTalk",
      ["x-acs-date"] = "2024-02-20T08:00:00Z",
      ["x-acs-signature-nonce"] = "f0e1d2c3b4a5968778695a4b3c2d1e45",
      ["x-acs-content-sha256"] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      authorization = "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=host;x-acs-action;x-acs-content-sha"
        .. "256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=deda3085e1d5853247888e5"
        .. "504709e671848908e411ee3bc8d19918fdbbc9a3c",
    },
  },
  {
    name = "rpc_required_only", method = "GET",
    accessKeyId = "testid", accessKeySecret = "testsecret",
    query = "AccessKeyId=testid&Action=CreateOrUpdateDingTalk&Format=JSON&RuleActionName=testNoti"
      .. "fy&SendUrl=https%3A%2F%2Foapi.dingtalk.com%2Frobot%2Fsend%3Faccess_token%3DXXX&Signa"
      .. "tureMethod=HMAC-SHA1&SignatureNonce=v1-f0e1d2c3b4a5968778695a4b3c2d1e02&SignatureVer"
      .. "sion=1.0&Timestamp=2024-02-20T08%3A00%3A00Z&Version=2018-12-03&Signature=ZCCAKZ3lIqm"
      .. "GUJwvrBPzUVS6srQ%3D",
    body = "",
    headers = {
      ["x-acs-action"] = "CreateOrUpdateDingTalk",
      ["x-acs-version"] = "2018-12-03",
      host = "tds.cn-shanghai.aliyuncs.com",
    },
  },
  {
    name = "rpc_sts_token_special_chars_post", method = "POST",
    accessKeyId = "STS.NTestKeyId9876543210", accessKeySecret = "sts+test/secret==",
    securityToken = "CAIS8QF1q6Ft5B2yfSjIr5fd+/Zx==&plus+slash/equals=%25 end",
    query = "",
    body = "AccessKeyId=STS.NTestKeyId9876543210&Action=CreateOrUpdateDingTalk&Format=JSON&RuleA"
      .. "ctionName=testNotify&SecurityToken=CAIS8QF1q6Ft5B2yfSjIr5fd%2B%2FZx%3D%3D%26plus%2Bs"
      .. "lash%2Fequals%3D%2525%20end&SendUrl=https%3A%2F%2Foapi.dingtalk.com%2Frobot%2Fsend%3"
      .. "Faccess_token%3DXXX&SignatureMethod=HMAC-SHA1&SignatureNonce=v1-f0e1d2c3b4a596877869"
      .. "5a4b3c2d1e30&SignatureVersion=1.0&Timestamp=2024-02-20T08%3A00%3A00Z&Version=2018-12"
      .. "-03&Signature=9VTQO99zW9%2Bn2OiiT61MDNMxK0I%3D",
    headers = {
      ["x-acs-action"] = "CreateOrUpdateDingTalk",
      ["x-acs-version"] = "2018-12-03",
      ["content-type"] = "application/x-www-form-urlencoded",
      host = "tds.cn-shanghai.aliyuncs.com",
    },
  },
  {
    name = "rpc_core_form_body_and_query", method = "POST",
    accessKeyId = "testid", accessKeySecret = "testsecret",
    query = "Action=CreateOrUpdateDingTalk&Format=json&Version=2018-12-03&Timestamp=2024-02-20T08"
      .. "%3A00%3A00Z&SignatureNonce=v1-f0e1d2c3b4a5968778695a4b3c2d1e40&DingTalkLang=zh&Signa"
      .. "tureMethod=HMAC-SHA1&SignatureVersion=1.0&AccessKeyId=testid&Signature=K2B8YN6nof61W"
      .. "cvPnnl0UF%2F86lA%3D",
    body = "RuleActionName=%E9%80%9A%E7%9F%A5%20%2B%20~*%2F%25%22'%26%3D%0A%F0%9F%9A%A8&SendUrl="
      .. "https%3A%2F%2Foapi.dingtalk.com%2Frobot%2Fsend%3Faccess_token%3DXXX",
    headers = {
      host = "tds.cn-shanghai.aliyuncs.com",
      ["x-acs-version"] = "2018-12-03",
      ["x-acs-action"] = "CreateOrUpdateDingTalk",
      ["content-type"] = "application/x-www-form-urlencoded",
    },
  },
}
