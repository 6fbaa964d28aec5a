#include "query/variable_reader.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <charconv>
#include <cmath>
#include <cstring>
#include <memory>
#include <new>
#include <unordered_map>

#include "dag/cbor.h"
#include "dag/limits.h"
#include "query/literal_check.h"

namespace cairn::query {

namespace {

namespace dom = simdjson::dom;

// A thread's parser keeps its buffers for the next request unless they grew above this.
constexpr std::size_t kKeptBytes = std::size_t{1} << 20;

dom::parser& thread_parser() {
    thread_local dom::parser parser;
    if (parser.capacity() > kKeptBytes) parser = dom::parser();
    return parser;
}

template <typename Int>
char* number_text(Int number, char* first, char* last) {
    return std::to_chars(first, last, number).ptr;
}

// Most doubles in documents have few decimals, and the general conversion is slow.
template <>
char* number_text(double number, char* first, char* last) {
    constexpr double kExact = 9007199254740992.0 / 1000;  // thousandths below are exact
    double thousandths = number * 1000;
    if (std::abs(number) < kExact && thousandths == std::trunc(thousandths) && thousandths / 1000 == number &&
        !(number == 0 && std::signbit(number))) {
        auto scaled = static_cast<std::int64_t>(std::abs(thousandths));
        if (number < 0) *first++ = '-';
        char* end = std::to_chars(first, last, scaled / 1000).ptr;
        *end++ = '.';
        *end++ = static_cast<char>('0' + scaled / 100 % 10);
        if (scaled % 100 != 0) *end++ = static_cast<char>('0' + scaled / 10 % 10);
        if (scaled % 10 != 0) *end++ = static_cast<char>('0' + scaled % 10);
        return end;
    }
    return std::to_chars(first, last, number).ptr;
}

// Copies a parsed document into nodes of the arena.
class TreeBuilder {
  public:
    // Texts are never longer than they are written in the JSON text.
    TreeBuilder(std::pmr::memory_resource& arena, std::size_t json_bytes, std::size_t list_items)
        : arena_(arena),
          texts_(static_cast<char*>(arena.allocate(json_bytes + 1, 1))),
          list_items_(list_items) {}

    // Null when the nesting is too deep or a list too long; problem() tells which.
    AstValue* build(dom::element json);
    std::string problem() const {
        return long_list_ ? fmt::format("variables have too many items in a list. Limit: {}", list_items_)
                          : fmt::format("variables nest too deeply. Limit: {}", limits::kMaxJsonNesting);
    }

  private:
    bool build_array(dom::array array, AstValue& node);
    bool build_object(dom::object object, AstValue& node);
    template <typename Number>
    void set_number(AstValue& node, AstValue::Kind kind, Number number);
    std::string_view keep(std::string_view text);
    template <typename T>
    std::span<const T> keep_list(const T* items, std::size_t count);

    std::pmr::memory_resource& arena_;
    char* texts_;
    std::size_t list_items_;
    std::size_t depth_ = 0;
    bool long_list_ = false;
};

std::string_view TreeBuilder::keep(std::string_view text) {
    std::memcpy(texts_, text.data(), text.size());
    texts_ += text.size();
    return {texts_ - text.size(), text.size()};
}

template <typename T>
std::span<const T> TreeBuilder::keep_list(const T* items, std::size_t count) {
    if (count == 0) return {};
    T* copy = static_cast<T*>(arena_.allocate(count * sizeof(T), alignof(T)));
    std::uninitialized_copy_n(items, count, copy);
    return {copy, count};
}

// A number's shortest text may be longer than the one it was read from (1E5 is 100000), so it has a place of
// its own.
template <typename Number>
void TreeBuilder::set_number(AstValue& node, AstValue::Kind kind, Number number) {
    char digits[32];
    char* end = number_text(number, digits, digits + sizeof digits);
    auto bytes = static_cast<std::size_t>(end - digits);
    char* copy = static_cast<char*>(arena_.allocate(bytes, 1));
    std::memcpy(copy, digits, bytes);
    node.kind = kind;
    node.text = {copy, bytes};
}

AstValue* TreeBuilder::build(dom::element json) {
    AstValue* node = new (arena_.allocate(sizeof(AstValue), alignof(AstValue))) AstValue();
    bool ok = true;
    switch (json.type()) {
        case dom::element_type::ARRAY:
            ok = build_array(dom::array(json), *node);
            break;
        case dom::element_type::OBJECT:
            ok = build_object(dom::object(json), *node);
            break;
        case dom::element_type::INT64:
            set_number(*node, AstValue::Kind::integer, std::int64_t(json));
            break;
        case dom::element_type::UINT64:
            set_number(*node, AstValue::Kind::integer, std::uint64_t(json));
            break;
        case dom::element_type::DOUBLE:
            set_number(*node, AstValue::Kind::floating, double(json));
            break;
        case dom::element_type::STRING:
            node->kind = AstValue::Kind::string;
            node->text = keep(std::string_view(json));
            break;
        case dom::element_type::BOOL:
            node->kind = AstValue::Kind::boolean;
            node->boolean = bool(json);
            node->text = node->boolean ? "true" : "false";
            break;
        case dom::element_type::NULL_VALUE:
            node->text = "null";
            break;
    }
    return ok ? node : nullptr;
}

bool TreeBuilder::build_array(dom::array array, AstValue& node) {
    if (++depth_ > limits::kMaxJsonNesting) return false;
    node.kind = AstValue::Kind::list;
    boost::container::small_vector<const AstValue*, 16> items;
    for (dom::element element : array) {
        if (items.size() == list_items_) {
            long_list_ = true;
            return false;
        }
        AstValue* item = build(element);
        if (item == nullptr) return false;
        items.push_back(item);
    }
    node.items = keep_list(items.data(), items.size());
    --depth_;
    return true;
}

bool TreeBuilder::build_object(dom::object object, AstValue& node) {
    constexpr std::size_t kScan = 16;
    if (++depth_ > limits::kMaxJsonNesting) return false;
    node.kind = AstValue::Kind::object;
    boost::container::small_vector<AstObjectField, kScan> fields;
    std::unordered_map<std::string_view, std::size_t> index;
    for (dom::key_value_pair member : object) {
        AstValue* value = build(member.value);
        if (value == nullptr) return false;
        std::size_t place = fields.size();
        if (place <= kScan) {
            auto same_name = [&](const AstObjectField& field) { return field.name == member.key; };
            place = static_cast<std::size_t>(std::find_if(fields.begin(), fields.end(), same_name) -
                                             fields.begin());
        } else {
            for (std::size_t i = index.size(); i < fields.size(); ++i) index.emplace(fields[i].name, i);
            auto known = index.find(member.key);
            if (known != index.end()) place = known->second;
        }
        if (place == fields.size()) {
            fields.push_back({keep(member.key), value});
        } else {
            fields[place].value = value;
        }
    }
    node.fields = keep_list(fields.data(), fields.size());
    --depth_;
    return true;
}

// Integers that fit no 64-bit type stop simdjson; Go reads them as doubles. Writes them as doubles, and tells
// the first number that no double holds.
std::string widen_integers(std::string_view json, std::string& too_large) {
    std::string widened;
    bool in_string = false;
    for (std::size_t at = 0; at < json.size(); ++at) {
        char c = json[at];
        widened += c;
        if (in_string && c == '\\' && at + 1 < json.size()) {
            widened += json[++at];
        } else if (c == '"') {
            in_string = !in_string;
        } else if (!in_string && (c == '-' || (c >= '0' && c <= '9'))) {
            std::size_t end = std::min(json.find_first_not_of("+-.eE0123456789", at), json.size());
            std::string_view token = json.substr(at, end - at);
            widened.pop_back();
            widened += token;
            if (token.size() > 18 && token.find_first_of(".eE") == std::string_view::npos) widened += "e0";
            if (too_large.empty() && !is_finite_number(token)) too_large = token;
            at = end - 1;
        }
    }
    return widened;
}

std::string_view go_kind_of(char first) {
    switch (first) {
        case '[':
            return "array";
        case '"':
            return "string";
        case 't':
        case 'f':
            return "bool";
        default:
            return "number";
    }
}

std::unexpected<Error> invalid(std::string problem) {
    return fail(ErrorCode::invalid_argument, std::move(problem));
}

// Called for a text that could not be parsed: finds the cause, or parses it in another form.
Result<dom::element> parse_again(std::string_view json, dom::parser& parser) {
    std::string problem = json_syntax_problem(json);
    if (!problem.empty()) return invalid(std::move(problem));
    std::string too_large, widened = widen_integers(json, too_large);
    if (!too_large.empty()) {
        return invalid(
            fmt::format("json: cannot unmarshal number {} into Go value of type float64", too_large));
    }
    dom::element root;
    simdjson::error_code code = parser.parse(widened).get(root);
    if (code == simdjson::SUCCESS) return root;
    if (code == simdjson::DEPTH_ERROR) {
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("variables nest too deeply. Limit: {}", limits::kMaxJsonNesting));
    }
    return invalid(fmt::format("variables are not valid JSON text: {}", simdjson::error_message(code)));
}

}  // namespace

Result<AstValue*> read_variables(std::string_view json, std::pmr::memory_resource& arena,
                                 std::size_t list_items) {
    std::size_t first = json.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) json = "{}";
    dom::parser& parser = thread_parser();
    dom::element root;
    if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) {
        CAIRN_ASSIGN(root, parse_again(json, parser));
    }
    if (root.is_null()) return read_variables({}, arena, list_items);
    if (!root.is_object()) {
        return invalid(
            fmt::format("json: cannot unmarshal {} into Go value of type map[string]interface {{}}",
                        go_kind_of(json[first])));
    }
    TreeBuilder builder(arena, json.size(), list_items);
    AstValue* tree = builder.build(root);
    if (tree != nullptr) return tree;
    return fail(ErrorCode::limit_exceeded, builder.problem());
}

Value json_value_of(const AstValue& node) {
    switch (node.kind) {
        case AstValue::Kind::boolean:
            return Value(node.boolean);
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
        case AstValue::Kind::null:
            return {};
        default:
            return Value(std::string(node.text));
    }
}

}  // namespace cairn::query
