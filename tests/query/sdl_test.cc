#include "query/sdl.h"

#include <gtest/gtest.h>

#include "tests/query/schema_helper.h"

namespace cairn::query {
namespace {

std::vector<TypeDefinition> types_of(std::string_view sdl) {
    auto types = parse_sdl(sdl);
    EXPECT_TRUE(types.has_value()) << sdl << "\n" << (types ? "" : types.error().message);
    return types ? *types : std::vector<TypeDefinition>();
}

FieldDefinition field_of(const std::string& definition) {
    std::vector<TypeDefinition> types = types_of("type User { " + definition + " }");
    return types.empty() ? FieldDefinition() : types[0].fields.at(0);
}

std::string error_of(std::string_view sdl) {
    auto types = parse_sdl(sdl);
    EXPECT_FALSE(types.has_value()) << sdl;
    return types ? "" : types.error().message;
}

std::string field_error(const std::string& definition) {
    return error_of("type User { " + definition + " }");
}

TEST(Sdl, EmptyOrOtherDefinitions_GiveNoTypes) {
    EXPECT_TRUE(types_of("").empty());
    EXPECT_TRUE(types_of("enum E { A } union U = A | B scalar S input I { a: Int } extend type T { a: Int }")
                    .empty());
}

TEST(Sdl, Types_InOrder_WithTheirFlags) {
    auto types = types_of(
        "type B {} interface A { x: Int } type C @branchable(if: false) @branchable @materialized(if: false) "
        "@policy(id: \"p\", resource: \"r\") { c: B }");
    ASSERT_EQ(types.size(), 3u);
    EXPECT_EQ(types[0].name, "B");
    EXPECT_TRUE(types[0].fields.empty());
    EXPECT_TRUE(types[0].materialized);
    EXPECT_FALSE(types[0].branchable);
    EXPECT_TRUE(types[1].is_interface);
    EXPECT_TRUE(types[2].branchable);
    EXPECT_FALSE(types[2].materialized);
    EXPECT_EQ(types[2].policy, (PolicyDescription{"p", "r"}));
    EXPECT_TRUE(types_of("type C @materialized(if: false) @materialized {}")[0].materialized);
    EXPECT_FALSE(types_of("type C @branchable(if: false) {}")[0].branchable);
}

TEST(Sdl, FieldKinds_EveryType_IsConverted) {
    const std::pair<std::string, FieldKind> rows[] = {
        {"ID", FieldKind::id},
        {"Boolean", FieldKind::boolean},
        {"[Boolean!]", FieldKind::boolean_array},
        {"Int", FieldKind::integer},
        {"[Int!]", FieldKind::integer_array},
        {"Float", FieldKind::float64},
        {"Float64", FieldKind::float64},
        {"[Float!]", FieldKind::float64_array},
        {"[Float64!]", FieldKind::float64_array},
        {"Float32", FieldKind::float32},
        {"[Float32!]", FieldKind::float32_array},
        {"DateTime", FieldKind::date_time},
        {"String", FieldKind::string},
        {"[String!]", FieldKind::string_array},
        {"Blob", FieldKind::blob},
        {"JSON", FieldKind::json},
        {"[Boolean]", FieldKind::nillable_boolean_array},
        {"[Int]", FieldKind::nillable_integer_array},
        {"[Float]", FieldKind::nillable_float64_array},
        {"[Float64]", FieldKind::nillable_float64_array},
        {"[String]", FieldKind::nillable_string_array},
        {"[Float32]", FieldKind::nillable_float32_array},
    };
    for (const auto& [type, kind] : rows) {
        FieldDefinition field = field_of("f: " + type);
        EXPECT_EQ(field.kind, kind) << type;
        EXPECT_EQ(field.crdt, CrdtType::lww) << type;
    }
    FieldDefinition one = field_of("f: Dog @primary @relation(name: \"pets\")");
    EXPECT_TRUE(one.is_relation() && one.primary && !one.relation_many);
    EXPECT_EQ(one.type_name, "Dog");
    EXPECT_EQ(one.relation_name, "pets");
    FieldDefinition many = field_of("f: [DateTime]");
    EXPECT_TRUE(many.is_relation() && many.relation_many);
    EXPECT_EQ(many.type_name, "DateTime");
    EXPECT_EQ(many.crdt, CrdtType::none);
    EXPECT_FALSE(field_of("f: Int @primary @relation(name: \"x\")").primary);
}

TEST(Sdl, FieldTypes_Unsupported_AreRefused) {
    EXPECT_EQ(field_error("x: String!"), "NonNull fields are not currently supported");
    EXPECT_EQ(field_error("x: [Dogs]!"), "NonNull fields are not currently supported");
    EXPECT_EQ(field_error("x: [Dogs!]"), "NonNull variants for type are not supported. Type: Dogs");
    EXPECT_EQ(field_error("x: [DateTime!]"), "NonNull variants for type are not supported. Type: DateTime");
    EXPECT_EQ(field_error("name:"), "field type not specified. Object: User, Field: name");
    EXPECT_EQ(field_error("x: [[Int]]"), "nested list types are not supported. Field: x");
}

TEST(Sdl, Crdt_CountersOnNumbersOnly) {
    EXPECT_EQ(field_of("a: Int @crdt(type: pcounter)").crdt, CrdtType::pcounter);
    EXPECT_EQ(field_of("a: Float32 @crdt(type: pncounter)").crdt, CrdtType::pncounter);
    EXPECT_EQ(field_of("a: String @crdt(type: lww)").crdt, CrdtType::lww);
    EXPECT_EQ(field_of("a: String @crdt").crdt, CrdtType::lww);
    EXPECT_EQ(field_error("a: String @crdt(type: pcounter)"),
              "CRDT type pcounter can't be assigned to field kind String");
    EXPECT_EQ(field_error("a: [Int!] @crdt(type: pncounter)"),
              "CRDT type pncounter can't be assigned to field kind [Int!]");
    EXPECT_EQ(field_error("a: [Dog] @crdt(type: pncounter)"),
              "CRDT type pncounter can't be assigned to field kind [Dog]");
}

TEST(Sdl, Default_Values_HaveTheFieldsKind) {
    EXPECT_EQ(field_of("a: String @default(string: \"x\")").default_value, Value(std::string("x")));
    EXPECT_EQ(field_of("a: Boolean @default(bool: true)").default_value, Value(true));
    EXPECT_EQ(field_of("a: Int @default(int: -9223372036854775808)").default_value, Value(INT64_MIN));
    EXPECT_EQ(field_of("a: Float @default(float: 1)").default_value, Value(1.0));
    EXPECT_EQ(field_of("a: Float64 @default(float64: 0.1)").default_value, Value(0.1));
    EXPECT_EQ(field_of("a: Float64 @default(float64: 1e-400)").default_value, Value(0.0));
    EXPECT_EQ(field_of("a: Float32 @default(float32: 1.1)").default_value, Value(1.1f));
    EXPECT_EQ(field_of("a: Blob @default(blob: \"fF00\")").default_value, Value(std::string("fF00")));
    EXPECT_EQ(field_of("a: DateTime @default(dateTime: \"2000-07-23T03:00:00-00:00\")").default_value,
              Value(std::string("2000-07-23T03:00:00Z")));
    EXPECT_EQ(field_of("a: JSON @default(json: \"{}\")").default_value, Value(std::string("{}")));
    Value object = *field_of("a: JSON @default(json: {bb: [1, WORD, null], a: 2.5})").default_value;
    EXPECT_EQ(object, Value(Value::Object{
                          {"a", Value(2.5)},
                          {"bb", Value(Value::Array{Value(1.0), Value(std::string("WORD")), Value()})}}));
    EXPECT_FALSE(field_of("a: Int").default_value.has_value());
}

TEST(Sdl, Default_Mistakes_AreNamed) {
    EXPECT_EQ(field_error("name: String @default"), "default value must specify one argument. Field: name");
    EXPECT_EQ(field_error("name: String @default(string: \"a\", int: 1)"),
              "default value must specify one argument. Field: name");
    EXPECT_EQ(field_error("active: Boolean @default(int: 1)"),
              "default value type must match field type. Name: active, Expected: bool, Actual: int");
    EXPECT_EQ(field_error("a: Float64 @default(float: 1)"),
              "default value type must match field type. Name: a, Expected: float64, Actual: float");
    EXPECT_EQ(field_error("names: [String] @default(string: \"a\")"),
              "default value is not allowed for this field type. Name: names, Type: List");
    EXPECT_EQ(field_error("friend: User @default(string: \"a\")"),
              "default value is not allowed for this field type. Name: friend, Type: User");
    EXPECT_EQ(field_error("a: ID @default"),
              "default value is not allowed for this field type. Name: a, Type: ID");
    EXPECT_EQ(field_error("a: Int @default(int: null)"), "default value is invalid. Field: a, Arg: int");
    EXPECT_EQ(field_error("a: DateTime @default(dateTime: \"abc\")"),
              "Argument \"dateTime\" has invalid value \"abc\".\nExpected type \"DateTime\", found \"abc\".");
    EXPECT_EQ(field_error("a: Blob @default(blob: \"xy\")"),
              "Argument \"blob\" has invalid value \"xy\".\nExpected type \"Blob\", found \"xy\".");
    EXPECT_EQ(field_error("a: Int @default(int: 9223372036854775808)"),
              "Argument \"int\" has invalid value 9223372036854775808.\nExpected type \"Int\", found "
              "9223372036854775808.");
    EXPECT_EQ(field_error("a: Boolean @default(bool: invalid)"),
              "Argument \"bool\" has invalid value invalid.\nExpected type \"Boolean\", found invalid.");
}

TEST(Sdl, Constraints_OnArraysOnly) {
    EXPECT_EQ(field_of("a: [Int!] @constraints(size: 3)").size, 3);
    EXPECT_EQ(field_of("a: [Int] @constraints(size: -3)").size, -3);
    EXPECT_EQ(field_of("a: String @constraints").size, 0);
    EXPECT_EQ(field_error("a: String @constraints(size: 3)"),
              "size constraint can only be applied to array fields. Actual: String");
    EXPECT_EQ(field_error("a: [Int!] @constraints(size: \"a\")"),
              "Argument \"size\" has invalid value \"a\".\nExpected type \"Int\", found \"a\".");
}

TEST(Sdl, Index_OnAField_PutsTheFieldInFrontUnlessListed) {
    auto indexes = types_of(
                       "type T { x: Int @index(includes: [{field: \"y\"}], direction: DESC) y: Int "
                       "z: Int @index(unique: true, name: \"zi\", includes: [{field: \"x\"}, {field: \"z\", "
                       "direction: DESC}]) "
                       "w: Int @index @index }")[0]
                       .indexes;
    ASSERT_EQ(indexes.size(), 4u);
    EXPECT_EQ(indexes[0].fields, (std::vector<IndexFieldDescription>{{"x", true}, {"y", true}}));
    EXPECT_EQ(indexes[1].fields, (std::vector<IndexFieldDescription>{{"x", false}, {"z", true}}));
    EXPECT_EQ(indexes[1].name, "zi");
    EXPECT_TRUE(indexes[1].unique);
    EXPECT_EQ(indexes[2].fields, (std::vector<IndexFieldDescription>{{"w", false}}));
    EXPECT_EQ(indexes[3].name, "");
}

TEST(Sdl, Index_OnAType_ComesAfterThoseOfFields) {
    auto indexes = types_of("type T @index(includes: [{field: \"y\"}]) { x: Int @index y: Int }")[0].indexes;
    ASSERT_EQ(indexes.size(), 2u);
    EXPECT_EQ(indexes[0].fields[0].name, "x");
    EXPECT_EQ(indexes[1].fields[0].name, "y");
}

TEST(Sdl, Index_Mistakes_AreNamed) {
    EXPECT_EQ(error_of("type T @index { x: Int }"), "index missing fields");
    EXPECT_EQ(error_of("type T @index(includes: []) { x: Int }"), "index missing fields");
    EXPECT_EQ(field_error("x: Int @index(name: \"1bad\")"), "index with invalid name. Name: 1bad");
    EXPECT_EQ(field_error("x: Int @index(includes: {field: \"y\"})"), "index with invalid argument");
    EXPECT_EQ(field_error("x: Int @index(foo: 1)"), "Unknown argument \"foo\" on directive \"@index\".");
    EXPECT_EQ(field_error("x: Int @index(name: \"a\", name: \"b\")"),
              "There can be only one argument named \"name\".");
    EXPECT_EQ(field_error("x: Int @index(direction: UP)"),
              "Argument \"direction\" has invalid value UP.\nExpected type \"Ordering\", found UP.");
    EXPECT_EQ(field_error("x: Int @index(includes: [\"b\"])"),
              "Argument \"includes\" has invalid value [\"b\"].\nIn element #1: Expected \"IndexField\", "
              "found not an object.");
    EXPECT_EQ(field_error("x: Int @index(includes: [{foo: \"a\"}])"),
              "Argument \"includes\" has invalid value [{foo: \"a\"}].\nIn element #1: In field \"foo\": "
              "Unknown field.");
    EXPECT_EQ(field_error("x: Int @index(name: $v)"),
              "a schema cannot use variables. Directive: index, Argument: name, Value: $v");
}

TEST(Sdl, Embedding_IsKeptAsWritten) {
    FieldDefinition field = field_of(
        "v: [Float32!] @embedding(fields: [\"a\", \"b\"], provider: \"ollama\", model: \"m\", "
        "url: \"u\", template: \"t\")");
    EXPECT_EQ(field.embedding, (EmbeddingDescription{"v", {"a", "b"}, "m", "ollama", "t", "u"}));
    EXPECT_EQ(field_of("v: [Float32!] @embedding").embedding,
              (EmbeddingDescription{"v", {}, "", "", "", ""}));
}

TEST(Sdl, Validation_StandardMessages_AreJoined) {
    EXPECT_EQ(field_error("x: Int @foo"), "Unknown directive \"foo\".");
    EXPECT_EQ(field_error("x: Int @deprecated"), "Unknown directive \"deprecated\".");
    EXPECT_EQ(field_error("x: Int @branchable"),
              "Directive \"branchable\" may not be used on FIELD_DEFINITION.");
    EXPECT_EQ(error_of("type T @primary { x: Int }"), "Directive \"primary\" may not be used on OBJECT.");
    EXPECT_EQ(error_of("type T @foo { x: Int @bar } enum E @baz { A @qux }"),
              "Unknown directive \"foo\".\nUnknown directive \"bar\".\nUnknown directive \"baz\".\nUnknown "
              "directive \"qux\".");
    EXPECT_EQ(field_error("x: Int @crdt(type: foo)"),
              "Argument \"type\" has invalid value foo.\nExpected type \"CRDTType\", found foo.");
    EXPECT_EQ(error_of("type T @policy(id: 123) { x: Int }"),
              "Argument \"id\" has invalid value 123.\nExpected type \"String\", found 123.");
    EXPECT_EQ(field_error("x: Dog @relation(name: 5)"),
              "Argument \"name\" has invalid value 5.\nExpected type \"String\", found 5.");
    EXPECT_EQ(error_of("schema { query: Foo }"), "Unknown type \"Foo\".");
    EXPECT_EQ(error_of("schema { query: Querry }"), "Unknown type \"Querry\". Did you mean \"Query\"?");
    EXPECT_EQ(error_of("fragment A on Commit { cid }"), "Fragment \"A\" is never used.");
    EXPECT_EQ(error_of("directive @x(a: Foo) on FIELD"), "Unknown type \"Foo\".");
}

TEST(Sdl, Stages_TheFirstWithAProblem_Answers) {
    EXPECT_EQ(error_of("type T { x: Int @foo } type {").substr(0, 35), "Syntax Error GraphQL (1:29) Expecte");
    EXPECT_EQ(error_of("type T { x: String! y: Int @foo }"), "Unknown directive \"foo\".");
    EXPECT_EQ(error_of("type T { x: String @crdt(type: pcounter) @default(int: 1) } type U { y: Int! }"),
              "CRDT type pcounter can't be assigned to field kind String");
    EXPECT_EQ(error_of("type T @index { x: String @index(name: \"\") }"), "index with invalid name. Name: ");
}

TEST(Sdl, CurrentSchema_OperationsInAnSdl_AreCheckedAgainstIt) {
    auto schema = test::schema_of("type User { name: String }");
    EXPECT_TRUE(parse_sdl("{ User { name } } type B { x: Int }", *schema).has_value());
    EXPECT_EQ(parse_sdl("{ User { nme } }", *schema).error().message,
              "Cannot query field \"nme\" on type \"User\". Did you mean \"name\"?");
    EXPECT_EQ(error_of("{ User { name } }"), "Cannot query field \"User\" on type \"Query\".");
}

}  // namespace
}  // namespace cairn::query
