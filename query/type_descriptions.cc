#include "query/type_descriptions.h"

#include <algorithm>
#include <span>
#include <utility>

namespace cairn::query {
namespace {

using Entry = std::pair<std::string_view, std::string_view>;

constexpr Entry kTypes[] = {
    {"Boolean", "True or false."},
    {"String", "Text in UTF-8."},
    {"ID", "An identifier: text, or a whole number taken as text."},
    {"Int", "A whole number. Requests carry 32 bits, answers up to 64."},
    {"Float", "A number with 64 bits, as aggregates give it."},
    {"Float32", "A number with 32 bits."},
    {"Float64", "A number with 64 bits."},
    {"DateTime", "A point in time as RFC 3339 writes it."},
    {"Blob", "Bytes as hexadecimal text."},
    {"JSON", "Any JSON value."},
    {"Ordering", "The direction of an order."},
    {"ExplainType",
     "ExplainType is an enum selecting the type of explanation done by the @explain directive."},
    {"CRDTType", "How concurrent writes of a field are merged."},
    {"commitFields", "What commits may be grouped by."},
    {"commitCountFieldArg", "What of a commit may be counted."},
    {"commitsOrderArg", "What commits may be ordered by, one field in each element."},
    {"Commit", "One write: of a field, of a document, or of a collection that keeps a history of its own."},
    {"CommitLink",
     "A commit that another one names: a parent under the name _head, or the commit of a field."},
    {"Signature", "Who signed a commit, and how."},
    {"IndexField", "One field of an index over several."},
    {"__Schema", "Everything a server offers: its types, its directives and where operations begin."},
    {"__Type", "A type, or a wrapper that makes a list of one or forbids null."},
    {"__Field", "A field of an object type with its arguments."},
    {"__InputValue", "An argument, or a field of an input object."},
    {"__EnumValue", "One value of an enum."},
    {"__Directive", "A directive, its arguments and where it may stand."},
    {"__TypeKind", "What kind of type a __Type is."},
    {"__DirectiveLocation", "Where a directive may stand."},
};

constexpr Entry kSuffixes[] = {
    {"ListOperatorBlock", "Conditions on the elements of an array: any, all or none of them."},
    {"OperatorBlock", "Conditions on one value; all that are given have to hold."},
    {"FilterArg", "Conditions; all that are given have to hold."},
    {"OrderArg", "What to order by, one field in each element."},
    {"MutationInputArg", "The fields of a document to write."},
    {"CountSelector", "Which items to count."},
    {"NumericSelector", "Which items to aggregate, and which of their fields."},
    {"SimilaritySelector", "The vector to compare with."},
    {"NumericFieldsArg", "Fields whose values can be aggregated."},
    {"ExplicitField", "Fields that a request can write."},
    {"Field", "Fields that documents may be grouped by."},
};

constexpr Entry kDirectives[] = {
    {"explain", "Answers how the operation is done instead of its result."},
    {"crdt", "Chooses how concurrent writes of the field are merged."},
    {"default", "The value of the field in documents created without one."},
    {"index", "Keeps an index over the field, or over several fields of the type."},
    {"primary", "Marks the side of a one-to-one relation that stores it."},
    {"relation", "Names a relation, so that its two sides find one another."},
    {"constraints", "Conditions on the values of the field."},
    {"embedding", "Fills the field with a vector made from other fields."},
    {"policy", "The access policy that guards documents of the type."},
    {"materialized", "Whether the results of a view are stored."},
    {"branchable", "Keeps a history of the collection beside those of its documents."},
};

std::string_view find(std::span<const Entry> entries, std::string_view name) {
    auto found =
        std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.first == name; });
    return found == entries.end() ? std::string_view() : found->second;
}

}  // namespace

std::string_view type_description(std::string_view name) {
    if (std::string_view exact = find(kTypes, name); !exact.empty()) return exact;
    auto found = std::find_if(std::begin(kSuffixes), std::end(kSuffixes),
                              [&](const Entry& entry) { return name.ends_with(entry.first); });
    return found == std::end(kSuffixes) ? std::string_view() : found->second;
}

std::string_view directive_description(std::string_view name) {
    return find(kDirectives, name);
}

}  // namespace cairn::query
