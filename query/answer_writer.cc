#include "query/answer_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "collections/row.h"
#include "query/commits.h"
#include "query/filter_operators.h"
#include "query/input_values.h"
#include "query/row_order.h"

namespace cairn::query {
namespace {

void append_doc_id(const DocId& id, std::string& out) {
    char text[kDocIdTextBytes + 2];
    text[0] = '"';
    id.write_text(text + 1);
    text[kDocIdTextBytes + 1] = '"';
    out.append(text, sizeof text);
}

// Elements of a null-safe array that satisfy the selector's filter, windowed (spec/query.md 8.4).
Result<std::uint64_t> count_elements(const ExecutionContext& context, const Field& field, const Row& row,
                                     const AstValue* selector) {
    RowView view = row.view();
    if (!view.has(field.slot)) return 0;
    CAIRN_ASSIGN(Value value, read_stored(view.raw(field.slot), field.kind));
    const auto* elements = value.get_if<Value::Array>();
    if (elements == nullptr) return 0;
    std::uint64_t count = elements->size();
    const AstValue* filter = find_member(selector, "filter", context.variables);
    if (filter != nullptr && filter->kind == AstValue::Kind::object) {
        count = 0;
        CAIRN_ASSIGN(auto compiled,
                     compile_element_filter(element_kind(field.kind), *filter, context.variables));
        for (const Value& element : *elements) {
            CAIRN_ASSIGN(bool holds, test_value(*compiled, element));
            count += holds ? 1 : 0;
        }
    }
    auto limit = integer_argument(find_member(selector, "limit", context.variables), context.variables);
    auto offset = integer_argument(find_member(selector, "offset", context.variables), context.variables);
    if (offset && !limit) return 0;  // Q13: offset without limit leaves nothing
    if (offset && *offset > 0) count -= std::min(count, static_cast<std::uint64_t>(*offset));
    if (limit && *limit >= 0) count = std::min(count, static_cast<std::uint64_t>(*limit));
    return count;
}

}  // namespace

namespace {

template <typename Number>
void append_float(Number number, std::string& out, std::optional<double>& unwritable) {
    append_json_number(number, out);
    if (!std::isfinite(number)) unwritable = number;
}

// The first number of an array or JSON value that JSON cannot express.
std::optional<double> find_unwritable(const Value& value) {
    auto check = [](double number) { return std::isfinite(number) ? std::nullopt : std::optional(number); };
    if (const double* number = value.get_if<double>()) return check(*number);
    if (const float* number = value.get_if<float>()) return check(*number);
    std::optional<double> found;
    if (const auto* elements = value.get_if<Value::Array>()) {
        for (std::size_t i = 0; i < elements->size() && !found; ++i) found = find_unwritable((*elements)[i]);
    } else if (const auto* members = value.get_if<Value::Object>()) {
        for (auto member = members->begin(); member != members->end() && !found; ++member) {
            found = find_unwritable(member->second);
        }
    }
    return found;
}

}  // namespace

Status append_stored_json(std::string_view raw, FieldKind kind, std::string& out,
                          std::optional<double>& unwritable) {
    switch (kind) {
        case FieldKind::string:
            append_json_string(raw, out);
            return {};
        case FieldKind::integer: {
            std::int64_t number = 0;
            if (raw.size() == 8) std::memcpy(&number, raw.data(), 8);
            append_json_number(number, out);
            return {};
        }
        case FieldKind::boolean:
            out += !raw.empty() && raw[0] != 0 ? "true" : "false";
            return {};
        case FieldKind::float64: {
            double number = 0;
            if (raw.size() == 8) std::memcpy(&number, raw.data(), 8);
            append_float(number, out, unwritable);
            return {};
        }
        case FieldKind::float32: {
            float number = 0;
            if (raw.size() == 4) std::memcpy(&number, raw.data(), 4);
            append_float(number, out, unwritable);
            return {};
        }
        case FieldKind::id:
            if (raw.size() == 16) {
                append_doc_id(DocId::from_key(raw), out);
            } else {
                append_json_string(raw, out);
            }
            return {};
        case FieldKind::date_time:
        case FieldKind::blob:
            append_json_string(raw, out);
            return {};
        default: {
            CAIRN_ASSIGN(Value value, read_stored(raw, kind));
            unwritable = find_unwritable(value);
            append_json(value, out);
            return {};
        }
    }
}

Status AnswerWriter::resolve_relation(const Level& level, const OutputItem& item, Resolved& resolved) {
    const Field& field = level.collection->fields[static_cast<std::size_t>(item.field)];
    resolved.single = !field.many;
    SelectArguments arguments;
    if (item.kind == OutputItem::Kind::relation) {
        CAIRN_ASSIGN(arguments, evaluate_arguments(context_, field.target, item.selection->arguments));
    }
    CAIRN_ASSIGN(Related related, fetch_related(reads_, level.plan->collection, item.field, *level.rows,
                                                arguments.filter.get()));
    if (arguments.ids) {
        std::uint32_t out = 0, begin = 0;
        for (std::size_t i = 0; i + 1 < related.offsets.size(); ++i) {
            std::uint32_t end = related.offsets[i + 1];
            for (std::uint32_t k = begin; k < end; ++k) {
                const DocId& id = related.children.rows[related.items[k]].id;
                if (std::binary_search(arguments.ids->begin(), arguments.ids->end(), id)) {
                    related.items[out++] = related.items[k];
                }
            }
            begin = end;
            related.offsets[i + 1] = out;
        }
        related.items.resize(out);
    }
    CAIRN_TRY(arrange_lists(reads_, field.target, arguments, related));
    resolved.related = std::make_unique<Related>(std::move(related));
    if (item.kind != OutputItem::Kind::relation) return {};
    resolved.child = std::make_unique<Level>();
    resolved.child->plan = item.child.get();
    resolved.child->rows = &resolved.related->children.rows;
    return resolve(*resolved.child);
}

Status AnswerWriter::resolve_count(const Level& level, const OutputItem& item, Resolved& resolved) {
    if (item.target == OutputItem::Target::versions) {
        for (const Row& row : *level.rows) {
            CAIRN_ASSIGN(std::uint64_t count, count_versions(context_, row.id));
            resolved.counts.push_back(count);
        }
        return {};
    }
    const Field& field = level.collection->fields[static_cast<std::size_t>(item.field)];
    const AstValue* selector = context_.variables.resolve(item.target_value);
    if (item.target == OutputItem::Target::array) {
        for (const Row& row : *level.rows) {
            CAIRN_ASSIGN(std::uint64_t count, count_elements(context_, field, row, selector));
            resolved.counts.push_back(count);
        }
        return {};
    }
    CAIRN_ASSIGN(SelectArguments arguments, evaluate_selector(context_, field.target, selector));
    if (!arguments.filter) {
        CAIRN_ASSIGN(resolved.counts, count_related(reads_, level.plan->collection, item.field, *level.rows));
    } else {
        CAIRN_ASSIGN(Related related, fetch_related(reads_, level.plan->collection, item.field, *level.rows,
                                                    arguments.filter.get()));
        for (std::size_t i = 0; i < level.rows->size(); ++i) resolved.counts.push_back(related.count(i));
    }
    for (std::uint64_t& count : resolved.counts) {
        count -= std::min(count, arguments.offset);
        if (arguments.limit != 0) count = std::min(count, arguments.limit);
    }
    return {};
}

Status AnswerWriter::resolve(Level& level) {
    level.collection = &context_.catalog().collection(level.plan->collection);
    level.items.resize(level.plan->items.size());
    for (std::size_t i = 0; i < level.items.size(); ++i) {
        const OutputItem& item = level.plan->items[i];
        Resolved& resolved = level.items[i];
        if (item.field >= 0) resolved.field = &level.collection->fields[static_cast<std::size_t>(item.field)];
        if (item.kind == OutputItem::Kind::relation || item.kind == OutputItem::Kind::secondary_id) {
            CAIRN_TRY(resolve_relation(level, item, resolved));
        } else if (item.kind == OutputItem::Kind::count) {
            CAIRN_TRY(resolve_count(level, item, resolved));
        }
    }
    return {};
}

Status AnswerWriter::write_related(const Resolved& resolved, std::size_t row, std::string& out) {
    std::uint32_t begin = resolved.related->offsets[row], end = resolved.related->offsets[row + 1];
    if (resolved.single) {
        if (begin == end) {
            out += "null";
            return {};
        }
        return write_object(*resolved.child, resolved.related->items[begin], false, out);
    }
    out += '[';
    for (std::uint32_t i = begin; i < end; ++i) {
        if (i != begin) out += ',';
        CAIRN_TRY(write_object(*resolved.child, resolved.related->items[i], false, out));
    }
    out += ']';
    return {};
}

Status AnswerWriter::write_item(const Level& level, const OutputItem& item, const Resolved& resolved,
                                std::size_t row, bool rendered_deleted, std::string& out) {
    const Row& document = (*level.rows)[row];
    switch (item.kind) {
        case OutputItem::Kind::doc_id:
            append_doc_id(document.id, out);
            return {};
        case OutputItem::Kind::deleted:
            out += document.deleted || rendered_deleted ? "true" : "false";
            return {};
        case OutputItem::Kind::type_name:
            append_json_string(level.collection->name, out);
            return {};
        case OutputItem::Kind::relation:
            return write_related(resolved, row, out);
        case OutputItem::Kind::secondary_id: {
            std::uint32_t begin = resolved.related->offsets[row], end = resolved.related->offsets[row + 1];
            if (begin == end) {
                out += "null";
            } else {
                append_doc_id(resolved.related->children.rows[resolved.related->items[begin]].id, out);
            }
            return {};
        }
        case OutputItem::Kind::count:
            append_json_number(static_cast<std::int64_t>(resolved.counts[row]), out);
            return {};
        case OutputItem::Kind::versions:
            return render_versions(context_, item.commits, document.id, out);
        case OutputItem::Kind::scalar:
            break;
    }
    return {};
}

// A counter may overflow; its state stays infinite so that replicas converge, but JSON has no number for it
// (spec/query.md Q34).
void AnswerWriter::notice_unwritable(const Field& field, const Row& row, double number) {
    if (context_.notices == nullptr) return;
    context_.notices->push_back(
        fmt::format("value of field {} is {} and cannot be written as JSON. DocID: {}", field.name,
                    std::isnan(number) ? "not a number" : "infinite", row.id.text()));
}

Status AnswerWriter::write_object(const Level& level, std::size_t row, bool rendered_deleted,
                                  std::string& out) {
    RowView view = (*level.rows)[row].view();
    char separator = '{';
    for (std::size_t i = 0; i < level.items.size(); ++i) {
        const OutputItem& item = level.plan->items[i];
        out += separator;
        separator = ',';
        out += item.prefix;
        if (item.kind != OutputItem::Kind::scalar) {
            CAIRN_TRY(write_item(level, item, level.items[i], row, rendered_deleted, out));
            continue;
        }
        const Field& field = *level.items[i].field;
        if (view.has(field.slot)) {
            std::optional<double> unwritable;
            CAIRN_TRY(append_stored_json(view.raw(field.slot), field.kind, out, unwritable));
            if (unwritable) notice_unwritable(field, (*level.rows)[row], *unwritable);
        } else {
            out += "null";
        }
    }
    if (separator == '{') out += '{';
    out += '}';
    return {};
}

Status AnswerWriter::write_rows(const std::vector<Row>& rows, bool rendered_deleted, bool& first,
                                std::string& out) {
    Level level;
    level.plan = &plan_;
    level.rows = &rows;
    CAIRN_TRY(resolve(level));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!first) out += ',';
        first = false;
        CAIRN_TRY(write_object(level, i, rendered_deleted, out));
    }
    return {};
}

}  // namespace cairn::query
