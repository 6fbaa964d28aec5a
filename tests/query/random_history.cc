#include "random_history.h"

#include <fmt/format.h>

#include <array>

namespace cairn::test {
namespace {

const std::vector<RandomSchema>& schemas() {
    static const std::vector<RandomSchema> kSchemas = {
        {"scalars",
         "type Thing @index(includes: [{field: \"size\"}, {field: \"good\", direction: DESC}]) {"
         " name: String @index  size: Int  weight: Float @index(direction: DESC)  small: Float32  good: "
         "Boolean"
         " made: DateTime @index  raw: Blob }",
         {{"Thing",
           {{"name", Shape::text},
            {"size", Shape::integer},
            {"weight", Shape::float64},
            {"small", Shape::float32},
            {"good", Shape::boolean},
            {"made", Shape::date_time},
            {"raw", Shape::blob}}}}},
        {"collections",
         "type Bag { name: String  tags: [String!] @index  sizes: [Int] @index  weights: [Float!]  flags: "
         "[Boolean]"
         " info: JSON @index }",
         {{"Bag",
           {{"name", Shape::text},
            {"tags", Shape::texts},
            {"sizes", Shape::integers},
            {"weights", Shape::floats},
            {"flags", Shape::booleans},
            {"info", Shape::json}}}}},
        {"counters",
         "type Tally { name: String  both: Int @crdt(type: pncounter) @index  up: Int @crdt(type: pcounter)"
         " part: Float @crdt(type: pncounter)  less: Float32 @crdt(type: pncounter) }",
         {{"Tally",
           {{"name", Shape::text},
            {"both", Shape::counter},
            {"up", Shape::positive_counter},
            {"part", Shape::float_counter},
            {"less", Shape::float32_counter}}}}},
        {"relations",
         "type Author { name: String @index  books: [Book]  contact: Contact @primary"
         " teacher: Author @relation(name: \"learning\") @primary  pupil: Author @relation(name: "
         "\"learning\") }"
         " type Contact { phone: String  author: Author }"
         " type Book { title: String  author: Author  pages: Int }",
         {{"Author",
           {{"name", Shape::text},
            {"contact_id", Shape::link, "Contact"},
            {"teacher_id", Shape::link, "Author"}}},
          {"Contact", {{"phone", Shape::text}}},
          {"Book",
           {{"title", Shape::text}, {"author_id", Shape::link, "Author"}, {"pages", Shape::integer}}}}},
        {"unique",
         "type Member @index(unique: true, includes: [{field: \"city\"}, {field: \"number\"}]) {"
         " name: String @index(unique: true)  city: String  number: Int  good: Boolean  marks: [Int!] "
         "@index(unique: true) }",
         {{"Member",
           {{"name", Shape::text},
            {"city", Shape::text},
            {"number", Shape::integer},
            {"good", Shape::boolean},
            {"marks", Shape::integers}}}}},
        {"branchable",
         "type Page @branchable { title: String @index  views: Int @crdt(type: pncounter)  site: Site }"
         " type Site @branchable { name: String  pages: [Page] }",
         {{"Page", {{"title", Shape::text}, {"views", Shape::counter}, {"site_id", Shape::link, "Site"}}},
          {"Site", {{"name", Shape::text}}}}},
    };
    return kSchemas;
}

constexpr std::array<std::string_view, 8> kWords = {"",
                                                    "a",
                                                    "aa",
                                                    "Saadi",
                                                    "Hafez \\\"of\\\" Shiraz",
                                                    "\xc3\xa9t\xc3\xa9",
                                                    "zz",
                                                    "a much longer text than the others, of some weight"};

}  // namespace

std::span<const RandomSchema> random_schemas() {
    return schemas();
}

RandomHistory::RandomHistory(std::uint64_t seed)
    : random_(seed), schema_(&schemas()[random_() % schemas().size()]) {}

std::string RandomHistory::value(const RandomField& field, const Documents& documents) {
    auto integer = [&] { return static_cast<std::int64_t>(below(9)) - 3; };
    auto word = [&] { return fmt::format("\"{}\"", kWords[below(kWords.size())]); };
    auto quarter = [&] { return fmt::format("{:.2f}", 0.25 * static_cast<double>(integer())); };
    auto list = [&](unsigned null_percent, const std::function<std::string()>& element) {
        std::string text = "[";
        for (std::uint64_t left = below(4); left > 0; --left) {
            text += (text.size() > 1 ? ", " : "") + (chance(null_percent) ? "null" : element());
        }
        return text + "]";
    };
    switch (field.shape) {
        case Shape::counter:
            return std::to_string(integer());
        case Shape::positive_counter:
            return std::to_string(below(5));
        case Shape::float_counter:
        case Shape::float32_counter:
            return quarter();
        default:
            break;
    }
    if (chance(15)) return "null";
    switch (field.shape) {
        case Shape::text:
            return word();
        case Shape::integer:
            return chance(5) ? "2147483647" : std::to_string(integer());
        case Shape::float64:
        case Shape::float32:
            return quarter();
        case Shape::boolean:
            return chance(50) ? "true" : "false";
        case Shape::date_time:
            return fmt::format("\"2024-02-0{}T12:30:00Z\"", 1 + below(5));
        case Shape::blob:
            return fmt::format("\"00ff{:02x}\"", below(4));
        case Shape::texts:
            return list(0, word);
        case Shape::integers:
            return list(field.name == "sizes" ? 20 : 0, [&] { return std::to_string(integer()); });
        case Shape::floats:
            return list(0, quarter);
        case Shape::booleans:
            return list(20, [&] { return std::string(chance(50) ? "true" : "false"); });
        case Shape::json:
            switch (below(5)) {
                case 0:
                    return word();
                case 1:
                    return std::to_string(integer());
                case 2:
                    return fmt::format("{{a: {}, b: {{c: {}}}}}", integer(), word());
                case 3:
                    return fmt::format("{{a: [{}, {}, null]}}", integer(), word());
                default:
                    return fmt::format("[{}, {}]", quarter(), integer());
            }
        case Shape::link: {
            std::vector<std::string> targets = documents(field.target);
            return targets.empty() ? "null" : fmt::format("\"{}\"", targets[below(targets.size())]);
        }
        default:
            return "null";
    }
}

std::string RandomHistory::input(const RandomCollection& collection, unsigned percent,
                                 const Documents& documents) {
    std::string text;
    for (const RandomField& field : collection.fields) {
        if (chance(percent))
            text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", field.name, value(field, documents));
    }
    return text;
}

std::string RandomHistory::mutation(const Documents& documents) {
    const RandomCollection& collection = schema_->collections[below(schema_->collections.size())];
    std::vector<std::string> ids = documents(collection.name);
    if (ids.empty() || chance(ids.size() < 6 ? 35 : 10)) {
        return fmt::format("mutation {{ create_{}(input: {{{}}}) {{ _docID }} }}", collection.name,
                           input(collection, 80, documents));
    }
    const std::string& id = ids[below(ids.size())];
    if (chance(8))
        return fmt::format("mutation {{ delete_{}(docID: \"{}\") {{ _docID }} }}", collection.name, id);
    return fmt::format("mutation {{ update_{}(docID: \"{}\", input: {{{}}}) {{ _docID }} }}", collection.name,
                       id, input(collection, 35, documents));
}

std::string RandomHistory::all_rows() const {
    std::string text = "query {";
    for (const RandomCollection& collection : schema_->collections) {
        text +=
            fmt::format(" {}(showDeleted: true, order: {{_docID: ASC}}) {{ _docID _deleted", collection.name);
        for (const RandomField& field : collection.fields) text += fmt::format(" {}", field.name);
        text += " }";
    }
    return text + " }";
}

bool may_be_refused(std::string_view message) {
    for (std::string_view part :
         {"violates unique index", "already linked to another document", "already exists"}) {
        if (message.find(part) != std::string_view::npos) return true;
    }
    return false;
}

}  // namespace cairn::test
