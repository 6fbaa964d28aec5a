// The description of the API: every route is in it, every reference leads somewhere.
#include "server/openapi.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "client.h"
#include "server/route.h"

namespace cairn::server::test {
namespace {

using nlohmann::json;

void collect_references(const json& node, std::set<std::string>& found) {
    if (node.is_object() && node.contains("$ref")) found.insert(node["$ref"].get<std::string>());
    if (node.is_structured()) {
        for (const json& child : node) collect_references(child, found);
    }
}

TEST(Openapi, Routes_AllButTheRootOnes_AreDescribed) {
    json document = json::parse(openapi_document());
    EXPECT_EQ(document["openapi"], "3.0.3");
    EXPECT_EQ(document["info"]["title"], "CairnDB API");
    std::size_t described = 0;
    for (const auto& [path, operations] : document["paths"].items()) described += operations.size();
    std::size_t routes = 0;
    std::set<std::string_view> ids;
    for (const Route& route : route_table()) {
        EXPECT_TRUE(ids.insert(route.operation_id).second) << route.operation_id;
        if (route.path.starts_with("//")) continue;
        ++routes;
        std::string method(route.method);
        for (char& c : method) c = static_cast<char>(std::tolower(c));
        EXPECT_EQ(document["paths"][std::string(route.path)][method]["operationId"], route.operation_id);
    }
    EXPECT_EQ(described, routes);
}

TEST(Openapi, References_AllLeadSomewhere_AndNothingIsUnused) {
    json document = json::parse(openapi_document());
    std::set<std::string> found, schemas;
    collect_references(document, found);
    for (const std::string& reference : found)
        EXPECT_TRUE(document.contains(json::json_pointer(reference.substr(1)))) << reference;
    for (const auto& [name, schema] : document["components"]["schemas"].items())
        EXPECT_TRUE(found.contains("#/components/schemas/" + name)) << name;
}

// The validator is a Python package; without it there is nothing to compare with.
TEST(Openapi, Validator_WhereItIsInstalled_AcceptsTheDocument) {
    if (std::system("python3 -c 'import openapi_spec_validator' 2>/dev/null") != 0)
        GTEST_SKIP() << "openapi-spec-validator is not installed";
    std::string file = testing::TempDir() + "cairn-openapi.json";
    std::ofstream(file) << openapi_document();
    EXPECT_EQ(std::system(("python3 -m openapi_spec_validator " + file).c_str()), 0);
}

TEST(Openapi, Get_ServesTheDocument) {
    ServerUnderTest server;
    Answer answer = server("GET", "/openapi.json");
    EXPECT_EQ(answer.header("content-type"), "application/json");
    EXPECT_EQ(answer.body, openapi_document() + "\n");
}

}  // namespace
}  // namespace cairn::server::test
