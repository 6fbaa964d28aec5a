// Calls of a transaction beside GraphQL: documents, indexes, schema (spec/http-and-cli.md 6, spec/schema.md
// 9, 12, 15), on a store in memory.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cairn/database.h"

namespace cairn::test {
namespace {

using nlohmann::json;

class DocumentCalls : public testing::Test {
  protected:
    DocumentCalls() : database_(open()) {
        auto added = database_.add_schema(
            "type User { name: String  age: Int  points: Int @crdt(type: pncounter)  pet: Pet @primary }"
            "type Pet { name: String  user: User }");
        EXPECT_TRUE(added) << added.error().message;
    }
    static Database open() {
        Options options;
        options.in_memory = true;
        return *Database::open("nowhere", options);
    }
    template <typename Call>
    auto write(Call call) -> decltype(call(std::declval<Transaction&>())) {
        std::optional<decltype(call(std::declval<Transaction&>()))> result;
        Status status = database_.write([&](Transaction& transaction) -> Status {
            result = call(transaction);
            return *result ? Status() : std::unexpected(result->error());
        });
        if (!status) return std::unexpected(status.error());
        return std::move(*result);
    }
    std::vector<std::string> create(std::string_view text) {
        auto ids =
            write([&](Transaction& transaction) { return transaction.create_documents("User", text); });
        EXPECT_TRUE(ids) << ids.error().message;
        return ids.value_or(std::vector<std::string>());
    }
    std::string create_error(std::string_view text) {
        auto ids =
            write([&](Transaction& transaction) { return transaction.create_documents("User", text); });
        return ids ? "" : ids.error().message;
    }
    json get(const std::string& id, bool show_deleted = false) {
        json found;
        Status status = database_.read([&](Transaction& transaction) -> Status {
            CAIRN_ASSIGN(std::string text, transaction.get_document("User", id, show_deleted));
            found = json::parse(text);
            return {};
        });
        return status ? found : json(status.error().message);
    }
    json update(std::string_view filter, std::string_view updater) {
        auto ids = write(
            [&](Transaction& transaction) { return transaction.update_documents("User", filter, updater); });
        return ids ? json(*ids) : json(ids.error().message);
    }

    Database database_;
};

TEST_F(DocumentCalls, Create_ArrayWithAWrongLastDocument_CreatesNone) {
    EXPECT_EQ(create_error(R"([{"name":"Ann"},{"name":5}])"),
              "value doesn't contain string; it contains number");
    EXPECT_EQ(create(R"([{"name":"Ann"},{"name":"Bob"}])").size(), 2u);
    EXPECT_TRUE(create("[]").empty());
    EXPECT_NE(create_error(R"([{"name":"Cid"},{"name":"Ann"}])").find("already exists. DocID: bae-"),
              std::string::npos);
    EXPECT_EQ(create(R"({"name":"Cid"})").size(), 1u);
}

TEST_F(DocumentCalls, Create_BodyThatIsNoDocument_NamesWhatItIs) {
    EXPECT_EQ(create_error("[5]"), "value doesn't contain object; it contains number");
    EXPECT_EQ(create_error("null"), "value doesn't contain object; it contains null");
    EXPECT_NE(create_error("").find("cannot parse empty string"), std::string::npos);
    EXPECT_NE(create_error(R"([{"name":"Ann"})").find("cannot parse array"), std::string::npos);
    EXPECT_EQ(create_error("[{}] x"), "unexpected tail: \"x\"");
}

TEST_F(DocumentCalls, Get_DocumentWithRelation_HasKeysInByteOrder) {
    auto pet = write(
        [](Transaction& transaction) { return transaction.create_document("Pet", R"({"name":"Rex"})"); });
    ASSERT_TRUE(pet);
    std::string id = create(fmt::format(R"({{"name":"Ann","pet":"{}"}})", *pet)).at(0);
    std::string text;
    ASSERT_TRUE(database_.read([&](Transaction& transaction) -> Status {
        CAIRN_ASSIGN(text, transaction.get_document("User", id));
        return {};
    }));
    EXPECT_EQ(text, fmt::format(R"({{"_docID":"{}","name":"Ann","pet_id":"{}"}})", id, *pet));
}

TEST_F(DocumentCalls, Get_IdInAnotherSpelling_FindsTheDocument) {
    std::string id = create(R"({"name":"Ann"})").at(0);
    std::string upper = "bae-";
    for (char c : id.substr(4)) upper += static_cast<char>(std::toupper(c));
    EXPECT_EQ(get(upper).at("name"), "Ann");
    EXPECT_EQ(get("x"), "malformed document ID, missing either version or cid");
    EXPECT_EQ(get("bae-x"), "uuid: incorrect UUID length 1 in string \"x\"");
    EXPECT_EQ(get("bae-00000000-0000-5000-8000-000000000000"),
              "document not found or not authorized to access");
}

TEST_F(DocumentCalls, Update_NullAndCounter_RemovesAndAdds) {
    std::string id = create(R"({"name":"Ann","age":3,"points":4})").at(0);
    auto update_by = [&](std::string_view text) {
        Status status = database_.write(
            [&](Transaction& transaction) { return transaction.update_document("User", id, text); });
        return status ? std::string() : status.error().message;
    };
    EXPECT_EQ(update_by(R"({"age":null,"points":2})"), "");
    EXPECT_EQ(get(id), json({{"_docID", id}, {"name", "Ann"}, {"points", 6}}));
    EXPECT_EQ(update_by("{}"), "");
    EXPECT_EQ(update_by("[]"), "value doesn't contain object; it contains array");
}

TEST_F(DocumentCalls, Delete_Twice_TellsThatItIsDeleted) {
    std::string id = create(R"({"name":"Ann"})").at(0);
    auto remove = [&] {
        return database_.write(
            [&](Transaction& transaction) { return transaction.delete_document("User", id); });
    };
    EXPECT_TRUE(remove());
    Status again = remove();
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().message, "a document with the given ID has been deleted. DocID: " + id);
    EXPECT_EQ(get(id), "document not found or not authorized to access");
    EXPECT_EQ(get(id, true).at("name"), "Ann");
}

TEST_F(DocumentCalls, UpdateByFilter_BothForms_ChangeTheMatching) {
    auto ids = create(R"([{"name":"Ann","age":1},{"name":"Bob","age":2}])");
    EXPECT_EQ(update(R"({"name":{"_eq":"Bob"}})", R"({"age":7})"), json({ids[1]}));
    EXPECT_EQ(get(ids[1]).at("age"), 7);
    EXPECT_EQ(update(R"("{name: {_eq: \"Ann\"}}")", R"({"age":8})"), json({ids[0]}));
    EXPECT_EQ(get(ids[0]).at("age"), 8);
    EXPECT_EQ(update("{}", "[]").size(), 2u);
    EXPECT_EQ(update(R"({"name":{"_eq":"Zoe"}})", "5"), json::array());
}

TEST_F(DocumentCalls, UpdateByFilter_WrongFilterOrUpdater_IsRefused) {
    create(R"({"name":"Ann"})");
    for (std::string_view filter : {"", "5", "[]", "null", "\"\""}) {
        EXPECT_EQ(update(filter, "{}"), "invalid filter") << filter;
    }
    EXPECT_EQ(update(R"("{garbage}")", "{}"),
              "Syntax Error GraphQL (1:9) Expected :, found }\n\n1: {garbage}\n           ^\n");
    EXPECT_TRUE(update(R"({"nope":{"_eq":1}})", "{}").get<std::string>().starts_with("key not found"));
    EXPECT_TRUE(update(R"("{nope: {_eq: 1}}")", "{}").get<std::string>().starts_with("key not found"));
    EXPECT_TRUE(update(R"({"name":{"_near":"x"}})", "{}").get<std::string>().starts_with("key not found"));
    EXPECT_EQ(update("{}", "5"), "the updater of a document is of invalid type");
    EXPECT_EQ(update("5", "{"), "cannot parse JSON: cannot parse object: missing '}'; unparsed tail: \"\"");
    EXPECT_EQ(update("{}", ""), "cannot parse JSON: cannot parse empty string; unparsed tail: \"\"");
}

TEST_F(DocumentCalls, DocumentIds_WithDeletedOnes_ComeInOrderPageByPage) {
    std::string text = "[";
    for (int i = 0; i < 50; ++i) text += fmt::format(R"({}{{"age":{}}})", i == 0 ? "" : ",", i);
    auto ids = create(text + "]");
    std::sort(ids.begin(), ids.end());
    ASSERT_TRUE(database_.write([&](Transaction& transaction) -> Status {
        for (std::size_t i = 0; i < ids.size(); i += 3)
            CAIRN_TRY(transaction.delete_document("User", ids[i]));
        return {};
    }));
    std::vector<std::string> found;
    ASSERT_TRUE(database_.read([&](Transaction& transaction) -> Status {
        for (;;) {
            CAIRN_ASSIGN(auto page,
                         transaction.document_ids("User", found.empty() ? "" : found.back(), 7, true));
            if (page.empty()) return {};
            EXPECT_LE(page.size(), 7u);
            found.insert(found.end(), page.begin(), page.end());
        }
    }));
    EXPECT_EQ(found, ids);
}

TEST_F(DocumentCalls, CreateIndex_ExistingDocuments_GetEntriesAndAreChecked) {
    auto ids = create(R"([{"name":"Ann","age":1},{"name":"Ann","age":2},{"age":3},{"age":4}])");
    auto unique = write([](Transaction& transaction) {
        return transaction.create_index("User", {.name = "", .fields = {{"name"}}, .unique = true});
    });
    ASSERT_FALSE(unique);
    EXPECT_EQ(unique.error().message,
              fmt::format("can not index a doc's field(s) that violates unique index. DocID: {}, name: Ann",
                          std::max(ids[0], ids[1])));
    auto plain = write([](Transaction& transaction) {
        return transaction.create_index("User",
                                        {.name = "", .fields = {{"name"}, {"age", true}}, .unique = false});
    });
    ASSERT_TRUE(plain) << plain.error().message;
    EXPECT_EQ(*plain, R"({"Name":"User_name_ASC","ID":1,"Fields":[{"Name":"name","Descending":false},)"
                      R"({"Name":"age","Descending":true}],"Unique":false})");
    EXPECT_EQ(database_.check()->index_entries, 4u);
    EXPECT_EQ(database_.check()->problems, std::vector<std::string>());
    EXPECT_TRUE(database_.write(
        [](Transaction& transaction) { return transaction.drop_index("User", "User_name_ASC"); }));
    EXPECT_EQ(database_.check()->index_entries, 0u);
    Status again = database_.write(
        [](Transaction& transaction) { return transaction.drop_index("User", "User_name_ASC"); });
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().message, "index with name doesn't exists. Name: User_name_ASC");
}

TEST_F(DocumentCalls, CreateIndex_DocumentWrittenMeanwhile_Conflicts) {
    std::filesystem::remove_all("nowhere");
    auto transaction = database_.begin();
    ASSERT_TRUE(transaction);
    ASSERT_TRUE(transaction->create_index("User", {.name = "byAge", .fields = {{"age"}}, .unique = false}));
    create(R"({"age":5})");
    Status committed = transaction->commit();
    ASSERT_FALSE(committed);
    EXPECT_EQ(committed.error().message, "transaction conflict. Please retry");
    EXPECT_EQ(database_.check()->problems, std::vector<std::string>());
    EXPECT_FALSE(std::filesystem::exists("nowhere")) << "a store in memory has left something on disk";
}

TEST_F(DocumentCalls, FailedCall_InExplicitTransaction_LeavesWhatWasThere) {
    auto transaction = database_.begin();
    ASSERT_TRUE(transaction);
    ASSERT_TRUE(transaction->create_documents("User", R"({"name":"Ann"})"));
    EXPECT_FALSE(transaction->create_documents("User", R"([{"name":"Bob"},{"name":"Ann"}])"));
    ASSERT_TRUE(transaction->commit());
    json answer = json::parse(database_.execute({"{ User { name } }", {}, {}}));
    EXPECT_EQ(answer["data"]["User"], json::parse(R"([{"name":"Ann"}])"));
}

TEST_F(DocumentCalls, ReadOnlyTransaction_Write_IsRefused) {
    auto transaction = database_.begin(true);
    ASSERT_TRUE(transaction);
    auto created = transaction->create_documents("User", "{}");
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().message,
              "error writing block: No sets or deletes are allowed in a read-only transaction");
}

TEST_F(DocumentCalls, DescribeDefinitions_Selectors_FollowTheirPriority) {
    auto describe = [&](const CollectionSelector& selector) {
        json found;
        Status status = database_.read([&](Transaction& transaction) -> Status {
            CAIRN_ASSIGN(std::string text, transaction.describe_definitions(selector));
            found = json::parse(text);
            return {};
        });
        return status ? found : json(status.error().message);
    };
    std::string first =
        describe({.name = "User", .version_id = {}, .collection_id = {}})[0]["version"]["VersionID"];
    ASSERT_TRUE(database_.patch_schema(
        R"([{"op":"add","path":"/User/Fields/-","value":{"Name":"email","Kind":11}}])"));
    EXPECT_EQ(describe({}).size(), 2u);
    json by_version = describe({.name = {}, .version_id = first, .collection_id = {}});
    EXPECT_EQ(by_version.size(), 1u);
    EXPECT_EQ(by_version[0]["version"]["IsActive"], false);
    EXPECT_EQ(by_version[0]["schema"]["VersionID"], first);
    json all = describe({.name = {}, .version_id = {}, .collection_id = first, .include_inactive = true});
    EXPECT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0]["version"]["VersionID"], first);
    EXPECT_EQ(describe({.name = {}, .version_id = "abc", .collection_id = {}}), "key not found");
    EXPECT_EQ(describe({.name = "Nope", .version_id = {}, .collection_id = {}, .include_inactive = true}),
              json::array());

    ASSERT_TRUE(
        database_.write([&](Transaction& transaction) { return transaction.set_default_schema(first); }));
    EXPECT_EQ(describe({.name = "User", .version_id = {}, .collection_id = {}})[0]["version"]["VersionID"],
              first);
}

TEST_F(DocumentCalls, Create_EncryptedFieldsOfBadNames_AreRefusedAndNothingIsWritten) {
    const auto error_of = [&](std::vector<std::string> fields) {
        auto ids = write([&](Transaction& transaction) {
            return transaction.create_documents("User", R"({"name": "a"})", {.fields = std::move(fields)});
        });
        return ids ? "" : ids.error().message;
    };
    EXPECT_EQ(error_of({"name", "points2"}), "the given field does not exist. Name: points2");
    EXPECT_EQ(error_of({"_docID"}), "can not encrypt build-in field. Name: _docID");
    EXPECT_EQ(error_of({"_version"}), "the given field does not exist. Name: _version");
    EXPECT_EQ(error_of({""}), "the given field does not exist. Name: ");
    EXPECT_EQ(database_.stats()->documents, 0U);
    EXPECT_EQ(error_of({"name"}), "");
    EXPECT_EQ(database_.stats()->documents, 1U);
}

TEST_F(DocumentCalls, AfterClose_EveryCallFails) {
    ASSERT_TRUE(database_.close());
    auto nothing = [](Transaction&) { return Status(); };
    EXPECT_EQ(database_.write(nothing).error().message, "the store is closed");
    EXPECT_EQ(database_.read(nothing).error().message, "the store is closed");
    EXPECT_EQ(database_.begin().error().message, "the store is closed");
}

TEST(OperationKind, Texts_GiveTheChosenOperation) {
    using Kind = Database::OperationKind;
    EXPECT_EQ(Database::operation_kind({"{ User { name } }", {}, {}}), Kind::query);
    EXPECT_EQ(Database::operation_kind({"mutation { delete_User { name } }", {}, {}}), Kind::mutation);
    EXPECT_EQ(Database::operation_kind({"subscription { User { name } }", {}, {}}), Kind::subscription);
    EXPECT_EQ(Database::operation_kind({"query A { a } mutation B { b }", {}, "B"}), Kind::mutation);
    EXPECT_EQ(Database::operation_kind({"mutation {", {}, {}}), Kind::query);
}

}  // namespace
}  // namespace cairn::test
