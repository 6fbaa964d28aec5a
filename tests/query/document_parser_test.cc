#include <gtest/gtest.h>

#include <string>

#include "dag/limits.h"
#include "query/ast.h"

namespace cairn::query {
namespace {

std::shared_ptr<const Document> parse(std::string_view text, std::string_view source = "request") {
    auto document = Document::parse(text, source);
    EXPECT_TRUE(document.has_value()) << (document ? "" : document.error().message);
    return document ? *document : nullptr;
}

Error error_of(std::string_view text, std::string_view source = "request") {
    auto document = Document::parse(text, source);
    EXPECT_FALSE(document.has_value()) << text;
    return document ? Error{} : document.error();
}

// First line of the message, behind the place.
std::string detail_of(std::string_view text) {
    std::string message = error_of(text).message;
    std::size_t start = message.find(") "), end = message.find('\n');
    EXPECT_NE(start, std::string::npos) << message;
    return message.substr(start + 2, end - start - 2);
}

std::string place_of(std::string_view text) {
    std::string message = error_of(text).message;
    std::size_t start = message.find('('), end = message.find(')');
    return message.substr(start, end - start + 1);
}

TEST(DocumentParser, Query_AllParts_AreInTheTree) {
    auto document = parse(
        "query Q($a: Int! = 3, $b: [String!]) @explain(type: execute) { one: User(x: $a, y: [1, 2.5], z: {k: "
        "\"v\"}) @d "
        "{ name ...F ... on User { age } ... { id } } } fragment F on User { city }");
    ASSERT_EQ(document->operations().size(), 1u);
    const AstOperation& operation = document->operations()[0];
    EXPECT_EQ(operation.name, "Q");
    ASSERT_EQ(operation.variables.size(), 2u);
    EXPECT_EQ(operation.variables[0].name, "a");
    EXPECT_TRUE(operation.variables[0].type->non_null);
    EXPECT_EQ(operation.variables[0].default_value->text, "3");
    ASSERT_NE(operation.variables[1].type->inner, nullptr);
    EXPECT_TRUE(operation.variables[1].type->inner->non_null);
    EXPECT_EQ(operation.directives[0].arguments[0].value->kind, AstValue::Kind::enumeration);

    const AstSelection& field = *operation.selections[0];
    EXPECT_EQ(field.response_key(), "one");
    EXPECT_EQ(field.name, "User");
    EXPECT_EQ(field.directives[0].name, "d");
    ASSERT_EQ(field.arguments.size(), 3u);
    EXPECT_EQ(field.arguments[0].value->kind, AstValue::Kind::variable);
    EXPECT_EQ(field.arguments[0].value->text, "a");
    EXPECT_EQ(print_value(*field.arguments[1].value), "[1, 2.5]");
    EXPECT_EQ(print_value(*field.arguments[2].value), "{k: \"v\"}");
    ASSERT_EQ(field.selections.size(), 4u);
    EXPECT_EQ(field.selections[1]->kind, AstSelection::Kind::fragment_spread);
    EXPECT_EQ(field.selections[2]->type_condition, "User");
    EXPECT_EQ(field.selections[3]->type_condition, "");
    ASSERT_NE(document->fragment("F"), nullptr);
    EXPECT_EQ(document->fragment("F")->type_condition, "User");
    EXPECT_EQ(document->fragment("G"), nullptr);
}

TEST(DocumentParser, Values_EveryKind_IsRecognised) {
    auto document = parse("{a(v: [null, true, false, -0, 1e10, -1.5E-3, \"s\", WORD, $x, {}, []])}");
    std::span<const AstValue* const> items =
        document->operations()[0].selections[0]->arguments[0].value->items;
    using Kind = AstValue::Kind;
    Kind expected[] = {Kind::null,     Kind::boolean,  Kind::boolean, Kind::integer,
                       Kind::floating, Kind::floating, Kind::string,  Kind::enumeration,
                       Kind::variable, Kind::object,   Kind::list};
    ASSERT_EQ(items.size(), std::size(expected));
    for (std::size_t i = 0; i < items.size(); ++i) EXPECT_EQ(items[i]->kind, expected[i]) << i;
    EXPECT_TRUE(items[1]->boolean);
    EXPECT_FALSE(items[2]->boolean);
    EXPECT_EQ(items[5]->text, "-1.5E-3");
    EXPECT_EQ(print_value(*items[0]), "<nil>");
    EXPECT_EQ(print_value(*items[8]), "$x");
}

TEST(DocumentParser, Names_OfManyFragments_AreFound) {
    std::string text = "{ a }";
    for (int i = 0; i < 40; ++i)
        text += " fragment F" + std::to_string(i) + " on T" + std::to_string(i) + " { a }";
    auto document = parse(text);
    for (int i = 0; i < 40; ++i) {
        const AstFragment* fragment = document->fragment("F" + std::to_string(i));
        ASSERT_NE(fragment, nullptr);
        EXPECT_EQ(fragment->type_condition, "T" + std::to_string(i));
    }
}

std::string string_value(std::string_view literal) {
    auto document = parse("{a(v: " + std::string(literal) + ")}");
    return std::string(document->operations()[0].selections[0]->arguments[0].value->text);
}

TEST(DocumentParser, Strings_Escapes_AreDecoded) {
    EXPECT_EQ(string_value(R"("a\"b\\c\/d\b\f\n\r\t")"), "a\"b\\c/d\b\f\n\r\t");
    EXPECT_EQ(string_value(R"("\u0041\u00e9\u20AC")"), "Aé€");
    EXPECT_EQ(string_value(R"("\ud83d\ude00")"), "😀");
    EXPECT_EQ(string_value(R"("\ud83dx")"), "\xEF\xBF\xBDx");
    EXPECT_EQ(string_value(R"("\ude00\ud83d\u0041")"),
              "\xEF\xBF\xBD\xEF\xBF\xBD"
              "A");
    EXPECT_EQ(string_value("\"é\t\""), "é\t");
    EXPECT_EQ(string_value("\"\""), "");
}

TEST(DocumentParser, BlockStrings_CommonIndentation_IsRemoved) {
    EXPECT_EQ(string_value("\"\"\"\n    one\n      two\n\n    three\n  \"\"\""), "one\n  two\n\nthree");
    EXPECT_EQ(string_value(R"("""a \""" b "c" \n""")"), "a \"\"\" b \"c\" \\n");
    EXPECT_EQ(string_value("\"\"\"\r\n x\r y\"\"\""), "x\ny");
}

TEST(DocumentParser, Ignored_CommentsCommasMarks_AreSkipped) {
    auto document = parse("\xEF\xBB\xBF# first } {\n{,a,\t#x\r\n b } # no line end");
    EXPECT_EQ(document->operations()[0].selections.size(), 2u);
    EXPECT_EQ(error_of("{a # never closed").message.substr(0, 56),
              "Syntax Error GraphQL request (1:18) Expected Name, found");
}

TEST(DocumentParser, EmptyDocument_IsNoError) {
    EXPECT_TRUE(parse("")->operations().empty());
    EXPECT_TRUE(parse(" # only a comment\n")->operations().empty());
}

TEST(DocumentParser, SyntaxError_Excerpt_ShowsLineCaretAndNeighbours) {
    EXPECT_EQ(error_of("{").message,
              "Syntax Error GraphQL request (1:2) Expected Name, found EOF\n\n1: {\n    ^\n");
    EXPECT_EQ(error_of("mutation {\n\t\t\t\t\tdelete_User{\n\n\t\t\t\t\t}\n\t\t\t\t}").message,
              "Syntax Error GraphQL request (2:17) Unexpected empty IN {}\n\n1: mutation {\n"
              "2: \\u0009\\u0009\\u0009\\u0009\\u0009delete_User{\n                   ^\n3: \n");
    EXPECT_EQ(error_of("foo", "").message,
              "Syntax Error GraphQL (1:1) Unexpected Name \"foo\"\n\n1: foo\n   ^\n");
    EXPECT_EQ(error_of("type XT", "").message,
              "Syntax Error GraphQL (1:8) Expected {, found EOF\n\n1: type XT\n          ^\n");
    EXPECT_EQ(error_of("query {  }").message,
              "Syntax Error GraphQL request (1:7) Unexpected empty IN {}\n\n1: query {  }\n         ^\n");
}

TEST(DocumentParser, SyntaxError_LineNumbers_AreRightAlignedToTheNext) {
    std::string text = "{\n\n\n\n\n\n\n\n a(";
    EXPECT_EQ(error_of(text).message,
              "Syntax Error GraphQL request (9:4) Expected Name, found EOF\n\n 8: \n 9:  a(\n       ^\n");
    EXPECT_EQ(place_of("{\r\n}\r\n"), "(1:1)");
    EXPECT_EQ(place_of("{\r\n a\r b(\n"), "(4:1)");
}

TEST(DocumentParser, SyntaxErrors_Details_NameTheToken) {
    EXPECT_EQ(detail_of("{a}}"), "Unexpected }");
    EXPECT_EQ(detail_of("{a(b)}"), "Expected :, found )");
    EXPECT_EQ(detail_of("{a(b:)}"), "Unexpected )");
    EXPECT_EQ(detail_of("{a()}"), "Unexpected empty IN ()");
    EXPECT_EQ(detail_of("query Q() {a}"), "Unexpected empty IN ()");
    EXPECT_EQ(detail_of("{a(b: \"x\" \"y\")}"), "Expected Name, found String \"y\"");
    EXPECT_EQ(detail_of("{a(b: \"x\" \"\")}"), "Expected Name, found String");
    EXPECT_EQ(detail_of("{a 1}"), "Expected Name, found Int \"1\"");
    EXPECT_EQ(detail_of("{a 1.5}"), "Expected Name, found Float \"1.5\"");
    EXPECT_EQ(detail_of("fragment on on User {a}"), "Unexpected Name \"on\"");
    EXPECT_EQ(detail_of("fragment F in User {a}"), "Expected \"on\", found Name \"in\"");
    EXPECT_EQ(detail_of("query Q($a) {a}"), "Expected :, found )");
    EXPECT_EQ(detail_of("query Q($a: Int = $b) {a}"), "Unexpected $");
    EXPECT_EQ(detail_of("query Q($a:) {a}"), "Expected Name, found )");
    EXPECT_EQ(detail_of("query Q($a: [Int) {a}"), "Expected ], found )");
    EXPECT_EQ(detail_of("{...}"), "Expected {, found }");
    EXPECT_EQ(detail_of("schema { foo: Bar }"), "Unexpected Name \"foo\"");
    EXPECT_EQ(detail_of("\"text\" foo"), "Unexpected Name \"foo\"");
}

TEST(DocumentParser, LexicalErrors_Details_AreExact) {
    EXPECT_EQ(detail_of("{a(b: \"x)}"), "Unterminated string.");
    EXPECT_EQ(detail_of("{a(b: \"x\n\")}"), "Unterminated string.");
    EXPECT_EQ(detail_of("{a(b: \"\"\"x\"\")}"), "Unterminated string.");
    EXPECT_EQ(detail_of("{a(b: 01)}"), "Invalid number, unexpected digit after 0: \"1\".");
    EXPECT_EQ(detail_of("{a(b: 1.)}"), "Invalid number, expected digit but got: \")\".");
    EXPECT_EQ(detail_of("{a(b: 1.e5)}"), "Invalid number, expected digit but got: \"e\".");
    EXPECT_EQ(detail_of("{a(b: 1e)}"), "Invalid number, expected digit but got: \")\".");
    EXPECT_EQ(detail_of("{a(b: 1e+)}"), "Invalid number, expected digit but got: \")\".");
    EXPECT_EQ(detail_of("{a(b: -)}"), "Invalid number, expected digit but got: \")\".");
    EXPECT_EQ(detail_of("{a(b: -"), "Invalid number, expected digit but got: <EOF>.");
    EXPECT_EQ(detail_of(R"({a(b: "x\q")})"), R"(Invalid character escape sequence: \\q.)");
    EXPECT_EQ(detail_of(R"({a(b: "x\u12"))"), R"(Invalid character escape sequence: \\u12").)");
    EXPECT_EQ(detail_of("{é}"), R"(Unexpected character "\\u00E9".)");
    EXPECT_EQ(detail_of("{?}"), "Unexpected character \"?\".");
    EXPECT_EQ(detail_of("{..}"), "Unexpected character \".\".");
    EXPECT_EQ(detail_of("{\x01}"), R"(Invalid character "\\u0001")");
    EXPECT_EQ(detail_of("{a(b: \"\x02\")}"), R"(Invalid character within String: "\\u0002".)");
    EXPECT_EQ(place_of(R"("bad \z esc")"), "(1:7)");
    EXPECT_EQ(place_of("\"no end quote"), "(1:14)");
    EXPECT_EQ(place_of("{a(b: 01)}"), "(1:8)");
}

TEST(DocumentParser, TypeSystem_Definitions_KeepWhatIsUsed) {
    auto document = parse(R"(
        "described" type User implements A & B @index(name: "x") {
            "what" name(arg: Int = 3 @d): String! @crdt(type: lww)
            friends: [User!] bare: }
        interface Emb { a: Int }
        enum E { A @x B } union U = A | B scalar S @y input I { f: Int = 1 } extend type User { z: Int }
        directive @x(a: Int) on FIELD | OBJECT
        schema { query: Query }
        type Empty {}
    )",
                          "");
    ASSERT_EQ(document->types().size(), 10u);
    const AstTypeDefinition& user = document->types()[0];
    EXPECT_EQ(user.kind, AstTypeDefinition::Kind::object);
    EXPECT_EQ(user.name, "User");
    ASSERT_EQ(user.fields.size(), 3u);
    EXPECT_TRUE(user.fields[0].type->non_null);
    EXPECT_EQ(user.fields[0].arguments[0].directives[0].name, "d");
    EXPECT_EQ(user.fields[1].type->inner->name, "User");
    EXPECT_EQ(user.fields[2].type, nullptr);
    EXPECT_EQ(document->types()[1].kind, AstTypeDefinition::Kind::interface);
    for (std::size_t i = 2; i < 9; ++i)
        EXPECT_EQ(document->types()[i].kind, AstTypeDefinition::Kind::other) << i;
    EXPECT_EQ(document->types()[6].keyword, "extend");
    EXPECT_TRUE(document->types()[9].fields.empty());
}

TEST(DocumentParser, Utf8_BrokenText_IsRefused) {
    EXPECT_EQ(error_of("{a(b: \"\xC3\")}").code, ErrorCode::invalid_argument);
    EXPECT_EQ(error_of("\xFF").message, "document is not valid UTF-8 text");
}

std::string nested(std::size_t depth, std::string_view open, std::string_view inner, std::string_view close) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += open;
    text += inner;
    for (std::size_t i = 0; i < depth; ++i) text += close;
    return text;
}

TEST(DocumentParser, Depth_AtTheLimit_ParsesAndOnePastFails) {
    std::size_t limit = limits::kMaxSyntaxDepth;
    EXPECT_TRUE(Document::parse(nested(limit, "{a", "", "}"), "request").has_value());
    EXPECT_TRUE(Document::parse("{a(v: " + nested(limit - 1, "[", "", "]") + ")}", "request").has_value());
    EXPECT_TRUE(Document::parse("{a(v: " + nested(limit - 1, "{k:", "1", "}") + ")}", "request").has_value());
    EXPECT_TRUE(Document::parse("query Q($v: " + nested(limit - 1, "[", "Int", "]") + ") {a}", "request")
                    .has_value());
    for (const std::string& text : {
             nested(limit + 1, "{a", "", "}"),
             "{a(v: " + nested(limit, "[", "", "]") + ")}",
             "{a(v: " + nested(limit, "{k:", "1", "}") + ")}",
             "query Q($v: " + nested(limit, "[", "Int", "]") + ") {a}",
             nested(100'000, "{a", "", ""),
             "{a(v: " + nested(100'000, "[", "", ""),
         }) {
        EXPECT_EQ(error_of(text).code, ErrorCode::limit_exceeded) << text.substr(0, 40);
        EXPECT_EQ(error_of(text).message.substr(0, 34), "nesting is too deep. Limit: 200, L")
            << text.substr(0, 40);
    }
}

TEST(DocumentParser, Size_OnePastTheLimit_Fails) {
    std::string text = "{a}";
    text.resize(limits::kMaxRequestBytes, ' ');
    EXPECT_TRUE(Document::parse(text, "request").has_value());
    text += ' ';
    EXPECT_EQ(error_of(text).message, "document is too large. Limit: 8388608, Actual: 8388609");
}

TEST(DocumentParser, SizeOfSdl_OnePastTheLimit_Fails) {
    std::string text = "type A { b: Int }";
    text.resize(limits::kMaxSdlBytes, ' ');
    EXPECT_TRUE(Document::parse(text, "").has_value());
    text += ' ';
    const auto refused = Document::parse(text, "");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::limit_exceeded);
    EXPECT_EQ(refused.error().message, "document is too large. Limit: 8388608, Actual: 8388609");
}

TEST(DocumentParser, Tokens_OnePastTheLimit_Fail) {
    // The end of the document is a token too.
    std::string fields;
    for (std::size_t i = 0; i + 3 < limits::kMaxSyntaxTokens; ++i) fields += "a ";
    EXPECT_TRUE(Document::parse("{" + fields + "}", "request").has_value());
    EXPECT_EQ(error_of("{" + fields + "a }").code, ErrorCode::limit_exceeded);
}

}  // namespace
}  // namespace cairn::query
