#include "collections/doc_id.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "collections/json_document.h"
#include "collections/multibase.h"

namespace cairn {
namespace {

std::string hex_of(std::string_view bytes) {
    std::string out;
    for (char c : bytes) {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(c));
        out += digits;
    }
    return out;
}

// One type of a vector's SDL, as far as documents need it: kinds, defaults, sizes, and which names a relation
// goes by.
struct TestField {
    std::string stored_name;
    FieldKind kind = FieldKind::none;  // none: the side of a relation that may not be set
    std::size_t size = 0;
    std::optional<Value> default_value;
};
struct TestType : JsonFieldResolver {
    std::map<std::string, TestField, std::less<>> fields;

    Result<FieldKind> kind_of(std::string_view name) const override {
        auto field = fields.find(name);
        if (field == fields.end()) return FieldKind::none;
        if (field->second.kind == FieldKind::none) {
            return fail(ErrorCode::invalid_argument,
                        "cannot set relation from secondary side. Name: " + std::string(name));
        }
        return field->second.kind;
    }
};

std::string_view between(std::string_view text, std::string_view open, std::string_view close) {
    std::size_t begin = text.find(open);
    if (begin == text.npos) return {};
    begin += open.size();
    std::size_t end = text.find(close, begin);
    return text.substr(begin, end - begin);
}

Value default_of(std::string_view directives, FieldKind kind) {
    std::string_view argument = between(directives, "@default(", ")");
    return parse_json_value(argument.substr(argument.find(':') + 1), kind).value();
}

// Reads "name: Type @directive(…)" items; the vectors' SDL is regular enough.
TestType read_type(std::string_view sdl, const std::string& name) {
    TestType type;
    type.fields["_docID"] = {"_docID", FieldKind::id, 0, std::nullopt};
    std::string_view rest = sdl.substr(sdl.find("type " + name + " {") + name.size() + 7);
    while (true) {
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
        if (rest.starts_with('}')) return type;
        std::string field(rest.substr(0, rest.find(':')));
        rest.remove_prefix(field.size() + 2);
        std::string kind_text(rest.substr(0, rest.find(' ')));
        rest.remove_prefix(kind_text.size() + 1);
        std::size_t length = 0;
        for (int depth = 0; length < rest.size(); ++length) {
            bool is_name = rest[length] != '@' && (length == 0 || rest[length - 1] == ' ');
            if (depth == 0 && is_name && rest[length] != ' ') break;
            depth += rest[length] == '(' ? 1 : rest[length] == ')' ? -1 : 0;
        }
        std::string_view directives = rest.substr(0, length);
        rest.remove_prefix(length);
        TestField described{field, kind_from_name(kind_text), 0, std::nullopt};
        if (described.kind == FieldKind::none && kind_text[0] != '[') {  // a relation's primary side
            described = {field + "_id", FieldKind::id, 0, std::nullopt};
            type.fields[field + "_id"] = described;
        }
        if (directives.find("@default") != directives.npos)
            described.default_value = default_of(directives, described.kind);
        if (auto size = between(directives, "size: ", ")"); !size.empty())
            described.size = std::stoul(std::string(size));
        type.fields[field] = described;
    }
}

using Document = std::map<std::string, std::pair<FieldKind, Value>>;

Result<Document> read_document(const TestType& type, const std::string& json) {
    Document out;
    for (const auto& [name, field] : type.fields) {
        if (field.default_value) out[field.stored_name] = {field.kind, *field.default_value};
    }
    CAIRN_ASSIGN(std::vector<NamedValue> values, parse_json_document(json, type));
    for (NamedValue& given : values) {
        const TestField& field = type.fields.find(given.name)->second;
        const auto* array = given.value.get_if<Value::Array>();
        if (field.size > 0 && array != nullptr && array->size() != field.size) {
            return fail(ErrorCode::invalid_argument,
                        "array size mismatch. Actual: " + std::to_string(array->size()) +
                            ", Expected: " + std::to_string(field.size));
        }
        out[field.stored_name] = {field.kind, std::move(given.value)};
    }
    return out;
}

std::string document_cbor(const Document& document) {
    std::vector<DocumentMapEntry> entries;
    for (const auto& [name, field] : document) entries.push_back({name, &field.second, field.first});
    std::string out;
    encode_document_map(std::move(entries), out);
    return out;
}

void check_accepted(const nlohmann::json& vector, const Document& document, const std::string& root) {
    std::string cbor = document_cbor(document);
    EXPECT_EQ(hex_of(cbor), vector["cbor"]) << vector["doc"];
    EXPECT_EQ(compute_doc_id(cbor, root).text(), vector["docID"]) << vector["doc"];
    EXPECT_EQ(document.size(), vector["fieldBytes"].size()) << vector["doc"];
    for (const auto& [name, field] : document) {
        std::string bytes;
        encode_field_bytes(field.second, field.first, bytes);
        EXPECT_EQ(hex_of(bytes), vector["fieldBytes"].value(name, "absent"))
            << name << " of " << vector["doc"];
        auto back = decode_field_bytes(bytes, field.first);
        ASSERT_TRUE(back.has_value()) << back.error().message;
        std::string again;
        encode_field_bytes(*back, field.first, again);
        EXPECT_EQ(again, bytes);
    }
}

TEST(DocId, GoldenVectors_AgreeInEveryByteAndMessage) {
    std::ifstream file(CAIRN_TEST_DATA "/vectors/doc_ids.json");
    auto vectors = nlohmann::json::parse(file);
    int accepted = 0, refused = 0;
    for (const auto& group : vectors["cases"]) {
        TestType type = read_type(group["sdl"].get<std::string>(), group["collection"]);
        for (const auto& vector : group["docs"]) {
            auto document = read_document(type, vector["doc"].get<std::string>());
            if (vector.contains("error")) {
                ASSERT_FALSE(document.has_value()) << vector["doc"];
                EXPECT_EQ(document.error().message, vector["error"]) << vector["doc"];
                ++refused;
                continue;
            }
            ASSERT_TRUE(document.has_value()) << vector["doc"] << document.error().message;
            check_accepted(vector, *document, group["schemaRoot"]);
            ++accepted;
        }
    }
    std::printf("doc_ids.json: %d documents, %d refusals\n", accepted, refused);
    EXPECT_EQ(accepted + refused, 233);
}

TEST(DocId, Text_ReadsBack) {
    EXPECT_TRUE(rc::check("round trip", [] {
        DocId id;
        for (auto& byte : id.uuid) byte = *rc::gen::arbitrary<std::uint8_t>();
        std::string text = id.text(), appended = "x";
        id.append_text(appended);
        RC_ASSERT(appended == "x" + text);
        RC_ASSERT(text.size() == kDocIdTextBytes);
        RC_ASSERT(DocId::from_text(text) == id);
        RC_ASSERT(DocId::from_key(id.key()) == id);
        RC_ASSERT(validate_doc_id_text(text).has_value());
        std::size_t place = static_cast<std::size_t>(*rc::gen::inRange(0, 40));
        text[place] = *rc::gen::element('g', 'A', ' ', '-', '\0', 'B');
        RC_ASSERT(!DocId::from_text(text).has_value() || DocId::from_text(text)->text() == text);
    }));
}

TEST(DocId, Order_IsThatOfTheTexts) {
    EXPECT_TRUE(rc::check("order", [] {
        DocId a, b;
        for (auto& byte : a.uuid) byte = *rc::gen::element<std::uint8_t>(0x09, 0x0a, 0xa0, 0xff);
        for (auto& byte : b.uuid) byte = *rc::gen::element<std::uint8_t>(0x09, 0x0a, 0xa0, 0xff);
        RC_ASSERT((a < b) == (a.text() < b.text()));
        RC_ASSERT((a < b) == (a.key() < b.key()));
    }));
}

TEST(DocId, OtherSpellings_AreNoStoredForm) {
    for (std::string_view text :
         {"", "bae-", "bae-BE6D8024-4953-5A92-84B4-F042D25230C6", "bae-be6d8024495352a984b4f042d25230c6",
          "baf-be6d8024-4953-5a92-84b4-f042d25230c6", "bae-be6d8024-4953-5a92-84b4-f042d25230c6 ",
          "bae-be6d8024_4953-5a92-84b4-f042d25230c6", "bae-ge6d8024-4953-5a92-84b4-f042d25230c6"}) {
        EXPECT_FALSE(DocId::from_text(text).has_value()) << text;
    }
}

TEST(DocIdText, AcceptedForms) {
    for (std::string_view text :
         {"bae-be6d8024-4953-5a92-84b4-f042d25230c6", "bae-BE6D8024-4953-5A92-84B4-F042D25230C6",
          "bae-be6d802449535a9284b4f042d25230c6", "bae-urn:uuid:be6d8024-4953-5a92-84b4-f042d25230c6",
          "bae-{be6d8024-4953-5a92-84b4-f042d25230c6}", "bae-{be6d802449535a9284b4f042d25230c6}",
          "BAE-be6d8024-4953-5a92-84b4-f042d25230c6", "f01-be6d8024-4953-5a92-84b4-f042d25230c6",
          "z2-be6d8024-4953-5a92-84b4-f042d25230c6", "mAQ-be6d8024-4953-5a92-84b4-f042d25230c6"}) {
        auto status = validate_doc_id_text(text);
        EXPECT_TRUE(status.has_value()) << text << ": " << status.error().message;
    }
}

TEST(DocIdText, RefusedForms_HaveTheReferencesMessages) {
    auto message = [](std::string_view text) {
        auto status = validate_doc_id_text(text);
        return status ? "accepted" : status.error().message;
    };
    EXPECT_EQ(message(""), "malformed document ID, missing either version or cid");
    EXPECT_EQ(message("nope"), "malformed document ID, missing either version or cid");
    EXPECT_EQ(message("bae-35953ca-518d-9e6b-9ce6cd00eff5"),
              R"(uuid: incorrect UUID length 30 in string "35953ca-518d-9e6b-9ce6cd00eff5")");
    EXPECT_EQ(message("bae-"), R"(uuid: incorrect UUID length 0 in string "")");
    EXPECT_EQ(message("bae-xe6d8024-4953-5a92-84b4-f042d25230c6"), "uuid: invalid UUID format");
    EXPECT_EQ(message("bae-be6d8024_4953-5a92-84b4-f042d25230c6"),
              R"(uuid: incorrect UUID format in string "be6d8024_4953-5a92-84b4-f042d25230c6")");
    EXPECT_EQ(message("bae-(be6d8024-4953-5a92-84b4-f042d25230c6)"),
              R"x(uuid: incorrect UUID format in string "(be6d8024-4953-5a92-84b4-f042d25230c6)")x");
    EXPECT_EQ(message("bai-be6d8024-4953-5a92-84b4-f042d25230c6"), "invalid document ID version");
    EXPECT_EQ(message("b-be6d8024-4953-5a92-84b4-f042d25230c6"), "invalid document ID version");
    EXPECT_EQ(message("x-be6d8024-4953-5a92-84b4-f042d25230c6"), "selected encoding not supported");
    EXPECT_NE(message("b1-be6d8024-4953-5a92-84b4-f042d25230c6").find("invalid character"),
              std::string::npos);
}

TEST(Multibase, KnownTexts_OfEachBase) {
    // The examples of the multibase specification.
    EXPECT_EQ(multibase_decode("F446563656E7472616C697A652065766572797468696E672121").value(),
              "Decentralize everything!!");
    EXPECT_EQ(multibase_decode("BIRSWGZLOORZGC3DJPJSSAZLWMVZHS5DINFXGOIJB").value(),
              "Decentralize everything!!");
    EXPECT_EQ(multibase_decode("v8him6pbeehp62r39f9ii0pbmclp7it38d5n6e891").value(),
              "Decentralize everything!!");
    EXPECT_EQ(multibase_decode("k343ixo7d49hqj1ium15pgy1wzww5fxrid21td7l").value(),
              "Decentralize everything!!");
    EXPECT_EQ(multibase_decode("zUXE7GvtEk8XTXs1GF8HSGbVA9FCX9SEBPe").value(), "Decentralize everything!!");
    EXPECT_EQ(multibase_decode("mRGVjZW50cmFsaXplIGV2ZXJ5dGhpbmchIQ").value(), "Decentralize everything!!");
    EXPECT_EQ(multibase_decode("MRGVjZW50cmFsaXplIGV2ZXJ5dGhpbmchIQ==").value(), "Decentralize everything!!");
    EXPECT_EQ(multibase_decode("000000001").value(), "\x01");
    EXPECT_EQ(multibase_decode("z112").value(), std::string("\0\0\1", 3));
    EXPECT_FALSE(multibase_decode("").has_value());
    EXPECT_FALSE(multibase_decode("z" + std::string(2000, '2')).has_value());
}

TEST(DocumentMap, NullsAreDroppedAndKeysSorted) {
    Value null, one(std::int64_t{1}), year_one(std::string("0001-01-01T00:00:00Z"));
    Value list(Value::Array{Value(std::int64_t{7}), Value()});
    std::string out = "kept ";
    encode_document_map({{"bb", &one, FieldKind::integer},
                         {"c", &year_one, FieldKind::date_time},
                         {"ab", &null, FieldKind::integer},
                         {"aa", &list, FieldKind::nillable_integer_array}},
                        out);
    EXPECT_EQ(out,
              "kept \xa3\x61"
              "c\xf6\x62"
              "aa\x82\xa0\xa0\x62"
              "bb\x01");
}

TEST(DocId, LargeDocument_IsHashedWhole) {
    std::string a(1 << 20, 'x'), b = a;
    b.back() = 'y';
    EXPECT_NE(compute_doc_id(a, "root"), compute_doc_id(b, "root"));
    EXPECT_EQ(compute_doc_id(a, "root"), compute_doc_id(a, "root"));
    EXPECT_EQ(compute_doc_id("ab", "c"), compute_doc_id("a", "bc")) << "only the joined bytes count";
}

}  // namespace
}  // namespace cairn
