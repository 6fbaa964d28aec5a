// Introspection (spec/query.md section 2.13): what __schema and __type answer about generated types.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "query/introspection.h"
#include "schema_helper.h"
#include "store_node.h"

namespace cairn::test {
namespace {

using nlohmann::json;

constexpr std::string_view kGraphiql = R"(
query IntrospectionQuery {
  __schema {
    queryType { name } mutationType { name } subscriptionType { name }
    types { ...FullType }
    directives { name description locations args { ...InputValue } }
  }
}
fragment FullType on __Type {
  kind name description
  fields(includeDeprecated: true) {
    name description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason
  }
  inputFields { ...InputValue }
  interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
  possibleTypes { ...TypeRef }
}
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
fragment TypeRef on __Type {
  kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType {
  kind name ofType { kind name ofType { kind name } } } } } } }
}
)";

class Introspection : public testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(node_.add_schema(query::test::kLibrary)); }
    json data(std::string_view text, std::string_view variables = "") {
        Answer answer = node_.request(text, nullptr, nullptr, variables);
        EXPECT_TRUE(answer.errors.empty()) << text << ": " << answer.errors[0];
        return answer.data;
    }
    std::vector<std::string> errors(std::string_view text, std::string_view variables = "") {
        return node_.request(text, nullptr, nullptr, variables).errors;
    }
    static std::vector<std::string> names(const json& list) {
        std::vector<std::string> names;
        for (const json& each : list) names.push_back(each["name"]);
        return names;
    }
    StoreNode node_;
};

// Every type that a complete introspection names, by following all type references.
void collect_named(const json& value, std::set<std::string>& names) {
    if (value.is_array()) {
        for (const json& each : value) collect_named(each, names);
    } else if (value.is_object()) {
        if (value.contains("kind") && value["name"].is_string())
            names.insert(value["name"].get<std::string>());
        for (const auto& [key, each] : value.items()) collect_named(each, names);
    }
}

TEST_F(Introspection, StockQuery_EveryTypeNamed_IsListedOnce) {
    json schema = data(kGraphiql)["__schema"];
    EXPECT_EQ(schema["queryType"], json({{"name", "Query"}}));
    EXPECT_EQ(schema["mutationType"], json({{"name", "Mutation"}}));
    EXPECT_EQ(schema["subscriptionType"], json({{"name", "Subscription"}}));
    std::vector<std::string> listed = names(schema["types"]);
    std::set<std::string> distinct(listed.begin(), listed.end()), named;
    EXPECT_EQ(distinct.size(), listed.size());
    collect_named(schema, named);
    EXPECT_EQ(named, distinct);
    for (const char* name : {"Author", "BookFilterArg", "__Type", "Commit", "IntFilterArg"}) {
        EXPECT_TRUE(distinct.contains(name)) << name;
    }
}

TEST_F(Introspection, StockQuery_EveryType_HasOnlyWhatItsKindHas) {
    json types = data(kGraphiql)["__schema"]["types"];
    EXPECT_GT(types.size(), 80u);
    for (const json& type : types) {
        SCOPED_TRACE(type["name"].get<std::string>());
        EXPECT_EQ(type["fields"].is_array(), type["kind"] == "OBJECT");
        EXPECT_EQ(type["interfaces"].is_array(), type["kind"] == "OBJECT");
        EXPECT_EQ(type["enumValues"].is_array(), type["kind"] == "ENUM");
        EXPECT_EQ(type["inputFields"].is_array(), type["kind"] == "INPUT_OBJECT");
        EXPECT_TRUE(type["possibleTypes"].is_null());
        EXPECT_TRUE(type["description"].is_string());
        for (const char* list : {"fields", "inputFields"}) {
            std::vector<std::string> in_order = names(type[list].is_array() ? type[list] : json::array());
            EXPECT_TRUE(std::is_sorted(in_order.begin(), in_order.end()));
        }
    }
}

TEST(IntrospectionOfEmptyStore, StockQuery_NoCollections_LeavesOutWhatComesWithTheFirst) {
    StoreNode node;
    Answer answer = node.request(kGraphiql);
    ASSERT_TRUE(answer.errors.empty()) << answer.errors[0];
    std::set<std::string> names;
    for (const json& type : answer.data["__schema"]["types"]) {
        names.insert(type["name"]);
        if (type["name"] != "Query") continue;
        std::vector<std::string> fields;
        for (const json& field : type["fields"]) fields.push_back(field["name"]);
        EXPECT_EQ(fields, (std::vector<std::string>{"_", "commits", "latestCommits"}));
    }
    EXPECT_FALSE(names.contains("IntFilterArg"));
    EXPECT_TRUE(names.contains("IntListOperatorBlock"));
    EXPECT_TRUE(names.contains("IndexField"));
}

TEST_F(Introspection, TypeOfField_ListOfNonNull_UnwrapsOuterFirst) {
    json fields = data(
        "{ __type(name: \"Book\") { fields { name type { kind name description ofType { kind name "
        "description ofType { kind name ofType { name } } } } } } }")["__type"]["fields"];
    auto prices =
        std::find_if(fields.begin(), fields.end(), [](const json& f) { return f["name"] == "prices"; });
    ASSERT_NE(prices, fields.end());
    EXPECT_EQ((*prices)["type"]["kind"], "LIST");
    EXPECT_TRUE((*prices)["type"]["name"].is_null());
    EXPECT_TRUE((*prices)["type"]["description"].is_null());
    EXPECT_EQ((*prices)["type"]["ofType"]["kind"], "NON_NULL");
    EXPECT_EQ((*prices)["type"]["ofType"]["ofType"],
              json({{"kind", "SCALAR"}, {"name", "Float64"}, {"ofType", nullptr}}));
}

TEST_F(Introspection, Arguments_AcceptedBesideTheDocumented_AreNotListed) {
    json schema = data(
        "{ __schema { queryType { fields { name args { name } } } mutationType { fields { name args { "
        "name } } } } }")["__schema"];
    auto arguments = [](const json& type, std::string_view field) {
        for (const json& each : type["fields"]) {
            if (each["name"] == field) return names(each["args"]);
        }
        return std::vector<std::string>{};
    };
    EXPECT_EQ(arguments(schema["queryType"], "Book"),
              (std::vector<std::string>{"cid", "docID", "filter", "groupBy", "limit", "offset", "order",
                                        "showDeleted"}));
    EXPECT_EQ(arguments(schema["mutationType"], "delete_Book"),
              (std::vector<std::string>{"docID", "filter"}));
    // They are accepted nevertheless.
    EXPECT_TRUE(errors("{ Book(docIDs: []) { title } }").empty());
}

TEST_F(Introspection, Deprecated_OnRequest_AreListedWithReason) {
    constexpr std::string_view kQuery =
        "query Q($all: Boolean) { __type(name: \"__Directive\") { fields(includeDeprecated: $all) { name "
        "isDeprecated "
        "deprecationReason } } }";
    for (const char* variables : {"", "{}", R"({"all":null})", R"({"all":false})"}) {
        EXPECT_EQ(names(data(kQuery, variables)["__type"]["fields"]),
                  (std::vector<std::string>{"args", "description", "locations", "name"}))
            << variables;
    }
    json fields = data(kQuery, R"({"all":true})")["__type"]["fields"];
    EXPECT_EQ(names(fields), (std::vector<std::string>{"args", "description", "locations", "name", "onField",
                                                       "onFragment", "onOperation"}));
    EXPECT_EQ(fields[0]["isDeprecated"], false);
    EXPECT_TRUE(fields[0]["deprecationReason"].is_null());
    EXPECT_EQ(fields[4]["isDeprecated"], true);
    EXPECT_EQ(fields[4]["deprecationReason"], "Use `locations`.");
}

TEST_F(Introspection, DefaultValues_OfWholeSchema_AreThoseOfIncludeDeprecated) {
    std::size_t defaults = 0;
    json types = data(kGraphiql)["__schema"]["types"];
    EXPECT_GT(types.size(), 80u);
    for (const json& type : types) {
        for (const json& field : type["fields"].is_array() ? type["fields"] : json::array()) {
            for (const json& argument : field["args"]) {
                if (argument["defaultValue"].is_null()) continue;
                ++defaults;
                EXPECT_EQ(argument["name"], "includeDeprecated");
                EXPECT_EQ(argument["defaultValue"], "false");
            }
        }
    }
    EXPECT_EQ(defaults, 2u);
}

TEST_F(Introspection, Directives_ExplainAndIndex_TellWhereTheyStand) {
    json directives = data(
        "{ __schema { directives { name locations onOperation onFragment onField args { name type { name } } "
        "} } "
        "}")["__schema"]["directives"];
    std::vector<std::string> listed = names(directives);
    EXPECT_EQ(std::count(listed.begin(), listed.end(), "skip"), 0);
    for (const json& directive : directives) {
        EXPECT_EQ(directive["onOperation"], directive["name"] == "explain");
        EXPECT_EQ(directive["onField"], false);
        EXPECT_EQ(directive["onFragment"], false);
        if (directive["name"] != "explain") continue;
        EXPECT_EQ(directive["locations"], json({"QUERY", "MUTATION"}));
        EXPECT_EQ(directive["args"], json({{{"name", "type"}, {"type", {{"name", "ExplainType"}}}}}));
    }
}

TEST_F(Introspection, ExplainType_Description_IsTheSpecifiedOne) {
    json type = data("{ __type(name: \"ExplainType\") { description enumValues { name } } }")["__type"];
    EXPECT_EQ(type["description"],
              "ExplainType is an enum selecting the type of explanation done by the @explain directive.");
    EXPECT_EQ(names(type["enumValues"]), (std::vector<std::string>{"debug", "execute", "simple"}));
}

// Q30: variables are honoured; what stands beside is null.
TEST_F(Introspection, Type_OfVariableNameUnderAlias_IsFoundOrNull) {
    constexpr std::string_view kQuery = "query Q($n: String!) { found: __type(name: $n) { called: name } }";
    EXPECT_EQ(data(kQuery, R"({"n":"Author"})"), json({{"found", {{"called", "Author"}}}}));
    EXPECT_EQ(data(kQuery, R"({"n":"Nobody"})"), json({{"found", nullptr}}));
    EXPECT_EQ(errors(kQuery),
              (std::vector<std::string>{"Variable \"$n\" of required type \"String!\" was not provided."}));
}

TEST_F(Introspection, TypeNames_OnEveryObject_AreThoseOfTheIntrospectionTypes) {
    json answer = data(
        "{ __typename __schema { __typename directives { __typename } } __type(name: \"BookField\") { "
        "__typename enumValues { __typename } } book: __type(name: \"Book\") { fields { __typename args "
        "{ __typename } } } }");
    EXPECT_EQ(answer["__typename"], "Query");
    EXPECT_EQ(answer["__schema"]["__typename"], "__Schema");
    EXPECT_EQ(answer["__schema"]["directives"][0]["__typename"], "__Directive");
    EXPECT_EQ(answer["__type"]["__typename"], "__Type");
    EXPECT_EQ(answer["__type"]["enumValues"][0]["__typename"], "__EnumValue");
    EXPECT_EQ(answer["book"]["fields"][0]["__typename"], "__Field");
    EXPECT_EQ(answer["book"]["fields"][0]["args"][0]["__typename"], "__InputValue");
}

TEST_F(Introspection, FieldsBeside_DataAndPlaceholder_AreNull) {
    node_.request("mutation { create_Author(input: {name: \"A\"}) { _docID } }");
    EXPECT_EQ(
        data("{ Author { name } _ commits { cid } __type(name: \"Int\") { name } }"),
        json({{"Author", nullptr}, {"_", nullptr}, {"__type", {{"name", "Int"}}}, {"commits", nullptr}}));
}

TEST_F(Introspection, SameKeyTwice_OnRootAndBelow_IsMerged) {
    EXPECT_EQ(
        data("{ __schema { queryType { name } } ...F } fragment F on Query { __schema { queryType { kind } "
             "mutationType { name } } }"),
        json({{"__schema",
               {{"queryType", {{"name", "Query"}, {"kind", "OBJECT"}}},
                {"mutationType", {{"name", "Mutation"}}}}}}));
}

TEST_F(Introspection, OperationOfSeveral_ByName_IsIntrospectedAlone) {
    auto prepared = query::prepare_request(
        node_.schema(), "query Types { __schema { queryType { name } } } query Books { Book { title } }",
        "Books");
    ASSERT_TRUE(prepared.request) << prepared.errors[0];
    EXPECT_EQ(prepared.request->fields[0].kind, query::RootField::Kind::select);
}

TEST_F(Introspection, UnknownFields_OfIntrospectionTypes_AreRefused) {
    EXPECT_EQ(
        errors("{ __schema { description } }"),
        (std::vector<std::string>{
            "Cannot query field \"description\" on type \"__Schema\". Did you mean \"subscriptionType\"?"}));
    EXPECT_EQ(errors("{ __type(name: \"Int\") { specifiedByURL } }"),
              (std::vector<std::string>{"Cannot query field \"specifiedByURL\" on type \"__Type\"."}));
    EXPECT_EQ(errors("{ __type { name } }"),
              (std::vector<std::string>{
                  "Field \"__type\" argument \"name\" of type \"String!\" is required but not provided."}));
    EXPECT_FALSE(errors("mutation { __schema { queryType { name } } }").empty());
}

// Each level multiplies the answer; the text stays short.
TEST_F(Introspection, NestedFieldsOfTypes_AnswerWithoutEnd_IsRefused) {
    std::string request = "{ __schema { types { inputFields { type ", end = " } } } }";
    for (int i = 0; i < 40; ++i) {
        request += "{ inputFields { type ";
        end += " } }";
    }
    request += "{ name }" + end;
    EXPECT_EQ(errors(request),
              (std::vector<std::string>{fmt::format("the introspection answer is larger than {} bytes",
                                                    query::kMaxIntrospectionBytes)}));
}

TEST_F(Introspection, NestingOfTypes_PastTheLimit_IsRefused) {
    // Each fragment is within the limit of the syntax; together they are not.
    std::string request = "{ __type(name: \"Int\") { ...F0 } }";
    for (int i = 0; i < 5; ++i) {
        std::string open = fmt::format("fragment F{} on __Type {{ ", i), end = " }";
        for (int k = 0; k < 60; ++k) {
            open += "ofType { ";
            end += " }";
        }
        request += " " + open + (i == 4 ? std::string("name") : fmt::format("...F{}", i + 1)) + end;
    }
    EXPECT_EQ(errors(request),
              (std::vector<std::string>{"document is too large with its fragments in place"}));
}

}  // namespace
}  // namespace cairn::test
