// The relationship guide, word for word, through the cairn command on an embedded store: every step and every
// error.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tools/process.h"

namespace cairn::test {
namespace {

using nlohmann::json;

class Guide : public testing::Test {
  protected:
    void add_schema(const std::string& sdl) {
        const Outcome outcome = cli_({"schema", "add", "-f", cli_.folder().file("schema.graphql", sdl)});
        ASSERT_EQ(outcome.status, 0) << outcome.err;
    }

    // Data of a request that must succeed.
    json ask(const std::string& request) {
        const Outcome outcome = cli_({"query", request});
        EXPECT_EQ(outcome.status, 0) << request << "\n" << outcome.out << outcome.err;
        const json answer = json::parse(outcome.out, nullptr, false);
        EXPECT_FALSE(answer.is_discarded()) << outcome.out;
        EXPECT_EQ(answer.size(), 1U) << outcome.out;
        return answer.value("data", json());
    }

    // The message of a request that must fail: errors first, data null, exit status 1.
    std::string ask_for_error(const std::string& request) {
        const Outcome outcome = cli_({"query", request});
        EXPECT_EQ(outcome.status, 1) << request << "\n" << outcome.out;
        const json answer = json::parse(outcome.out, nullptr, false);
        if (answer.is_discarded() || !answer.contains("errors")) return outcome.out + outcome.err;
        EXPECT_TRUE(answer.at("data").is_null());
        return answer.at("errors").at(0).at("message");
    }

    void expect_answer(const std::string& request, const char* expected) {
        EXPECT_EQ(ask(request), json::parse(expected)) << request;
    }

    Cli cli_;
};

constexpr const char* kUsersAndAddresses =
    "type User { name: String  username: String  age: Int  address: Address @primary }\n"
    "type Address { streetNumber: String  streetName: String  country: String  user: User }\n";

// Document ids computed by the independent implementation that belongs to the golden vectors.
constexpr const char* kAddressId = "bae-7e23adb5-92f0-56b0-86a2-5c11439d55b3";
constexpr const char* kAliceId = "bae-b87c7d87-c42b-52a6-a995-b938aff82edd";
constexpr const char* kBobId = "bae-8c87a6ea-4cb3-5abe-8cb3-a945d7de7ba1";

class GuideOneToOne : public Guide {
  protected:
    void SetUp() override { ASSERT_NO_FATAL_FAILURE(add_schema(kUsersAndAddresses)); }

    void create_alice() {
        expect_answer(
            R"(mutation { create_Address(input: {streetNumber: "123" streetName: "Test road" country: "Canada"}) { _docID } })",
            R"({"create_Address": [{"_docID": "bae-7e23adb5-92f0-56b0-86a2-5c11439d55b3"}]})");
        expect_answer(
            R"(mutation { create_User(input: {name: "Alice" username: "awesomealice" age: 35 address: { _docID: "bae-7e23adb5-92f0-56b0-86a2-5c11439d55b3" }}) { _docID } })",
            R"({"create_User": [{"_docID": "bae-b87c7d87-c42b-52a6-a995-b938aff82edd"}]})");
    }

    void create_carol_elsewhere() {
        expect_answer(
            R"(mutation { create_Address(input: {streetNumber: "1", streetName: "Main street", country: "USA"}) { _docID } })",
            R"({"create_Address": [{"_docID": "bae-e12d502b-022f-5ac8-b71f-f950cfea01bc"}]})");
        expect_answer(
            R"(mutation { create_User(input: {name: "Carol", username: "carol", age: 28, address: {_docID: "bae-e12d502b-022f-5ac8-b71f-f950cfea01bc"}}) { _docID } })",
            R"({"create_User": [{"_docID": "bae-3954b4b9-8072-5603-9343-7ec7022536fc"}]})");
    }
};

TEST_F(GuideOneToOne, Traversal_BothDirections_GivesTheOtherSide) {
    create_alice();
    expect_answer("query { User { name username age address { streetNumber streetName country } } }",
                  R"({"User": [{"name": "Alice", "username": "awesomealice", "age": 35,
                      "address": {"streetNumber": "123", "streetName": "Test road", "country": "Canada"}}]})");
    expect_answer("query { Address { streetNumber streetName country user { name username age } } }",
                  R"({"Address": [{"streetNumber": "123", "streetName": "Test road", "country": "Canada",
                      "user": {"name": "Alice", "username": "awesomealice", "age": 35}}]})");
}

TEST_F(GuideOneToOne, Filter_ByChild_GivesOnlyMatchingParents) {
    create_alice();
    create_carol_elsewhere();
    expect_answer(
        R"(query { User(filter: {address: {country: {_eq: "Canada"}}}) { name username age address { streetNumber streetName country } } })",
        R"({"User": [{"name": "Alice", "username": "awesomealice", "age": 35,
            "address": {"streetNumber": "123", "streetName": "Test road", "country": "Canada"}}]})");
}

TEST_F(GuideOneToOne, Filter_OnChildInside_GivesAllParentsAndNullForOthers) {
    create_alice();
    create_carol_elsewhere();
    expect_answer(
        R"(query { User { name address(filter: {country: {_eq: "Canada"}}) { streetNumber streetName country } } })",
        R"({"User": [{"name": "Carol", "address": null},
                     {"name": "Alice", "address": {"streetNumber": "123", "streetName": "Test road", "country": "Canada"}}]})");
}

TEST_F(GuideOneToOne, Link_SecondUserForAnAddress_NamesBothAndWritesNothing) {
    create_alice();
    EXPECT_EQ(
        ask_for_error(
            R"(mutation { create_User(input: {name: "Bob" username: "bob" age: 40 address: { _docID: "bae-7e23adb5-92f0-56b0-86a2-5c11439d55b3" }}) { _docID } })"),
        std::string("target document is already linked to another document. DocumentID: ") + kBobId +
            ", TargetID: " + kAliceId + ", RelationName: address_user");
    expect_answer("query { User { name } }", R"({"User": [{"name": "Alice"}]})");
}

TEST_F(GuideOneToOne, Link_ToWhatIsNoDocumentId_NamesItAndWritesNothing) {
    const std::string message = ask_for_error(
        R"(mutation { create_User(input: {name: "Bob" address: { _docID: "nowhere" }}) { _docID } })");
    EXPECT_NE(message.find("malformed document ID, missing either version or cid"), std::string::npos)
        << message;
    EXPECT_NE(message.find("nowhere"), std::string::npos) << message;
    expect_answer("query { User { name } }", R"({"User": []})");
}

TEST_F(GuideOneToOne, Create_AgainTheSame_IsRefusedWithTheId) {
    create_alice();
    EXPECT_EQ(
        ask_for_error(
            R"(mutation { create_Address(input: {streetNumber: "123", streetName: "Test road", country: "Canada"}) { _docID } })"),
        std::string("a document with the given ID already exists. DocID: ") + kAddressId);
}

class GuideOneToMany : public Guide {
  protected:
    void SetUp() override {
        ASSERT_NO_FATAL_FAILURE(
            add_schema("type Author { name: String  dateOfBirth: DateTime  authoredBooks: [Book] }\n"
                       "type Book { name: String  description: String  genre: String  author: Author }\n"));
        expect_answer(
            R"(mutation { create_Author(input: {name: "Saadi" dateOfBirth: "1210-07-23T03:46:56.647Z"}) { _docID } })",
            R"({"create_Author": [{"_docID": "bae-50e15e2b-8ae4-5d15-bcff-e39a25a6e639"}]})");
        expect_answer(
            R"(mutation { create_Book(input: {name: "Gulistan" genre: "Poetry" author: { _docID: "bae-50e15e2b-8ae4-5d15-bcff-e39a25a6e639" }}) { _docID } })",
            R"({"create_Book": [{"_docID": "bae-ea56082f-9fb6-59e7-8ba4-e777ec0e6c5a"}]})");
        expect_answer(
            R"(mutation { create_Book(input: {name: "Bustan" genre: "Poetry" author: { _docID: "bae-50e15e2b-8ae4-5d15-bcff-e39a25a6e639" }}) { _docID } })",
            R"({"create_Book": [{"_docID": "bae-63cb3885-f914-5635-8d00-59657523b95d"}]})");
    }

    void update_both() {
        expect_answer(
            R"(mutation { update_Author(id: "bae-50e15e2b-8ae4-5d15-bcff-e39a25a6e639" input: {name: "Saadi Shirazi"}) { _docID } })",
            R"({"update_Author": [{"_docID": "bae-50e15e2b-8ae4-5d15-bcff-e39a25a6e639"}]})");
        expect_answer(
            R"(mutation { update_Book(filter: {name: {_eq: "Gulistan"}} input: {description: "Persian poetry of ideas"}) { _docID } })",
            R"({"update_Book": [{"_docID": "bae-ea56082f-9fb6-59e7-8ba4-e777ec0e6c5a"}]})");
    }
};

TEST_F(GuideOneToMany, Traversal_AfterUpdates_GivesNewValues) {
    update_both();
    expect_answer(
        "query { Author { name dateOfBirth authoredBooks { name genre description } } }",
        R"({"Author": [{"name": "Saadi Shirazi", "dateOfBirth": "1210-07-23T03:46:56.647Z", "authoredBooks": [
                      {"name": "Bustan", "genre": "Poetry", "description": null},
                      {"name": "Gulistan", "genre": "Poetry", "description": "Persian poetry of ideas"}]}]})");
    expect_answer("query { Book { name genre author { name dateOfBirth } } }",
                  R"({"Book": [
                      {"name": "Bustan", "genre": "Poetry", "author": {"name": "Saadi Shirazi", "dateOfBirth": "1210-07-23T03:46:56.647Z"}},
                      {"name": "Gulistan", "genre": "Poetry", "author": {"name": "Saadi Shirazi", "dateOfBirth": "1210-07-23T03:46:56.647Z"}}]})");
}

TEST_F(GuideOneToMany, Filter_OnChildrenInside_GivesAllAuthorsWithMatchingBooks) {
    update_both();
    ask(R"(mutation { create_Author(input: {name: "Hafez"}) { _docID } })");
    expect_answer(
        R"(query { Author { name dateOfBirth authoredBooks(filter: {name: {_eq: "Gulistan"}}) { name genre } } })",
        R"({"Author": [
            {"name": "Saadi Shirazi", "dateOfBirth": "1210-07-23T03:46:56.647Z", "authoredBooks": [{"name": "Gulistan", "genre": "Poetry"}]},
            {"name": "Hafez", "dateOfBirth": null, "authoredBooks": []}]})");
}

TEST_F(GuideOneToMany, Filter_ByChildren_GivesOnlyAuthorsWhoHaveOne) {
    update_both();
    ask(R"(mutation { create_Author(input: {name: "Hafez"}) { _docID } })");
    expect_answer(
        R"(query { Author(filter: {authoredBooks: {name: {_eq: "Gulistan"}}}) { name dateOfBirth } })",
        R"({"Author": [{"name": "Saadi Shirazi", "dateOfBirth": "1210-07-23T03:46:56.647Z"}]})");
}

TEST_F(Guide, ManyToMany_ByJunctionType_NamesBothGenres) {
    ASSERT_NO_FATAL_FAILURE(
        add_schema("type Book { name: String  bookGenres: [BookGenre] }\n"
                   "type Genre { name: String  genreBooks: [BookGenre] }\n"
                   "type BookGenre { book: Book  genre: Genre }\n"));
    ask(R"(mutation { create_Book(input: {name: "The Name of the Wind"}) { _docID } })");
    ask(R"(mutation { create_Genre(input: {name: "Fantasy"}) { _docID } })");
    ask(R"(mutation { create_Genre(input: {name: "Adventure"}) { _docID } })");
    expect_answer(
        R"(mutation { create_BookGenre(input: { book: { _docID: "bae-ddb48150-d49c-53d7-b03b-c46d3cbc3f1e" } genre: { _docID: "bae-1f8f2b4d-0e2d-5d72-bbf0-54c7d48abf30" } }) { _docID } })",
        R"({"create_BookGenre": [{"_docID": "bae-ac73e0b0-ab67-566a-b4e5-1adbfea445b5"}]})");
    expect_answer(
        R"(mutation { create_BookGenre(input: { book: { _docID: "bae-ddb48150-d49c-53d7-b03b-c46d3cbc3f1e" } genre: { _docID: "bae-f1ab171f-461f-5241-822a-924a0d6dbdd7" } }) { _docID } })",
        R"({"create_BookGenre": [{"_docID": "bae-a4c081b3-ae0c-5717-a851-1b245b321550"}]})");
    expect_answer("query { Book { name bookGenres { genre { name } } } }",
                  R"({"Book": [{"name": "The Name of the Wind",
                      "bookGenres": [{"genre": {"name": "Adventure"}}, {"genre": {"name": "Fantasy"}}]}]})");
}

TEST_F(Guide, Schema_UnknownType_IsNamedAndNothingIsAdded) {
    const Outcome outcome =
        cli_({"schema", "add", "type Pet { name: String }  type User { name: String  address: Address }"});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err,
              "Error: failed to add schema: no type found for given name. Field: address, Kind: Address\n");
    const Outcome described = cli_({"schema", "describe", "--json"});
    EXPECT_EQ(json::parse(described.out, nullptr, false).value("collections", json()), json::array())
        << described.out;
}

TEST_F(Guide, Schema_RelatedTypesInTwoSteps_FailsAtTheFirst) {
    const Outcome first = cli_({"schema", "add", "type User { name: String  address: Address @primary }"});
    EXPECT_EQ(first.status, 1);
    EXPECT_EQ(first.err,
              "Error: failed to add schema: no type found for given name. Field: address, Kind: Address\n");
    ASSERT_NO_FATAL_FAILURE(add_schema(kUsersAndAddresses));
}

}  // namespace
}  // namespace cairn::test
