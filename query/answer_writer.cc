#include "query/answer_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "collections/row.h"
#include "query/commits.h"
#include "query/connection.h"

namespace cairn::query {
namespace {

void append_doc_id(const DocId& id, std::string& out) {
    char text[kDocIdTextBytes + 2];
    text[0] = '"';
    id.write_text(text + 1);
    text[kDocIdTextBytes + 1] = '"';
    out.append(text, sizeof text);
}

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

void append_number(const Number& number, std::string_view name, const ExecutionContext& context,
                   std::string& out) {
    if (number.is_null()) {
        out += "null";
    } else if (number.kind == Number::Kind::integer) {
        append_json_number(number.integer, out);
    } else {
        double value = number.as_double();
        append_json_number(value, out);
        if (std::isfinite(value) || context.notices == nullptr) return;
        context.notices->push_back(fmt::format("value of {} is {} and cannot be written as JSON", name,
                                               std::isnan(value) ? "not a number" : "infinite"));
    }
}

// The documents or groups that an item of a row has.
Status AnswerWriter::write_lists(const ResolvedItem& resolved, std::size_t row, std::string& out) {
    std::uint32_t begin = resolved.lists.offsets[row], end = resolved.lists.offsets[row + 1];
    if (resolved.single) {
        if (begin == end) {
            out += "null";
            return {};
        }
        return write_object(*resolved.child, resolved.lists.items[begin], false, out);
    }
    out += '[';
    for (std::uint32_t i = begin; i < end; ++i) {
        if (i != begin) out += ',';
        CAIRN_TRY(write_object(*resolved.child, resolved.lists.items[i], false, out));
    }
    out += ']';
    return {};
}

Status AnswerWriter::write_item(const Level& level, std::size_t at, std::size_t row, bool rendered_deleted,
                                std::string& out) {
    const OutputItem& item = level.plan->items[at];
    const ResolvedItem& resolved = level.items[at];
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
        case OutputItem::Kind::group:
            return write_lists(resolved, row, out);
        case OutputItem::Kind::connection:
            return write_connection(resolver_, *item.connection, *resolved.connection, row, out);
        case OutputItem::Kind::secondary_id: {
            std::uint32_t begin = resolved.lists.offsets[row], end = resolved.lists.offsets[row + 1];
            if (begin == end) {
                out += "null";
            } else {
                append_doc_id(resolved.related->rows[resolved.lists.items[begin]].id, out);
            }
            return {};
        }
        case OutputItem::Kind::aggregate:
        case OutputItem::Kind::similarity:
            append_number(resolved.column[row], item.selection->name, resolver_.context(), out);
            return {};
        case OutputItem::Kind::versions:
            return render_versions(resolver_.context(), item.commits, document.id, level.of_versions, out);
        case OutputItem::Kind::scalar:
            break;
    }
    return {};
}

// A counter may overflow; its state stays infinite so that replicas converge, but JSON has no number for it
// (spec/query.md Q34).
void AnswerWriter::notice_unwritable(const Field& field, const Row& row, double number) {
    std::vector<std::string>* notices = resolver_.context().notices;
    if (notices == nullptr) return;
    notices->push_back(fmt::format("value of field {} is {} and cannot be written as JSON. DocID: {}",
                                   field.name, std::isnan(number) ? "not a number" : "infinite",
                                   row.id.text()));
}

namespace {

// The stored field that a secondary id falls back to for a row without a related document; else nullptr.
const Field* declared_id(const Level& level, std::size_t item, std::size_t row) {
    int stored = level.plan->items[item].stored_field;
    bool shown = stored >= 0 && level.items[item].lists.count(row) == 0;
    return shown ? &level.collection->fields[static_cast<std::size_t>(stored)] : nullptr;
}

}  // namespace

Status AnswerWriter::write_object(const Level& level, std::size_t row, bool rendered_deleted,
                                  std::string& out) {
    CAIRN_TRY(check_bytes(resolver_.reads().view, out.size()));
    const Row& document = (*level.rows)[row];
    RowView view = document.view();
    char separator = '{';
    for (std::size_t i = 0; i < level.items.size(); ++i) {
        const OutputItem& item = level.plan->items[i];
        out += separator;
        separator = ',';
        out += item.prefix;
        const Field* field =
            item.kind == OutputItem::Kind::scalar ? level.items[i].field : declared_id(level, i, row);
        if (field == nullptr) {
            CAIRN_TRY(write_item(level, i, row, rendered_deleted, out));
        } else if (view.has(field->slot)) {
            std::optional<double> unwritable;
            CAIRN_TRY(append_stored_json(view.raw(field->slot), field->kind, out, unwritable));
            if (unwritable) notice_unwritable(*field, document, *unwritable);
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
    resolver_.begin(plan_, rows, level);
    CAIRN_TRY(resolver_.finish(level));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!first) out += ',';
        first = false;
        CAIRN_TRY(write_object(level, i, rendered_deleted, out));
    }
    return {};
}

Status AnswerWriter::write_level(const Level& level, const std::vector<std::uint32_t>& rows,
                                 std::string& out) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i != 0) out += ',';
        CAIRN_TRY(write_object(level, rows[i], false, out));
    }
    return {};
}

}  // namespace cairn::query
