// The part of TypeSystemBuilder that makes the types of one collection (spec/query.md sections 2.2 to 2.10).
#include <fmt/format.h>

#include <algorithm>

#include "query/relation_input.h"
#include "query/type_system_builder.h"

namespace cairn::query {

namespace {

constexpr std::string_view kNumericAggregates[] = {"_sum", "_avg", "_min", "_max"};

// Kinds that have a GraphQL type; patches may have brought in other numbers.
bool has_type(FieldKind kind) {
    auto number = static_cast<int>(kind);
    return (number >= 1 && number <= 14) || (number >= 18 && number <= 22);
}

std::string_view scalar_name(FieldKind kind) {
    switch (kind) {
        case FieldKind::id:
            return "ID";
        case FieldKind::boolean:
        case FieldKind::boolean_array:
        case FieldKind::nillable_boolean_array:
            return "Boolean";
        case FieldKind::integer:
        case FieldKind::integer_array:
        case FieldKind::nillable_integer_array:
            return "Int";
        case FieldKind::float32:
        case FieldKind::float32_array:
        case FieldKind::nillable_float32_array:
            return "Float32";
        case FieldKind::float64:
        case FieldKind::float64_array:
        case FieldKind::nillable_float64_array:
            return "Float64";
        case FieldKind::date_time:
            return "DateTime";
        case FieldKind::blob:
            return "Blob";
        case FieldKind::json:
            return "JSON";
        default:
            return "String";
    }
}

bool is_numeric(FieldKind kind) {
    std::string_view name = scalar_name(kind);
    return name == "Int" || name == "Float32" || name == "Float64";
}

bool is_numeric_array(const Field& field) {
    return !field.is_relation && is_array_kind(field.kind) && is_numeric(field.kind);
}

bool is_array(const Field& field) {
    return !field.is_relation && is_array_kind(field.kind);
}

std::string_view not_null_prefix(FieldKind kind) {
    return has_nillable_elements(kind) ? "" : "NotNull";
}

// Input type of a scalar or array field in a filter.
std::string filter_type_name(FieldKind kind) {
    if (kind == FieldKind::json) return "JSON";
    if (!is_array_kind(kind)) return fmt::format("{}OperatorBlock", scalar_name(kind));
    return fmt::format("{}{}ListOperatorBlock", not_null_prefix(kind), scalar_name(kind));
}

}  // namespace

const std::string& TypeSystemBuilder::target_name(const Field& field) const {
    return catalog_.collection(field.target).name;
}

TypeRef TypeSystemBuilder::value_type(FieldKind kind) const {
    if (!is_array_kind(kind)) return named(scalar_name(kind));
    return has_nillable_elements(kind) ? list(scalar_name(kind)) : list_of_non_null(scalar_name(kind));
}

// The id of a relation is an ID whatever type the user declared a field of that name with (spec/query.md
// section 6.2).
TypeRef TypeSystemBuilder::output_type(const Field& field) const {
    if (field.is_relation) return field.many ? list(target_name(field)) : named(target_name(field));
    return field.relation_object >= 0 ? named("ID") : value_type(field.kind);
}

// Fields besides _docID that queries see. The relations of a view are embedded objects; they have no ids.
std::vector<const Field*> TypeSystemBuilder::visible_fields(const Collection& collection) const {
    std::vector<const Field*> fields;
    for (const Field& item : collection.fields) {
        if (item.name == "_docID" || (item.is_relation && item.target < 0)) continue;
        if (collection.is_view && item.relation_object >= 0 && !item.stored) continue;
        fields.push_back(&item);
    }
    return fields;
}

void TypeSystemBuilder::declare(const Collection& collection, int index) {
    add(Kind::object, collection.name)->collection = index;
}

void TypeSystemBuilder::check_kinds(const Collection& collection) {
    if (collection.is_embedded_only && !collection.is_view) {
        set_error(fmt::format("no type found for given name. Type: {}MutationInputArg", collection.name));
    }
    if (const SchemaDescription* schema = catalog_.schema(collection.version_id)) {
        for (const SchemaField& field : schema->fields) {
            const FieldKind* kind = std::get_if<FieldKind>(&field.kind);
            if (kind == nullptr || has_type(*kind)) continue;
            set_error(fmt::format("no type found for given name. Type: {}", field.kind_number));
        }
    }
}

// The input types that types of other collections refer to; they are filled by define.
void TypeSystemBuilder::declare_inputs(const Collection& collection) {
    for (std::string_view suffix : {"FilterArg", "OrderArg", "__CountSelector", "__NumericSelector"}) {
        add(Kind::input_object, fmt::format("{}{}", collection.name, suffix));
    }
    add(Kind::enumeration, collection.name + "Field");
    add(Kind::enumeration, collection.name + "NumericFieldsArg");
    if (!collection.is_view && !collection.is_embedded_only) {
        GqlType* nested =
            add_extension(Kind::input_object, collection.name + std::string(kRelationInputSuffix));
        nested->collection = catalog_.collection_index(collection.name);
        nested_.emplace(collection.name, nested);
    }
}

void TypeSystemBuilder::define(const Collection& collection) {
    std::vector<const Field*> fields = visible_fields(collection);
    GqlType& object = *type(collection.name);
    define_object(collection, fields, object);
    define_field_enums(collection, fields, object);
    define_connections(collection, fields, object);
    define_selectors(collection, fields);
    define_aggregates(collection, fields, object);
    define_filter(collection, fields);
    define_order(collection, fields);
    if (!collection.is_view) define_mutation_input(collection);
    if (!collection.is_embedded_only) define_roots(collection);
}

std::vector<InputValue> TypeSystemBuilder::select_arguments(std::string_view collection) const {
    std::vector<InputValue> arguments = {
        {.name = "docID", .type = list_of_non_null("String")},
        {.name = "docIDs", .type = list_of_non_null("String"), .is_alias = true},
        {.name = "id", .type = list_of_non_null("String"), .is_alias = true},
        {.name = "filter", .type = named(fmt::format("{}FilterArg", collection))},
        {.name = "groupBy", .type = list_of_non_null(fmt::format("{}Field", collection))},
        {.name = "order", .type = list(fmt::format("{}OrderArg", collection))},
        {.name = "limit", .type = named("Int")},
        {.name = "offset", .type = named("Int")},
    };
    return arguments;
}

void TypeSystemBuilder::define_object(const Collection& collection, const std::vector<const Field*>& fields,
                                      GqlType& object) {
    for (const Field* item : fields) {
        std::vector<InputValue> arguments;
        if (item->is_relation && item->many) {
            arguments = select_arguments(target_name(*item));
        } else if (item->is_relation) {
            arguments = {{.name = "filter", .type = named(target_name(*item) + "FilterArg")}};
        }
        field(object, item->name, output_type(*item), std::move(arguments));
    }
    if (!collection.is_view) {
        field(object, "_docID", named("ID"));
        field(object, "_version", list("Commit"));
        field(object, "_deleted", named("Boolean"));
    }
    field(object, "_group", list(collection.name), select_arguments(collection.name));
}

// Must run before aggregates and connections are attached: the enum for groupBy does not list them.
void TypeSystemBuilder::define_field_enums(const Collection& collection,
                                           const std::vector<const Field*>& fields, const GqlType& object) {
    std::vector<std::string> all, user_fields;
    for (const FieldDef& definition : object.fields) {
        if (definition.hidden) continue;
        all.push_back(definition.name);
        const Field* item = collection.find(definition.name);
        const bool written = !definition.name.starts_with('_') && !(item != nullptr && item->is_join);
        if (written) user_fields.push_back(definition.name);
    }
    set_values(*type(collection.name + "Field"), std::move(all));
    if (!collection.is_view) add(Kind::enumeration, collection.name + "ExplicitField");
    if (!collection.is_view) set_values(*type(collection.name + "ExplicitField"), std::move(user_fields));

    std::vector<std::string> numeric = {"_count", "_sum", "_avg", "_min", "_max"};
    for (const Field* item : fields) {
        if (!item->is_relation && is_numeric(item->kind)) numeric.push_back(item->name);
    }
    set_values(*type(collection.name + "NumericFieldsArg"), std::move(numeric));
}

void TypeSystemBuilder::define_selectors(const Collection& collection,
                                         const std::vector<const Field*>& fields) {
    const std::string& name = collection.name;
    auto window = [&](GqlType& selector) {
        input(selector, "limit", named("Int"));
        input(selector, "offset", named("Int"));
    };
    // Only at the root: where a selector is used inside a select, asOf is refused.
    auto as_of = [&](GqlType& selector) {
        selector.input_fields.push_back({.name = "asOf", .type = named("ID"), .hidden = true});
    };
    GqlType& count = *type(name + "__CountSelector");
    as_of(count);
    input(count, "filter", named(name + "FilterArg"));
    window(count);
    GqlType& numeric = *type(name + "__NumericSelector");
    as_of(numeric);
    input(numeric, "field", required(named(name + "NumericFieldsArg")));
    input(numeric, "filter", named(name + "FilterArg"));
    input(numeric, "order", list(name + "OrderArg"));
    window(numeric);
    window(*add(Kind::input_object, name + "___group__CountSelector"));
    if (!collection.is_view) window(*add(Kind::input_object, name + "___version__CountSelector"));
    for (const Field* item : fields) {
        if (item->is_relation && item->many) {
            window(*add(Kind::input_object, fmt::format("{}__{}__CountSelector", name, item->name)));
        } else if (is_array(*item)) {
            define_array_selectors(name, *item);
        }
    }
}

void TypeSystemBuilder::define_array_selectors(const std::string& collection, const Field& array) {
    std::string prefix = fmt::format("{}__{}__", collection, array.name);
    std::string filter = fmt::format("{}{}FilterArg", not_null_prefix(array.kind), scalar_name(array.kind));
    GqlType& count = *add(Kind::input_object, prefix + "CountSelector");
    input(count, "filter", named(filter));
    input(count, "limit", named("Int"));
    input(count, "offset", named("Int"));
    if (!is_numeric_array(array)) return;
    GqlType& numeric = *add(Kind::input_object, prefix + "NumericSelector");
    input(numeric, "filter", named(filter));
    input(numeric, "order", named("Ordering"));
    input(numeric, "limit", named("Int"));
    input(numeric, "offset", named("Int"));
    GqlType& similarity = *add(Kind::input_object, prefix + "SimilaritySelector");
    input(similarity, "vector", required(value_type(array.kind)));
}

void TypeSystemBuilder::define_aggregates(const Collection& collection,
                                          const std::vector<const Field*>& fields, GqlType& object) {
    const std::string& name = collection.name;
    std::vector<InputValue> count = {{.name = "_group", .type = named(name + "__CountSelector")}};
    std::vector<InputValue> numeric = {{.name = "_group", .type = named(name + "__NumericSelector")}};
    std::vector<InputValue> similarity;
    if (!collection.is_view) {
        count.push_back({.name = "_version", .type = named(name + "___version__CountSelector")});
    }
    for (const Field* item : fields) {
        if (item->is_relation && item->many) {
            count.push_back({.name = item->name, .type = named(target_name(*item) + "__CountSelector")});
            numeric.push_back({.name = item->name, .type = named(target_name(*item) + "__NumericSelector")});
        } else if (is_array(*item)) {
            std::string prefix = fmt::format("{}__{}__", name, item->name);
            count.push_back({.name = item->name, .type = named(prefix + "CountSelector")});
            if (!is_numeric_array(*item)) continue;
            numeric.push_back({.name = item->name, .type = named(prefix + "NumericSelector")});
            similarity.push_back({.name = item->name, .type = named(prefix + "SimilaritySelector")});
        }
    }
    field(object, "_count", named("Int"), std::move(count));
    for (std::string_view aggregate : kNumericAggregates)
        field(object, std::string(aggregate), named("Float"), numeric);
    field(object, "_similarity", named("Float"), std::move(similarity));
}

void TypeSystemBuilder::define_filter(const Collection& collection, const std::vector<const Field*>& fields) {
    std::string name = collection.name + "FilterArg";
    GqlType& filter = *type(name);
    for (const Field* item : fields) {
        input(filter, item->name,
              named(item->is_relation ? target_name(*item) + "FilterArg" : filter_type_name(item->kind)));
    }
    if (!collection.is_view) input(filter, "_docID", named("IDOperatorBlock"));
    input(filter, "_and", list_of_non_null(name));
    input(filter, "_or", list_of_non_null(name));
    input(filter, "_not", named(name));
    input(filter, "_alias", named("JSON"));
}

void TypeSystemBuilder::define_order(const Collection& collection, const std::vector<const Field*>& fields) {
    GqlType& order = *type(collection.name + "OrderArg");
    for (const Field* item : fields) {
        if (item->is_relation && item->many) continue;
        input(order, item->name, named(item->is_relation ? target_name(*item) + "OrderArg" : "Ordering"));
    }
    if (!collection.is_view) input(order, "_docID", named("Ordering"));
    input(order, "_alias", named("JSON"));
}

// Every field that may be written: stored scalars, and a primary relation both by its name and by its id.
void TypeSystemBuilder::define_mutation_input(const Collection& collection) {
    GqlType& mutation = *add(Kind::input_object, collection.name + "MutationInputArg");
    for (const Field& item : collection.fields) {
        if (item.name.starts_with('_')) continue;
        if (item.is_relation) {
            if (item.many || !item.primary) continue;
            mutation.input_fields.push_back({.name = item.name, .type = named("ID"), .relation = true});
        } else if (item.stored) {
            input(mutation, item.name, value_type(item.kind));
        }
    }
    define_relation_inputs(collection, mutation);
}

// The forms of relations that the reference does not have: nested objects, and the sides without the key.
void TypeSystemBuilder::define_relation_inputs(const Collection& collection, GqlType& mutation) {
    for (InputValue& value : mutation.input_fields) {
        if (!value.relation) continue;
        auto nested = nested_.find(target_name(*collection.find(value.name)));
        if (nested != nested_.end()) value.nested = nested->second;
    }
    for (const Field& item : collection.fields) {
        if (!item.is_relation || item.primary || item.name.starts_with('_')) continue;
        if (item.partner < 0 && !item.link) continue;
        auto nested = nested_.find(target_name(item));
        if (nested == nested_.end()) continue;
        mutation.input_fields.push_back({.name = item.name,
                                         .type = item.many ? list("ID") : named("ID"),
                                         .hidden = true,
                                         .relation = true,
                                         .many = item.many,
                                         .objects_only = !item.many,
                                         .nested = nested->second});
    }
    auto own = nested_.find(collection.name);
    if (own == nested_.end()) return;
    GqlType& type = *own->second;
    type.input_fields = mutation.input_fields;
    type.input_fields.push_back({.name = "_docID", .type = named("ID")});
    // {_add, _remove} stands for a whole list; a list of one such object is as near as types come.
    TypeRef list_of_own{&type, false, true, false};
    type.input_fields.push_back({.name = std::string(kAddMember), .type = list_of_own, .shown_only = true});
    type.input_fields.push_back({.name = std::string(kRemoveMember), .type = list("ID"), .shown_only = true});
}

void TypeSystemBuilder::define_roots(const Collection& collection) {
    const std::string& name = collection.name;
    std::vector<InputValue> arguments = select_arguments(name);
    arguments.push_back({.name = "cid", .type = named("String")});
    arguments.push_back({.name = "showDeleted", .type = named("Boolean")});
    field(*subscription_, name, list(name), arguments);
    arguments.push_back({.name = "asOf", .type = named("ID"), .hidden = true});
    field(*query_, name, list(name), std::move(arguments));
    define_root_connection(collection);
    root_count_.push_back({.name = name, .type = named(name + "__CountSelector")});
    root_numeric_.push_back({.name = name, .type = named(name + "__NumericSelector")});
    if (collection.is_view) return;

    TypeRef filter = named(name + "FilterArg"), values = named(name + "MutationInputArg");
    std::vector<InputValue> targets = {{.name = "docID", .type = list("ID")},
                                       {.name = "docIDs", .type = list("ID"), .is_alias = true},
                                       {.name = "id", .type = list("ID"), .is_alias = true},
                                       {.name = "filter", .type = filter}};
    field(*mutation_, "delete_" + name, list(name), targets);
    targets.push_back({.name = "input", .type = values});
    field(*mutation_, "update_" + name, list(name), std::move(targets));
    field(*mutation_, "create_" + name, list(name),
          {{.name = "input", .type = list_of_non_null(name + "MutationInputArg")},
           {.name = "encrypt", .type = named("Boolean")},
           {.name = "encryptFields", .type = list_of_non_null(name + "ExplicitField")}});
    field(*mutation_, "upsert_" + name, list(name),
          {{.name = "filter", .type = required(filter)},
           {.name = "create", .type = required(values)},
           {.name = "update", .type = required(values)}});
}

}  // namespace cairn::query
