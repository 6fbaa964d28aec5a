// Backups and patches of collections (spec/schema.md sections 17 and 11), on stores in memory.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cairn/database.h"

namespace cairn::test {
namespace {

using nlohmann::json;

Database open_in_memory(std::string_view sdl) {
    Options options;
    options.in_memory = true;
    Database database = *Database::open("nowhere", options);
    auto added = database.add_schema(sdl);
    EXPECT_TRUE(added) << added.error().message;
    return database;
}

class Backup : public testing::Test {
  protected:
    static constexpr std::string_view kSchema =
        "type User { name: String  age: Int  boss: User @primary @relation(name: \"staff\")  "
        "staff: User @relation(name: \"staff\") }";

    Backup() : database_(open_in_memory(kSchema)) {
        char name[] = "/tmp/cairn-backup-XXXXXX";
        folder_ = ::mkdtemp(name);
    }
    ~Backup() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path file() const { return folder_ / "backup.json"; }
    std::string written() const {
        std::ostringstream text;
        text << std::ifstream(file()).rdbuf();
        return text.str();
    }
    std::string create(const std::string& text) {
        std::string id;
        Status status = database_.write([&](Transaction& transaction) -> Status {
            CAIRN_ASSIGN(id, transaction.create_document("User", text));
            return {};
        });
        EXPECT_TRUE(status) << status.error().message;
        return id;
    }
    void update(const std::string& id, const std::string& text) {
        Status status = database_.write(
            [&](Transaction& transaction) { return transaction.update_document("User", id, text); });
        EXPECT_TRUE(status) << status.error().message;
    }
    std::string export_to(const BackupOptions& options) {
        Status status =
            database_.read([&](Transaction& transaction) { return transaction.export_backup(options); });
        return status ? "" : status.error().message;
    }
    static std::string import_from(Database& database, const std::filesystem::path& file) {
        Status status =
            database.write([&](Transaction& transaction) { return transaction.import_backup(file); });
        return status ? "" : status.error().message;
    }
    std::string import_text(std::string_view text) {
        std::ofstream(file()) << text;
        return import_from(database_, file());
    }
    static json users(Database& database) {
        return json::parse(database.execute(
            {"{ User(order: {name: ASC}) { _docID name boss { name } } }", {}, {}}))["data"]["User"];
    }

    Database database_;
    std::filesystem::path folder_;
};

TEST_F(Backup, ExportImport_ChainOfUpdatedDocuments_KeepsTheReferences) {
    std::string ann = create(R"({"name":"Ann"})");
    std::string bob = create(fmt::format(R"({{"name":"Bob","boss":"{}"}})", ann));
    create(fmt::format(R"({{"name":"Cid","boss":"{}"}})", bob));
    update(ann, R"({"age":7})");
    EXPECT_EQ(export_to({.file = file(), .pretty = false, .collections = {}}), "");
    EXPECT_FALSE(std::filesystem::exists(file().string() + ".temp"));

    Database other = open_in_memory(kSchema);
    EXPECT_EQ(import_from(other, file()), "");
    json found = users(other);
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(found[1]["boss"]["name"], "Ann");
    EXPECT_EQ(found[2]["boss"]["name"], "Bob");
    json backup = json::parse(written());
    for (const json& document : backup["User"]) {
        bool same_id = document["_docIDNew"] == found[0]["_docID"] ||
                       document["_docIDNew"] == found[1]["_docID"] ||
                       document["_docIDNew"] == found[2]["_docID"];
        EXPECT_TRUE(same_id) << document;
        EXPECT_NE(document["_docID"], document["_docIDNew"]) << document;
    }
    EXPECT_NE(import_from(other, file())
                  .find("failed to save a new doc to collection: a document with the given ID "
                        "already exists. DocID: bae-"),
              std::string::npos);
}

TEST_F(Backup, ExportImport_DocumentThatNamesItself_DoesSoAgain) {
    std::string ann = create(R"({"name":"Ann"})");
    update(ann, fmt::format(R"({{"boss":"{}"}})", ann));
    EXPECT_EQ(export_to({.file = file(), .pretty = false, .collections = {"User"}}), "");
    Database other = open_in_memory(kSchema);
    EXPECT_EQ(import_from(other, file()), "");
    EXPECT_EQ(users(other)[0]["boss"]["name"], "Ann");
    EXPECT_EQ(users(other)[0]["_docID"], ann);
}

TEST_F(Backup, Export_DeletedTarget_BecomesNothing) {
    std::string ann = create(R"({"name":"Ann"})");
    create(fmt::format(R"({{"name":"Bob","boss":"{}"}})", ann));
    ASSERT_TRUE(
        database_.write([&](Transaction& transaction) { return transaction.delete_document("User", ann); }));
    EXPECT_EQ(export_to({.file = file(), .pretty = false, .collections = {}}), "");
    json backup = json::parse(written());
    ASSERT_EQ(backup["User"].size(), 1u);
    EXPECT_EQ(backup["User"][0]["name"], "Bob");
    EXPECT_FALSE(backup["User"][0].contains("boss_id"));
}

TEST_F(Backup, Export_Circle_Ends) {
    std::string ann = create(R"({"name":"Ann"})");
    std::string bob = create(fmt::format(R"({{"name":"Bob","boss":"{}"}})", ann));
    update(ann, fmt::format(R"({{"boss":"{}"}})", bob));
    EXPECT_EQ(export_to({.file = file(), .pretty = false, .collections = {}}), "");
    EXPECT_EQ(json::parse(written())["User"].size(), 2u);
}

TEST_F(Backup, Export_Pretty_IsIndentedByTwo) {
    std::string id = create(R"({"name":"A: {\"b\",[]}"})");
    EXPECT_EQ(export_to({.file = file(), .pretty = true, .collections = {}}), "");
    EXPECT_EQ(written(),
              fmt::format("{{\n  \"User\": [\n    {{\n      \"_docID\": \"{0}\",\n      \"_docIDNew\": "
                          "\"{0}\",\n      \"name\": \"A: {{\\\"b\\\",[]}}\"\n    }}\n  ]\n}}",
                          id));
}

TEST_F(Backup, Export_WrongTargets_AreNamed) {
    std::string nowhere = (folder_ / "no" / "x.json").string();
    EXPECT_EQ(
        export_to({.file = nowhere, .pretty = false, .collections = {}}),
        fmt::format("failed to create file: open {0}.temp: no such file or directory. Filepath: {0}.temp",
                    nowhere));
    EXPECT_EQ(export_to({.file = file(), .pretty = false, .collections = {"Nope"}}),
              "failed to get collection: key not found. Name: Nope");
    EXPECT_EQ(export_to({.file = "", .pretty = false, .collections = {}}), "not a file path: \"\"");
    EXPECT_EQ(export_to({.file = folder_, .pretty = false, .collections = {}}),
              fmt::format("not a file path: \"{}\"", folder_.string()));
}

TEST_F(Backup, Import_TextsThatAreNoBackup_NameTheFault) {
    EXPECT_EQ(import_from(database_, folder_ / "no"),
              fmt::format("failed to open file: open {0}: no such file or directory. Filepath: {0}",
                          (folder_ / "no").string()));
    EXPECT_EQ(import_text(""), "EOF");
    EXPECT_EQ(import_text("[]"), "expected JSON object");
    EXPECT_EQ(import_text(R"({"User":{}})"), "expected JSON array");
    EXPECT_EQ(import_text(R"({"Nope":[]})"), "failed to get collection: key not found. Name: Nope");
    EXPECT_EQ(import_text(R"({"User":[5]})"),
              "failed to decode JSON: json: cannot unmarshal number into Go value of "
              "type map[string]interface {}");
    EXPECT_EQ(import_text(R"({"User":[{"zz":1}]})"),
              "failed to create a new doc from map: the given field does not exist. Name: zz");
    EXPECT_EQ(import_text(R"({"User":[{"name":"Ann"},{"age":"x"}]})"),
              "failed to create a new doc from map: value doesn't contain number; it contains string");
    EXPECT_EQ(users(database_), json::array());  // nothing of a file that failed is left
    EXPECT_EQ(import_text(R"({"User":[{"name":"Ann"}])"), "");
    EXPECT_EQ(users(database_).size(), 1u);
}

class CollectionPatch : public testing::Test {
  protected:
    CollectionPatch() : database_(open_in_memory("type User { name: String }")) {
        id_ = json::parse(database_.describe_collections())[0]["VersionID"];
    }
    // One operation on the member of the version; `value` as JSON.
    std::string patch(std::string_view op, const std::string& path, const std::string& value = {}) {
        std::string text = fmt::format(R"([{{"op":"{}","path":"/{}{}"{}}}])", op, id_, path,
                                       value.empty() ? "" : ",\"value\":" + value);
        Status status =
            database_.write([&](Transaction& transaction) { return transaction.patch_collections(text); });
        return status ? "" : status.error().message;
    }
    Database database_;
    std::string id_;
};

TEST_F(CollectionPatch, IsActive_OffAndOn_TakesTheTypeAwayAndBack) {
    EXPECT_EQ(patch("replace", "/IsActive", "false"), "");
    EXPECT_EQ(json::parse(database_.execute({"{ User { name } }", {}, {}}))["errors"][0]["message"],
              "Cannot query field \"User\" on type \"Query\".");
    EXPECT_EQ(patch("replace", "/IsActive", "true"), "");
    EXPECT_EQ(database_.execute({"{ User { name } }", {}, {}}), R"({"data":{"User":[]}})");
}

TEST_F(CollectionPatch, WhatMayNotChange_IsNamed) {
    EXPECT_EQ(patch("replace", "/Name", "\"Writer\""),
              "collection name cannot be mutated. NewName: Writer, OldName: User");
    EXPECT_EQ(patch("remove", "/Name"), "collection name can't be empty");
    EXPECT_EQ(patch("replace", "/Name", "5"),
              "json: cannot unmarshal number into Go struct field collectionVersion.Name of type string");
    EXPECT_EQ(patch("replace", "/IsBranchable", "true"),
              "mutating IsBranchable is not supported. Collection: User");
    EXPECT_EQ(patch("replace", "/IsMaterialized", "false"),
              "non-materialized collections are not supported. Collection: User");
    EXPECT_EQ(patch("replace", "/Fields/0/Size", "3"),
              "collection fields cannot be mutated. CollectionID: " + id_);
    EXPECT_EQ(patch("replace", "/Indexes", "[{}]"),
              "collection indexes cannot be mutated. CollectionID: " + id_);
    EXPECT_EQ(patch("add", "/Sources/-", R"({"SourceCollectionID":"x"})"),
              "collection sources cannot be added or removed. CollectionID: " + id_);
    EXPECT_EQ(patch("add", "/Sources/-", R"({"x":1})"), "failed to unmarshal collection json");
    EXPECT_EQ(patch("replace", "/Policy", "{}"),
              "collection policy cannot be mutated. CollectionID: " + id_ +
                  "\nmissing policy arguments, must have both id and resource");
    EXPECT_EQ(patch("replace", "/CollectionID", "\"x\""),
              "collection ID cannot be mutated. CollectionVersionID: " + id_);
    EXPECT_EQ(patch("remove", ""), "collections cannot be deleted. CollectionID: " + id_);
    EXPECT_EQ(patch("replace", "/Foo", "1"),
              "replace operation does not apply: doc is missing key: /" + id_ + "/Foo: missing value");
    EXPECT_EQ(patch("test", "/Name", "\"X\""), "testing value /" + id_ + "/Name failed: test failed");
    EXPECT_EQ(patch("add", "/Unknown", "1"), "");
}

}  // namespace
}  // namespace cairn::test
