#include <algorithm>

#include "collections/value.h"

namespace cairn {
namespace {

// Value::Object is in the order of canonical CBOR (length first); answers want plain bytewise order.
void append_object(const Value::Object& members, std::string& out) {
    auto key_less = [](const auto* a, const auto* b) { return a->first < b->first; };
    std::vector<const Value::Object::value_type*> sorted;
    sorted.reserve(members.size());
    for (const auto& member : members) sorted.push_back(&member);
    std::sort(sorted.begin(), sorted.end(), key_less);
    out.push_back('{');
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        if (i > 0) out.push_back(',');
        append_json_string(sorted[i]->first, out);
        out.push_back(':');
        append_json(sorted[i]->second, out);
    }
    out.push_back('}');
}

struct JsonAppender {
    std::string& out;
    void operator()(std::monostate) const { out.append("null"); }
    void operator()(bool value) const { out.append(value ? "true" : "false"); }
    void operator()(std::int64_t value) const { append_json_number(value, out); }
    void operator()(double value) const { append_json_number(value, out); }
    void operator()(float value) const { append_json_number(value, out); }
    void operator()(const std::string& value) const { append_json_string(value, out); }
    void operator()(const Value::Array& elements) const {
        out.push_back('[');
        for (std::size_t i = 0; i < elements.size(); ++i) {
            if (i > 0) out.push_back(',');
            append_json(elements[i], out);
        }
        out.push_back(']');
    }
    void operator()(const Value::Object& members) const { append_object(members, out); }
};

}  // namespace

void append_json(const Value& value, std::string& out) {
    std::visit(JsonAppender{out}, value.data);
}

}  // namespace cairn
