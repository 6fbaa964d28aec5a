// The part of TypeSystemBuilder for types that are there whatever the collections are (spec/query.md
// sections 2.1, 2.6, 2.11, 2.12, 2.13).
#include <fmt/format.h>

#include "query/type_system_builder.h"

namespace cairn::query {

namespace {

constexpr std::string_view kListScalars[] = {"Boolean", "Int", "Float32", "Float64", "String"};

}  // namespace

void TypeSystemBuilder::add_fixed_types() {
    using Scalar = GqlType::Scalar;
    add_scalar("Boolean", Scalar::boolean);
    add_scalar("String", Scalar::string);
    add_scalar("ID", Scalar::id);
    add_scalar("Int", Scalar::integer);
    for (std::string_view name : {"Float", "Float32", "Float64"})
        add_scalar(std::string(name), Scalar::floating);
    add_scalar("DateTime", Scalar::date_time);
    add_scalar("Blob", Scalar::blob);
    add_scalar("JSON", Scalar::json);
    add_enum("Ordering", {"ASC", "DESC"});
    add_enum("ExplainType", {"simple", "execute", "debug"});
    add_enum("CRDTType", {"lww", "pncounter", "pcounter"});
    query_ = add(Kind::object, "Query");
    mutation_ = add(Kind::object, "Mutation");
    subscription_ = add(Kind::object, "Subscription");
    for (GqlType* root : {query_, mutation_, subscription_}) field(*root, "_", named("Boolean"));
    system_->query_ = query_;
    system_->mutation_ = mutation_;
    system_->subscription_ = subscription_;
    add_operator_blocks();
    add_commit_types();
    add_directives();
    add_introspection_types();
    add_meta_fields();
}

void TypeSystemBuilder::add_operator_blocks() {
    for (std::string_view scalar :
         {"ID", "Boolean", "Int", "Float32", "Float64", "DateTime", "String", "Blob"}) {
        add_operator_block(scalar);
    }
    for (std::string_view scalar : {"Boolean", "Int", "Float32", "Float64", "String", "Blob"}) {
        add_not_null_blocks(scalar);
    }
    for (std::string_view scalar : kListScalars) {
        add_list_block("", scalar);
        add_list_block("NotNull", scalar);
    }
}

void TypeSystemBuilder::add_operator_block(std::string_view scalar) {
    GqlType* block = add(Kind::input_object, fmt::format("{}OperatorBlock", scalar));
    add_operators(*block, scalar, scalar == "ID");
}

void TypeSystemBuilder::add_not_null_blocks(std::string_view scalar) {
    add_operators(*add(Kind::input_object, fmt::format("NotNull{}OperatorBlock", scalar)), scalar, true);
}

void TypeSystemBuilder::add_list_block(std::string_view prefix, std::string_view scalar) {
    GqlType* block = add(Kind::input_object, fmt::format("{}{}ListOperatorBlock", prefix, scalar));
    TypeRef element = named(fmt::format("{}{}OperatorBlock", prefix, scalar));
    for (std::string_view name : {"_any", "_all", "_none"}) input(*block, std::string(name), element);
}

void TypeSystemBuilder::add_operators(GqlType& type, std::string_view scalar, bool elements_non_null) {
    TypeRef values = elements_non_null ? list_of_non_null(scalar) : list(scalar);
    input(type, "_eq", named(scalar));
    input(type, "_ne", named(scalar));
    input(type, "_in", values);
    input(type, "_nin", values);
    if (scalar == "Int" || scalar == "Float32" || scalar == "Float64" || scalar == "DateTime") {
        for (std::string_view name : {"_gt", "_ge", "_lt", "_le"})
            input(type, std::string(name), named(scalar));
    }
    if (scalar == "String" || scalar == "Blob") {
        for (std::string_view name : {"_like", "_nlike", "_ilike", "_nilike"}) {
            input(type, std::string(name), named("String"));
        }
    }
}

void TypeSystemBuilder::add_leaf_filters() {
    for (std::string_view scalar : kListScalars) {
        for (std::string_view prefix : {"", "NotNull"}) {
            std::string name = fmt::format("{}{}FilterArg", prefix, scalar);
            GqlType* type = add(Kind::input_object, name);
            add_operators(*type, scalar, !prefix.empty());
            input(*type, "_and", list_of_non_null(name));
            input(*type, "_or", list_of_non_null(name));
        }
    }
}

void TypeSystemBuilder::add_commit_types() {
    add_enum("commitFields", {"height", "cid", "docID", "fieldName"});
    add_enum("commitCountFieldArg", {"links"});
    GqlType* order = add(Kind::input_object, "commitsOrderArg");
    for (std::string_view name : {"height", "cid", "docID"})
        input(*order, std::string(name), named("Ordering"));

    GqlType* link = add(Kind::object, "CommitLink");
    field(*link, "name", named("String"));
    field(*link, "cid", named("String"));
    GqlType* signature = add(Kind::object, "Signature");
    for (std::string_view name : {"type", "identity", "value"})
        field(*signature, std::string(name), named("String"));

    commit_ = add(Kind::object, "Commit");
    field(*commit_, "height", named("Int"));
    for (std::string_view name : {"cid", "docID", "schemaVersionId", "fieldName", "delta"}) {
        field(*commit_, std::string(name), named("String"));
    }
    field(*commit_, "links", list("CommitLink"));
    field(*commit_, "signature", named("Signature"));
    field(*commit_, "_count", named("Int"), {{.name = "field", .type = named("commitCountFieldArg")}});

    field(*query_, "commits", list("Commit"),
          {{.name = "docID", .type = named("ID")},
           {.name = "fieldName", .type = named("String")},
           {.name = "cid", .type = named("ID")},
           {.name = "asOf", .type = named("ID"), .hidden = true},
           {.name = "depth", .type = named("Int")},
           {.name = "order", .type = list("commitsOrderArg")},
           {.name = "groupBy", .type = list_of_non_null("commitFields")},
           {.name = "limit", .type = named("Int")},
           {.name = "offset", .type = named("Int")}});
    field(*query_, "latestCommits", list("Commit"),
          {{.name = "docID", .type = required(named("ID"))},
           {.name = "fieldName", .type = named("String")},
           {.name = "asOf", .type = named("ID"), .hidden = true}});
}

void TypeSystemBuilder::add_directives() {
    GqlType* index_field = add(Kind::input_object, "IndexField");
    input(*index_field, "field", named("String"));
    input(*index_field, "direction", named("Ordering"));

    using Arguments = std::vector<std::pair<std::string_view, TypeRef>>;
    auto directive = [&](std::string name, const Arguments& arguments,
                         std::vector<std::string_view> locations) {
        DirectiveDef definition{std::move(name), {}, std::move(locations)};
        for (const auto& [argument, type] : arguments) {
            definition.arguments.push_back({.name = std::string(argument), .type = type});
        }
        std::sort(definition.arguments.begin(), definition.arguments.end(),
                  [](const InputValue& a, const InputValue& b) { return a.name < b.name; });
        system_->directives_.push_back(std::move(definition));
    };
    TypeRef text = named("String");
    directive("explain", {{"type", named("ExplainType")}}, {"QUERY", "MUTATION"});
    directive("crdt", {{"type", named("CRDTType")}}, {"FIELD_DEFINITION"});
    directive("default",
              {{"string", text},
               {"bool", named("Boolean")},
               {"int", named("Int")},
               {"float", named("Float")},
               {"float32", named("Float32")},
               {"float64", named("Float64")},
               {"dateTime", named("DateTime")},
               {"json", named("JSON")},
               {"blob", named("Blob")}},
              {"FIELD_DEFINITION"});
    directive("index",
              {{"name", text},
               {"unique", named("Boolean")},
               {"direction", named("Ordering")},
               {"includes", list("IndexField")}},
              {"OBJECT", "FIELD_DEFINITION"});
    directive("primary", {}, {"FIELD_DEFINITION"});
    GqlType* rules = add_extension(Kind::enumeration, "DeleteRule");
    set_values(*rules, {"RESTRICT", "SET_NULL", "CASCADE"});
    directive("relation", {{"name", text}, {"onDelete", TypeRef{rules, false, false, false}}},
              {"FIELD_DEFINITION"});
    system_->directives_.back().arguments.back().hidden = true;
    directive("constraints", {{"size", named("Int")}}, {"FIELD_DEFINITION"});
    directive(
        "embedding",
        {{"provider", text}, {"model", text}, {"url", text}, {"template", text}, {"fields", list("String")}},
        {"FIELD_DEFINITION"});
    directive("policy", {{"id", text}, {"resource", text}}, {"OBJECT"});
    directive("materialized", {{"if", named("Boolean")}}, {"OBJECT"});
    directive("branchable", {{"if", named("Boolean")}}, {"OBJECT"});
    // Not of the reference's schema.
    directive("join", {{"on", text}, {"references", text}}, {"FIELD_DEFINITION"});
    system_->directives_.back().hidden = true;
    for (std::string_view name : {"skip", "include"}) {
        directive(std::string(name), {{"if", required(named("Boolean"))}},
                  {"FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"});
        system_->directives_.back().hidden = true;
    }
}

void TypeSystemBuilder::add_introspection_types() {
    add_enum("__TypeKind",
             {"SCALAR", "OBJECT", "INTERFACE", "UNION", "ENUM", "INPUT_OBJECT", "LIST", "NON_NULL"});
    add_enum("__DirectiveLocation",
             {"QUERY", "MUTATION", "SUBSCRIPTION", "FIELD", "FRAGMENT_DEFINITION", "FRAGMENT_SPREAD",
              "INLINE_FRAGMENT", "SCHEMA", "SCALAR", "OBJECT", "FIELD_DEFINITION", "ARGUMENT_DEFINITION",
              "INTERFACE", "UNION", "ENUM", "ENUM_VALUE", "INPUT_OBJECT", "INPUT_FIELD_DEFINITION"});
    GqlType* schema = add(Kind::object, "__Schema");
    GqlType* type = add(Kind::object, "__Type");
    GqlType* type_field = add(Kind::object, "__Field");
    GqlType* input_value = add(Kind::object, "__InputValue");
    GqlType* enum_value = add(Kind::object, "__EnumValue");
    GqlType* directive = add(Kind::object, "__Directive");
    TypeRef text = named("String"), yes_or_no = required(named("Boolean"));
    TypeRef any_type = named("__Type"), types = list_of_non_null("__Type");
    TypeRef arguments = required(list_of_non_null("__InputValue"));
    InputValue include_deprecated{
        .name = "includeDeprecated", .type = named("Boolean"), .default_value = "false"};

    field(*schema, "types", required(types));
    field(*schema, "queryType", required(any_type));
    field(*schema, "mutationType", any_type);
    field(*schema, "subscriptionType", any_type);
    field(*schema, "directives", required(list_of_non_null("__Directive")));

    field(*type, "kind", required(named("__TypeKind")));
    field(*type, "fields", list_of_non_null("__Field"), {include_deprecated});
    field(*type, "interfaces", types);
    field(*type, "possibleTypes", types);
    field(*type, "enumValues", list_of_non_null("__EnumValue"), {include_deprecated});
    field(*type, "inputFields", list_of_non_null("__InputValue"));
    field(*type, "ofType", any_type);
    field(*type, "name", text);
    field(*type, "description", text);

    for (GqlType* described : {type_field, input_value, enum_value, directive}) {
        field(*described, "name", required(text));
        field(*described, "description", text);
    }
    field(*type_field, "args", arguments);
    for (GqlType* typed : {type_field, input_value}) field(*typed, "type", required(any_type));
    for (GqlType* deprecable : {type_field, enum_value}) {
        field(*deprecable, "isDeprecated", yes_or_no);
        field(*deprecable, "deprecationReason", text);
    }
    field(*input_value, "defaultValue", text);
    field(*directive, "locations", required(list_of_non_null("__DirectiveLocation")));
    field(*directive, "args", arguments);
    for (std::string_view name : {"onOperation", "onFragment", "onField"}) {
        field(*directive, std::string(name), yes_or_no);
        directive->fields.back().deprecation_reason = "Use `locations`.";
    }
}

void TypeSystemBuilder::add_meta_fields() {
    system_->typename_field_ = {"__typename", required(named("String")), {}};
    system_->schema_field_ = {"__schema", required(named("__Schema")), {}};
    system_->type_field_ = {"__type", named("__Type"), {{.name = "name", .type = required(named("String"))}}};
}

}  // namespace cairn::query
