/*
 * operation.c - the table of operations
 * SPDX-License-Identifier: MIT
 *
 * To add an operation: a row here, a vector in spec/, a line in the README.
 */
#include "operation.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define KIB      ((size_t)1024)
#define MIB      (KIB * KIB)

#define REQUIRED true
#define OPTIONAL false
#define SECRET   true
#define PUBLIC   false

#define NAME_MIN 2
#define NAME_MAX 64
#define INT_MAX_ ((int64_t)2147483647)
/* The largest page that an operation of this product documents (ListGroups). */
#define PAGE_MAX 2000

static const char *const languages[] = {"zh", "en", NULL};
static const char *const config_types[] = {"DingTalk", NULL};

#define ID(required, meaning)                                                            \
    {                                                                                    \
        "Id", SAS_PARAM_ID, required, PUBLIC, 1, INT64_MAX, NULL, meaning                \
    }
#define IDS(meaning)                                                                     \
    {                                                                                    \
        "Ids", SAS_PARAM_IDS, REQUIRED, PUBLIC, 1, INT64_MAX, NULL, meaning              \
    }
#define LANG                                                                             \
    {                                                                                    \
        "Lang", SAS_PARAM_WORD, OPTIONAL, PUBLIC, 0, 0, languages,                       \
            "language of the answer"                                                     \
    }

static const struct sas_parameter create_or_update[] = {
    ID(OPTIONAL, "the chatbot to change; without it one is created"),
    {"RuleActionName", SAS_PARAM_NAME, REQUIRED, PUBLIC, NAME_MIN, NAME_MAX, NULL,
     "name of the chatbot"},
    {"SendUrl", SAS_PARAM_URL, REQUIRED, SECRET, 1, 8192, NULL,
     "webhook URL of the DingTalk robot"},
    {"IntervalTime", SAS_PARAM_INTEGER, OPTIONAL, PUBLIC, 0, INT64_MAX, NULL,
     "interval between two messages, 0 for no limit"},
    {"ConfigList", SAS_PARAM_CONFIG, OPTIONAL, PUBLIC, 0, 0, NULL,
     "what the chatbot is told about"},
    {"GroupIdList", SAS_PARAM_GROUPS, OPTIONAL, PUBLIC, 0, INT64_MAX, NULL,
     "ids of the asset groups that the chatbot is told about"},
    {"DingTalkLang", SAS_PARAM_WORD, OPTIONAL, PUBLIC, 0, 0, languages,
     "language of the messages"},
};

static const struct sas_parameter describe[] = {
    {"RuleActionName", SAS_PARAM_NAME, OPTIONAL, PUBLIC, 1, NAME_MAX, NULL,
     "name to look for"},
    {"CurrentPage", SAS_PARAM_INTEGER, OPTIONAL, PUBLIC, 1, INT_MAX_, NULL,
     "number of the page, from 1"},
    {"PageSize", SAS_PARAM_INTEGER, OPTIONAL, PUBLIC, 1, PAGE_MAX, NULL,
     "chatbots on a page, 20 by default"},
};

static const struct sas_parameter delete_[] = {IDS("the chatbots to delete")};

static const struct sas_parameter modify_status[] = {
    IDS("the chatbots to switch"),
    {"Status", SAS_PARAM_INTEGER, REQUIRED, PUBLIC, 0, 1, NULL,
     "0 to disable, 1 to enable"},
};

static const struct sas_parameter online_test[] = {ID(REQUIRED, "the chatbot to test")};

static const struct sas_parameter data_source[] = {
    {"ConfigType", SAS_PARAM_WORD, OPTIONAL, PUBLIC, 0, 0, config_types,
     "what the catalog is for"},
    LANG,
    {"SourceIp", SAS_PARAM_TEXT, OPTIONAL, PUBLIC, 1, 64, NULL,
     "IP address of the caller"},
};

static const struct sas_parameter group_struct[] = {LANG};

#define PARAMETERS(list) list, COUNT(list)

const struct sas_operation sas_operations[] = {
    {"CreateOrUpdateDingTalk", "createOrUpdateDingTalk", SAS_CREATE, "Id",
     "yundun-sas:CreateOrUpdateDingTalk", "creates or changes a chatbot",
     PARAMETERS(create_or_update), "state", 256 * KIB},
    {"DescribeDingTalk", "describeDingTalk", SAS_READ, NULL,
     "yundun-sas:DescribeDingTalk", "lists chatbots, a page at a time",
     PARAMETERS(describe), NULL, 4 * MIB},
    {"DeleteDingTalk", "deleteDingTalk", SAS_UPDATE, NULL, "yundun-sas:DeleteDingTalk",
     "deletes chatbots", PARAMETERS(delete_), NULL, 256 * KIB},
    {"ModifyDingTalkStatus", "modifyDingTalkStatus", SAS_UPDATE, NULL,
     "yundun-sas:ModifyDingTalkStatus",
     "enables or disables chatbots (Enterprise edition)", PARAMETERS(modify_status), NULL,
     256 * KIB},
    {"DingTalkOnlineTest", "dingTalkOnlineTest", SAS_TEST, NULL,
     "yundun-sas:DingTalkOnlineTest", "sends a test message through a chatbot",
     PARAMETERS(online_test), NULL, 256 * KIB},
    {"DescribeDataSource", "describeDataSource", SAS_READ, NULL,
     "yundun-sas:DescribeDataSource", "lists what a ConfigList may hold in this account",
     PARAMETERS(data_source), NULL, 4 * MIB},
    {"DescribeGroupStruct", "describeGroupStruct", SAS_READ, NULL,
     "yundun-sas:DescribeGroupStruct", "lists the asset groups", PARAMETERS(group_struct),
     NULL, 16 * MIB},
};

const size_t sas_operation_count = COUNT(sas_operations);

const struct sas_operation *sas_operation_find(struct sas_view action)
{
    size_t i;

    for (i = 0; i < sas_operation_count; i++) {
        if (sas_view_is(action, sas_operations[i].action))
            return &sas_operations[i];
    }
    return NULL;
}

const char *sas_class_name(enum sas_class effect)
{
    static const char *const class_names[] = {"read", "update", "create", "test"};

    return class_names[effect];
}
