#include "collections/document_json.h"

#include <algorithm>

namespace cairn {

namespace {

constexpr std::uint32_t kDocIdNumber = 1;

}  // namespace

DocumentJson::DocumentJson(const Collection& collection) {
    for (const Field& field : collection.fields) {
        if (field.stored || field.short_id == kDocIdNumber) fields_.push_back(&field);
    }
    std::sort(fields_.begin(), fields_.end(),
              [](const Field* a, const Field* b) { return a->name < b->name; });
}

Status DocumentJson::append(const DocId& id, const RowView& row, std::string& out) const {
    out += '{';
    bool first = true;
    for (const Field* field : fields_) {
        bool is_id = field->short_id == kDocIdNumber;
        if (!is_id && !row.has(field->slot)) continue;
        if (!first) out += ',';
        first = false;
        append_json_string(field->name, out);
        out += ':';
        if (is_id) {
            out += '"';
            id.append_text(out);
            out += '"';
        } else {
            CAIRN_ASSIGN(Value value, read_stored(row.raw(field->slot), field->kind));
            append_json(value, out);
        }
    }
    out += '}';
    return {};
}

}  // namespace cairn
