// JSON Patch and its messages (spec/schema.md section 10, the table of failures).
#include "collections/json_patch.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "dag/limits.h"

namespace cairn {
namespace {

using Json = nlohmann::json;

constexpr const char* kDocument =
    R"({"Users":{"Name":"Users","Root":"r","Fields":[{"Name":"_docID"},{"Name":"name"}],"None":null}})";

// The document after the patch, or the message.
std::string patched(const std::string& patch, const char* document = kDocument) {
    Json json = Json::parse(document);
    auto operations = parse_json_patch(patch);
    if (!operations) return operations.error().message;
    Status applied = apply_json_patch(*operations, json);
    return applied ? json.dump() : applied.error().message;
}

TEST(JsonPatch, NotAPatch_Refused) {
    EXPECT_EQ(patched(""), "invalid state detected");
    EXPECT_EQ(patched("[{\"op\":"), "invalid state detected");
    EXPECT_EQ(patched("[] x"), "invalid state detected");
    EXPECT_EQ(patched("{}"), "json: cannot unmarshal object into Go value of type jsonpatch.Patch");
    EXPECT_EQ(patched("7"), "json: cannot unmarshal number into Go value of type jsonpatch.Patch");
    EXPECT_EQ(patched("[7]"), "json: cannot unmarshal number into Go value of type jsonpatch.Operation");
}

TEST(JsonPatch, NullOrEmpty_ChangesNothing) {
    EXPECT_EQ(patched("null", "{}"), "{}");
    EXPECT_EQ(patched(" [ ] ", "{}"), "{}");
}

TEST(JsonPatch, UnknownOperation_ShownAsSent) {
    EXPECT_EQ(patched(R"([{"path":"/a","op":"frob","value":"<&"}])"),
              R"(invalid operation {"op":"frob","path":"/a","value":"\u003c\u0026"}: unsupported operation)");
    EXPECT_EQ(patched(R"([{"op":"Add","path":"/a","value":1}])"),
              R"(invalid operation {"op":"Add","path":"/a","value":1}: unsupported operation)");
    EXPECT_EQ(patched(R"([{"path":"/a"}])"), R"(invalid operation {"path":"/a"}: unsupported operation)");
    EXPECT_EQ(patched("[null]"), "invalid operation null: unsupported operation");
}

TEST(JsonPatch, MissingMember_Named) {
    EXPECT_EQ(
        patched(R"([{"op":"remove"}])"),
        R"(invalid operation {"op":"remove"}: failed to decode 'path': operation missing path field: missing value)");
    EXPECT_EQ(
        patched(R"([{"op":"add","path":"/a"}])"),
        R"(invalid operation {"op":"add","path":"/a"}: failed to decode 'value': operation, missing value field: missing value)");
    EXPECT_EQ(
        patched(R"([{"op":"copy","path":"/a"}])"),
        R"(invalid operation {"op":"copy","path":"/a"}: failed to decode 'from': operation, missing from field: missing value)");
    EXPECT_EQ(
        patched(R"([{"op":"test","path":5}])"),
        R"(invalid operation {"op":"test","path":5}: failed to decode 'path': json: cannot unmarshal number into Go value of type string)");
}

TEST(JsonPatch, OperationInvalidLater_RefusedBeforeAnyIsApplied) {
    EXPECT_EQ(patched(R"([{"op":"remove","path":"/Nope/x"},{"op":"frob"}])"),
              R"(invalid operation {"op":"frob"}: unsupported operation)");
}

TEST(JsonPatch, Add_PutsIntoObjectsAndLists) {
    EXPECT_EQ(patched(R"([{"op":"add","path":"/b","value":2}])", R"({"a":1})"), R"({"a":1,"b":2})");
    EXPECT_EQ(patched(R"([{"op":"add","path":"/a","value":2}])", R"({"a":1})"), R"({"a":2})");
    EXPECT_EQ(patched(R"([{"op":"add","path":"/a/-","value":2}])", R"({"a":[1]})"), R"({"a":[1,2]})");
    EXPECT_EQ(patched(R"([{"op":"add","path":"/a/0","value":2}])", R"({"a":[1]})"), R"({"a":[2,1]})");
    EXPECT_EQ(patched(R"([{"op":"add","path":"/a/-1","value":2}])", R"({"a":[1]})"), R"({"a":[1,2]})");
    EXPECT_EQ(patched(R"([{"op":"add","path":"/a~1b~0","value":2}])", "{}"), R"({"a/b~":2})");
    EXPECT_EQ(patched(R"([{"op":"add","path":"","value":{"x":1}}])", "{}"), R"({"x":1})");
}

TEST(JsonPatch, AddFailures_Named) {
    EXPECT_EQ(patched(R"([{"op":"add","path":"/Nope/Fields/-","value":1}])"),
              R"(add operation does not apply: doc is missing path: "/Nope/Fields/-": missing value)");
    EXPECT_EQ(patched(R"([{"op":"add","path":"/Users/Name/x","value":1}])"),
              R"(add operation does not apply: doc is missing path: "/Users/Name/x": missing value)");
    EXPECT_EQ(patched(R"([{"op":"add","path":"/Users/Fields/7","value":1}])"),
              "error in add for path: '/Users/Fields/7': Unable to access invalid index: 7: invalid index "
              "referenced");
    EXPECT_EQ(patched(R"([{"op":"add","path":"/Users/Fields/x1","value":1}])"),
              "error in add for path: '/Users/Fields/x1': value was not a proper array index: 'x1': "
              "strconv.Atoi: parsing \"x1\": invalid syntax");
    EXPECT_EQ(
        patched(R"([{"op":"add","path":"/Users/Fields/99999999999999999999","value":1}])"),
        "error in add for path: '/Users/Fields/99999999999999999999': value was not a proper array index: "
        "'99999999999999999999': strconv.Atoi: parsing \"99999999999999999999\": value out of range");
}

TEST(JsonPatch, Replace_NeedsTheOld) {
    EXPECT_EQ(patched(R"([{"op":"replace","path":"/a","value":2}])", R"({"a":1})"), R"({"a":2})");
    EXPECT_EQ(patched(R"([{"op":"replace","path":"/a/-1","value":2}])", R"({"a":[0,1]})"), R"({"a":[0,2]})");
    EXPECT_EQ(patched(R"([{"op":"replace","path":"/Nope/X","value":2}])"),
              "replace operation does not apply: doc is missing path: /Nope/X: missing value");
    EXPECT_EQ(patched(R"([{"op":"replace","path":"/Users/Nope","value":2}])"),
              "replace operation does not apply: doc is missing key: /Users/Nope: missing value");
    EXPECT_EQ(patched(R"([{"op":"replace","path":"/Users/Fields/2","value":2}])"),
              "replace operation does not apply: doc is missing key: /Users/Fields/2: missing value");
}

TEST(JsonPatch, RemoveFailures_Named) {
    EXPECT_EQ(patched(R"([{"op":"remove","path":"/a/0"}])", R"({"a":[1,2]})"), R"({"a":[2]})");
    EXPECT_EQ(
        patched(R"([{"op":"remove","path":"/Users/Nope"}])"),
        "error in remove for path: '/Users/Nope': unable to remove nonexistent key: Nope: missing value");
    EXPECT_EQ(patched(R"([{"op":"remove","path":"/Users/Fields/9"}])"),
              "error in remove for path: '/Users/Fields/9': Unable to access invalid index: 9: invalid index "
              "referenced");
    EXPECT_EQ(
        patched(R"([{"op":"remove","path":"/Users/Fields/name"}])"),
        "error in remove for path: '/Users/Fields/name': strconv.Atoi: parsing \"name\": invalid syntax");
    EXPECT_EQ(patched(R"([{"op":"remove","path":"/X/Y"}])"),
              R"(remove operation does not apply: doc is missing path: "/X/Y": missing value)");
}

TEST(JsonPatch, CopyAndMove_Named) {
    EXPECT_EQ(patched(R"([{"op":"copy","from":"/a","path":"/b"}])", R"({"a":[1]})"), R"({"a":[1],"b":[1]})");
    EXPECT_EQ(patched(R"([{"op":"move","from":"/a/1","path":"/a/0"}])", R"({"a":[1,2]})"), R"({"a":[2,1]})");
    EXPECT_EQ(patched(R"([{"op":"copy","from":"/Z/Q","path":"/b"}])"),
              R"(copy operation does not apply: doc is missing from path: "/Z/Q": missing value)");
    EXPECT_EQ(patched(R"([{"op":"copy","from":"/Users/Nope","path":"/b"}])"),
              "error in copy for from: '/Users/Nope': unable to get nonexistent key: Nope: missing value");
    EXPECT_EQ(patched(R"([{"op":"copy","from":"/Users","path":"/Z/Q"}])"),
              "copy operation does not apply: doc is missing destination path: /Z/Q: missing value");
    EXPECT_EQ(patched(R"([{"op":"move","from":"/Z/Q","path":"/b"}])"),
              "move operation does not apply: doc is missing from path: /Z/Q: missing value");
    EXPECT_EQ(patched(R"([{"op":"move","from":"/Nope","path":"/b"}])"),
              "error in move for path: 'Nope': unable to get nonexistent key: Nope: missing value");
}

TEST(JsonPatch, Test_ComparesAndTakesMissingForNull) {
    EXPECT_EQ(patched(R"([{"op":"test","path":"/a","value":{"x":[1]}}])", R"({"a":{"x":[1]}})"),
              R"({"a":{"x":[1]}})");
    EXPECT_EQ(patched(R"([{"op":"test","path":"/Users/Nope","value":null}])"), Json::parse(kDocument).dump());
    EXPECT_EQ(patched(R"([{"op":"test","path":"/Users/None"}])"), Json::parse(kDocument).dump());
    EXPECT_EQ(patched(R"([{"op":"test","path":"/Users/Name","value":"X"}])"),
              "testing value /Users/Name failed: test failed");
    EXPECT_EQ(patched(R"([{"op":"test","path":"/a","value":1.0}])", R"({"a":1})"),
              "testing value /a failed: test failed");
    EXPECT_EQ(patched(R"([{"op":"test","path":"/Z/Q","value":1}])"),
              "test operation does not apply: is missing path: /Z/Q: missing value");
}

TEST(JsonPatch, NestingLimit_AtItAccepted_PastItRefused) {
    auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    // The patch itself adds two levels around the value.
    std::string value = nested(limits::kMaxJsonNesting - 2);
    EXPECT_EQ(patched(R"([{"op":"add","path":"/a","value":)" + value + "}]", "{}"), R"({"a":)" + value + "}");
    EXPECT_EQ(
        patched(R"([{"op":"add","path":"/a","value":)" + nested(limits::kMaxJsonNesting - 1) + "}]", "{}"),
        "patch: nested too deeply: 513");
}

TEST(JsonPatch, OperationLimit_AtItAccepted_PastItRefused) {
    auto operations = [](std::size_t count) {
        std::string patch = "[";
        for (std::size_t i = 0; i < count; ++i)
            patch += std::string(i ? "," : "") + R"({"op":"test","path":"/a"})";
        return patch + "]";
    };
    EXPECT_EQ(patched(operations(kMaxPatchOperations), "{}"), "{}");
    EXPECT_EQ(patched(operations(kMaxPatchOperations + 1), "{}"), "patch: too many operations: 10001");
}

TEST(JsonPatch, CopyingIntoItself_IsBounded) {
    std::string deepening = "[", doubling = "[";
    for (int i = 0; i < 40; ++i) {
        deepening += std::string(i ? "," : "") + R"({"op":"copy","from":"/a","path":"/a/x"})";
        doubling +=
            std::string(i ? "," : "") + R"({"op":"copy","from":"/a","path":"/a/)" + std::to_string(i) + "\"}";
    }
    EXPECT_EQ(patched(doubling + "]", R"({"a":{"v":1}})"),
              "patch: too much is copied or moved, at path: /a/18");
    std::string many = deepening;
    for (int i = 0; i < 1000; ++i) many += R"(,{"op":"copy","from":"/a","path":"/a/x"})";
    EXPECT_EQ(patched(many + "]", R"({"a":{"v":1}})"),
              "patch: the document becomes nested too deeply at path: /a/x");
}

RC_GTEST_PROP(JsonPatch, AnyText_GivesDocumentOrMessage, ()) {
    // Pieces of patches in any order: mostly not JSON, sometimes a patch.
    static const std::vector<std::string> kPieces = {"[",
                                                     "]",
                                                     "{",
                                                     "}",
                                                     ",",
                                                     ":",
                                                     "\"op\"",
                                                     "\"path\"",
                                                     "\"from\"",
                                                     "\"value\"",
                                                     "null",
                                                     "\"add\"",
                                                     "\"/Users\"",
                                                     "\"/Users/Fields/-\"",
                                                     "\"remove\"",
                                                     "\"test\"",
                                                     "1",
                                                     "\"\"",
                                                     "\"/Users/Fields/0\"",
                                                     "-1"};
    auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(kPieces));
    std::string text;
    for (const std::string& piece : pieces) text += piece;
    RC_ASSERT(!patched(text).empty());
}

RC_GTEST_PROP(JsonPatch, AnyOperations_GiveDocumentOrMessage, ()) {
    static const std::vector<std::string> kPaths = {"",
                                                    "/",
                                                    "/Users",
                                                    "/Users/",
                                                    "/Users/Fields",
                                                    "/Users/Fields/-",
                                                    "/Users/Fields/0",
                                                    "/Users/Fields/-2",
                                                    "Users/Name",
                                                    "/Users/Name",
                                                    "/Users/None/x",
                                                    "//Users",
                                                    "/Users/Fields/1/Name"};
    static const std::vector<std::string> kNames = {"add", "remove", "replace", "move", "copy", "test"};
    auto count = *rc::gen::inRange(1, 8);
    Json patch = Json::array();
    for (int i = 0; i < count; ++i) {
        patch.push_back({{"op", *rc::gen::elementOf(kNames)},
                         {"path", *rc::gen::elementOf(kPaths)},
                         {"from", *rc::gen::elementOf(kPaths)},
                         {"value", *rc::gen::elementOf(std::vector<Json>{1, nullptr, Json::object(),
                                                                         Json::array({1}), "x"})}});
    }
    RC_ASSERT(!patched(patch.dump()).empty());
}

}  // namespace
}  // namespace cairn
