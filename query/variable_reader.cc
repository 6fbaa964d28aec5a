#include "query/variable_reader.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <charconv>
#include <cstring>
#include <new>
#include <unordered_map>

#include "dag/cbor.h"
#include "dag/limits.h"
#include "query/literal_check.h"

namespace cairn::query {

namespace {

namespace ondemand = simdjson::ondemand;

// Buffers above this size are given back after the call.
constexpr std::size_t kKeptBytes = std::size_t{1} << 20;

struct ThreadParser {
    ondemand::parser parser;
    std::string padded;

    void trim() {
        if (padded.capacity() <= kKeptBytes) return;
        padded = std::string();
        parser = ondemand::parser();
    }
};

class TreeReader {
  public:
    explicit TreeReader(std::pmr::memory_resource& arena) : arena_(arena) {}
    bool too_deep() const { return too_deep_; }
    // What no syntax check finds: a number beyond the range of doubles.
    const std::string& problem() const { return problem_; }

    // Null when the text is not valid.
    template <typename JsonValue>
    AstValue* read(JsonValue& json);

  private:
    template <typename JsonValue>
    bool read_scalar(JsonValue& json, ondemand::json_type type, AstValue& node);
    bool read_array(ondemand::array array, AstValue& node);
    bool read_object(ondemand::object object, AstValue& node);
    std::string_view keep(std::string_view text);
    template <typename T>
    std::span<const T> keep_list(const T* items, std::size_t count);

    std::pmr::memory_resource& arena_;
    std::size_t depth_ = 0;
    bool too_deep_ = false;
    std::string problem_;
};

std::string_view TreeReader::keep(std::string_view text) {
    if (text.empty()) return {};
    char* copy = static_cast<char*>(arena_.allocate(text.size(), 1));
    std::memcpy(copy, text.data(), text.size());
    return {copy, text.size()};
}

template <typename T>
std::span<const T> TreeReader::keep_list(const T* items, std::size_t count) {
    if (count == 0) return {};
    T* copy = static_cast<T*>(arena_.allocate(count * sizeof(T), alignof(T)));
    std::uninitialized_copy_n(items, count, copy);
    return {copy, count};
}

bool is_number_token(std::string_view token) {
    std::size_t at = token.starts_with('-') ? 1 : 0;
    auto digits = [&] {
        std::size_t start = at;
        while (at < token.size() && token[at] >= '0' && token[at] <= '9') ++at;
        return at - start;
    };
    bool leading_zero = at < token.size() && token[at] == '0';
    std::size_t whole = digits();
    if (whole == 0 || (leading_zero && whole > 1)) return false;
    if (at < token.size() && token[at] == '.') {
        ++at;
        if (digits() == 0) return false;
    }
    if (at < token.size() && (token[at] | 0x20) == 'e') {
        ++at;
        if (at < token.size() && (token[at] == '+' || token[at] == '-')) ++at;
        if (digits() == 0) return false;
    }
    return at == token.size();
}

// A scalar as it is written. Values give the text itself, documents a result.
template <typename JsonValue>
bool token_of(JsonValue& json, std::string_view& token) {
    simdjson::simdjson_result<std::string_view> raw = json.raw_json_token();
    if (std::move(raw).get(token) != simdjson::SUCCESS) return false;
    token = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
    return true;
}

std::string no_double_text(std::string_view token) {
    return fmt::format("json: cannot unmarshal number {} into Go value of type float64", token);
}

template <typename JsonValue>
bool TreeReader::read_scalar(JsonValue& json, ondemand::json_type type, AstValue& node) {
    switch (type) {
        case ondemand::json_type::number: {
            std::string_view token;
            if (!token_of(json, token) || !is_number_token(token)) return false;
            bool whole = token.find_first_of(".eE") == std::string_view::npos;
            node.kind = whole ? AstValue::Kind::integer : AstValue::Kind::floating;
            node.text = keep(token);
            if (!is_finite_number(token)) problem_ = no_double_text(token);
            return problem_.empty();
        }
        case ondemand::json_type::string: {
            std::string_view text;
            if (json.get_string().get(text) != simdjson::SUCCESS) return false;
            node.kind = AstValue::Kind::string;
            node.text = keep(text);
            return true;
        }
        case ondemand::json_type::boolean: {
            bool value = false;
            if (json.get_bool().get(value) != simdjson::SUCCESS) return false;
            node.kind = AstValue::Kind::boolean;
            node.boolean = value;
            node.text = value ? "true" : "false";
            return true;
        }
        default: {
            node.kind = AstValue::Kind::null;
            node.text = "null";
            std::string_view token;
            return token_of(json, token) && token == "null";
        }
    }
}

template <typename JsonValue>
AstValue* TreeReader::read(JsonValue& json) {
    AstValue* node = new (arena_.allocate(sizeof(AstValue), alignof(AstValue))) AstValue();
    ondemand::json_type type;
    if (json.type().get(type) != simdjson::SUCCESS) return nullptr;
    bool ok = false;
    if (type == ondemand::json_type::array || type == ondemand::json_type::object) {
        too_deep_ = too_deep_ || depth_ >= limits::kMaxJsonNesting;
        if (too_deep_) return nullptr;
        ++depth_;
        ondemand::array array;
        ondemand::object object;
        if (type == ondemand::json_type::array) {
            ok = json.get_array().get(array) == simdjson::SUCCESS && read_array(array, *node);
        } else {
            ok = json.get_object().get(object) == simdjson::SUCCESS && read_object(object, *node);
        }
        --depth_;
    } else {
        ok = read_scalar(json, type, *node);
    }
    return ok ? node : nullptr;
}

bool TreeReader::read_array(ondemand::array array, AstValue& node) {
    node.kind = AstValue::Kind::list;
    boost::container::small_vector<const AstValue*, 16> items;
    for (auto element : array) {
        ondemand::value value;
        if (std::move(element).get(value) != simdjson::SUCCESS) return false;
        AstValue* item = read(value);
        if (item == nullptr) return false;
        items.push_back(item);
    }
    node.items = keep_list(items.data(), items.size());
    return true;
}

bool TreeReader::read_object(ondemand::object object, AstValue& node) {
    constexpr std::size_t kScan = 16;
    node.kind = AstValue::Kind::object;
    boost::container::small_vector<AstObjectField, 16> fields;
    std::unordered_map<std::string_view, std::size_t> index;
    for (auto element : object) {
        ondemand::field member;
        std::string_view key;
        if (std::move(element).get(member) != simdjson::SUCCESS) return false;
        if (member.unescaped_key().get(key) != simdjson::SUCCESS) return false;
        AstObjectField field{keep(key), nullptr};
        if ((field.value = read(member.value())) == nullptr) return false;
        std::size_t place = fields.size();
        if (place <= kScan) {
            for (std::size_t i = 0; i < fields.size(); ++i) {
                if (fields[i].name == field.name) place = i;
            }
        } else {
            for (std::size_t i = index.size(); i < fields.size(); ++i) index.emplace(fields[i].name, i);
            place = index.try_emplace(field.name, place).first->second;
        }
        if (place == fields.size()) {
            fields.push_back(field);
        } else {
            fields[place] = field;
        }
    }
    node.fields = keep_list(fields.data(), fields.size());
    return true;
}

std::string_view go_kind_of(std::string_view json) {
    switch (json[json.find_first_not_of(" \t\r\n")]) {
        case '[': return "array";
        case '"': return "string";
        case 't':
        case 'f': return "bool";
        default: return "number";
    }
}

}  // namespace

Result<AstValue*> read_variables(std::string_view json, std::pmr::memory_resource& arena) {
    std::size_t first = json.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || (json.substr(first, 4) == "null" && json_syntax_problem(json).empty())) {
        AstValue* none = new (arena.allocate(sizeof(AstValue), alignof(AstValue))) AstValue();
        none->kind = AstValue::Kind::object;
        return none;
    }
    thread_local ThreadParser thread;
    thread.padded.assign(json);
    thread.padded.append(simdjson::SIMDJSON_PADDING, '\0');
    TreeReader reader(arena);
    ondemand::document document;
    AstValue* root = nullptr;
    simdjson::padded_string_view input(thread.padded.data(), json.size(), thread.padded.size());
    bool ok = json[first] == '{' && thread.parser.iterate(input).get(document) == simdjson::SUCCESS;
    if (ok) root = reader.read(document);
    // The document is at its end when nothing is left to locate.
    const char* rest = nullptr;
    ok = root != nullptr && document.current_location().get(rest) == simdjson::OUT_OF_BOUNDS;
    thread.trim();
    if (ok) return root;
    if (reader.too_deep()) {
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("variables nest too deeply. Limit: {}", limits::kMaxJsonNesting));
    }
    std::string problem = json_syntax_problem(json);
    if (problem.empty()) problem = reader.problem();
    if (problem.empty() && json[first] != '{') {
        problem = fmt::format("json: cannot unmarshal {} into Go value of type map[string]interface {{}}",
                              go_kind_of(json));
    }
    return fail(ErrorCode::invalid_argument, problem.empty() ? "variables are not valid JSON text" : problem);
}

Value json_value_of(const AstValue& node) {
    switch (node.kind) {
        case AstValue::Kind::boolean: return Value(node.boolean);
        case AstValue::Kind::integer:
        case AstValue::Kind::floating: {
            double number = 0;
            std::from_chars(node.text.data(), node.text.data() + node.text.size(), number);
            return Value(number);
        }
        case AstValue::Kind::list: {
            Value::Array items;
            for (const AstValue* item : node.items) items.push_back(json_value_of(*item));
            return Value(std::move(items));
        }
        case AstValue::Kind::object: {
            Value::Object members;
            for (const AstObjectField& field : node.fields) {
                members.emplace_back(std::string(field.name), json_value_of(*field.value));
            }
            std::sort(members.begin(), members.end(),
                      [](const auto& a, const auto& b) { return dag::cbor_key_less(a.first, b.first); });
            return Value(std::move(members));
        }
        case AstValue::Kind::null: return {};
        default: return Value(std::string(node.text));
    }
}

}  // namespace cairn::query
