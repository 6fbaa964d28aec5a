// Filters (spec/query.md section 5), compiled once per execution from the filter argument and the variables
// to typed conditions on row slots. A compiled filter is immutable and belongs to the execution that made it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "collections/catalog.h"
#include "query/ast.h"
#include "query/row_set.h"
#include "query/variables.h"

namespace cairn::query {

struct SelectPlan;

enum class Operator : std::uint8_t { eq, ne, gt, ge, lt, le, in, nin, like, nlike, ilike, nilike };

struct Filter {
    enum class Kind : std::uint8_t {
        always,    // {}
        never,     // _or: []
        all_of,    // _and, several entries of one object
        any_of,    // _or
        negation,  // _not
        scalar,    // a condition on a field of the row
        doc_id,    // a condition on _docID
        array_any,
        array_all,
        array_none,  // on an inline array, children[0] tests an element
        json,        // a JSON field, children[0] tests its value
        relation,    // at least one related document satisfies children[0] (its conditions are on null fields
                     // when there is none and the relation is single)
        relation_null,  // no related document
        computed,       // an aggregate, a similarity or _deleted of a select, named by _alias: children[0], a
                        // condition as within json, tests its value
        json_step,      // within json: the member `name` of the value, children[0] tests it
        failing,        // `name` is the message of the error that any document raises
    };
    Kind kind = Kind::always;
    bool uses_relations = false;   // itself or below: relations or computed values, needs a batch of rows
    bool uses_computed = false;    // itself or below: computed values of the select that it filters
    bool uses_aggregates = false;  // likewise: aggregates
    int field = -1;                // index into the collection's fields
    std::uint32_t slot = 0;
    FieldKind value_kind = FieldKind::none;
    Operator op = Operator::eq;
    Value operand;                     // list for in, nin
    std::string stored_operand;        // stored form, for comparisons without decoding
    bool compare_raw = false;          // eq and ne on stored bytes
    bool as_json = false;              // scalar: types do not fit, compared as within json
    int target = -1;                   // relation: the other collection
    bool many = false;                 // relation: to any number of documents
    const SelectPlan* plan = nullptr;  // computed: the select
    std::size_t item = 0;              // computed: position of its item
    std::string name;  // json_step, failing; scalar on JSON: the type that messages give a number
    std::vector<std::unique_ptr<Filter>> children;
};

// Compiles a filter object for a collection; nullptr (no restriction) for an absent or null argument. plan is
// the select that it filters, where `_alias` finds names; may be nullptr. Errors: invalid_argument with the
// texts of 5.2 to 5.8 that do not depend on documents.
Result<std::unique_ptr<Filter>> compile_filter(const Catalog& catalog, int collection, const AstValue* value,
                                               const VariableValues& variables,
                                               const SelectPlan* plan = nullptr);
// The conjunction of a filter, which may be nullptr, and that a field is not null.
std::unique_ptr<Filter> and_not_null(std::unique_ptr<Filter> filter, const Field& field, int field_index);

// Tests a filter without relations on one row. Errors are those that arise while documents are compared
// (5.2, 5.5).
Result<bool> test_row(const Filter& filter, const RowView& row, const DocId& id);
// The same on a document that does not exist: every field is null.
Result<bool> test_missing(const Filter& filter);

// Splits a filter into conditions on the row alone (left in place, may be nullptr) and the rest (returned,
// may be nullptr).
std::unique_ptr<Filter> split_relations(std::unique_ptr<Filter>& filter);
// The same for conditions on computed values of the select itself.
std::unique_ptr<Filter> split_computed(std::unique_ptr<Filter>& filter);
// The same for conditions on aggregates, which can be tested only after grouping.
std::unique_ptr<Filter> split_aggregates(std::unique_ptr<Filter>& filter);

}  // namespace cairn::query
