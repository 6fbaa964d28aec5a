#include "collections/json_patch.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "collections/json_nesting.h"
#include "dag/limits.h"

namespace cairn {

namespace {

using Json = nlohmann::json;

std::unexpected<Error> refused(std::string message) {
    return fail(ErrorCode::invalid_argument, std::move(message));
}

std::string dump(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// ---- reading ----

struct OperationName {
    std::string_view name;
    PatchOperation::Kind kind;
};
constexpr OperationName kOperations[] = {
    {"add", PatchOperation::Kind::add},         {"remove", PatchOperation::Kind::remove},
    {"replace", PatchOperation::Kind::replace}, {"move", PatchOperation::Kind::move},
    {"copy", PatchOperation::Kind::copy},       {"test", PatchOperation::Kind::test},
};

// A text member of an operation. Errors: the inner part of the message.
Result<std::string> text_member(const Json& operation, const char* name, std::string_view missing) {
    auto it = operation.find(name);
    if (it == operation.end() || it->is_null()) return refused(std::string(missing) + ": missing value");
    if (!it->is_string()) return refused(cannot_unmarshal(*it, "value of type string"));
    return it->get<std::string>();
}

std::unexpected<Error> invalid_operation(const Json& operation, std::string_view problem) {
    // Go escapes these three when it writes the operation back.
    std::string text;
    for (char c : dump(operation)) {
        switch (c) {
            case '<':
                text += "\\u003c";
                break;
            case '>':
                text += "\\u003e";
                break;
            case '&':
                text += "\\u0026";
                break;
            default:
                text += c;
        }
    }
    return refused("invalid operation " + text + ": " + std::string(problem));
}

Result<PatchOperation> parse_operation(const Json& json) {
    if (!json.is_object() && !json.is_null())
        return refused(cannot_unmarshal(json, "value of type jsonpatch.Operation"));
    PatchOperation operation;
    const OperationName* known = nullptr;
    if (auto op = json.find("op"); json.is_object() && op != json.end() && op->is_string()) {
        const std::string& name = op->get_ref<const std::string&>();
        known = std::find_if(std::begin(kOperations), std::end(kOperations),
                             [&](const OperationName& candidate) { return candidate.name == name; });
    }
    if (known == nullptr || known == std::end(kOperations))
        return invalid_operation(json, "unsupported operation");
    operation.kind = known->kind;
    auto value = json.find("value");
    operation.has_value = value != json.end();
    if (operation.has_value) {
        operation.value = *value;
    } else if (operation.kind == PatchOperation::Kind::add ||
               operation.kind == PatchOperation::Kind::replace) {
        return invalid_operation(json,
                                 "failed to decode 'value': operation, missing value field: missing value");
    }
    if (operation.kind == PatchOperation::Kind::move || operation.kind == PatchOperation::Kind::copy) {
        Result<std::string> from = text_member(json, "from", "operation, missing from field");
        if (!from) return invalid_operation(json, "failed to decode 'from': " + from.error().message);
        operation.from = std::move(*from);
    }
    Result<std::string> path = text_member(json, "path", "operation missing path field");
    if (!path) return invalid_operation(json, "failed to decode 'path': " + path.error().message);
    operation.path = std::move(*path);
    return operation;
}

// ---- sizes: what a patch may make of the document ----

struct Extent {
    std::size_t values = 0, depth = 0;
};

// Counts the values of a tree and its depth; the tree is never deeper than kMaxJsonNesting.
void measure(const Json& value, std::size_t depth, Extent& extent) {
    ++extent.values;
    extent.depth = std::max(extent.depth, depth);
    for (const Json& child : value) {
        if (value.is_structured()) measure(child, depth + 1, extent);
    }
}

// ---- applying ----

struct Place {
    Json* container = nullptr;  // null: the path leads nowhere
    std::string key;            // unescaped
    std::size_t depth = 0;
};

std::string unescaped(std::string_view part) {
    std::string text;
    for (std::size_t i = 0; i < part.size(); ++i) {
        if (part[i] == '~' && i + 1 < part.size() && (part[i + 1] == '0' || part[i + 1] == '1')) {
            text += part[++i] == '0' ? '~' : '/';
        } else {
            text += part[i];
        }
    }
    return text;
}

std::unexpected<Error> invalid_index(std::int64_t index) {
    return refused("Unable to access invalid index: " + std::to_string(index) + ": invalid index referenced");
}

// An index as Go's strconv.Atoi reads it.
Result<std::int64_t> parse_index(const std::string& key) {
    std::string_view digits = key;
    if (!digits.empty() && (digits.front() == '+' || digits.front() == '-')) digits.remove_prefix(1);
    bool all_digits = !digits.empty() &&
                      std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!all_digits) return refused("strconv.Atoi: parsing " + dump(Json(key)) + ": invalid syntax");
    std::int64_t index = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), index).ec != std::errc{}) {
        return refused("strconv.Atoi: parsing " + dump(Json(key)) + ": value out of range");
    }
    return key.front() == '-' ? -index : index;
}

// The place of an index in a list of this size, negative ones counted from the end.
Result<std::size_t> place_in(const std::string& key, std::size_t size) {
    CAIRN_ASSIGN(std::int64_t index, parse_index(key));
    auto count = static_cast<std::int64_t>(size);
    if (index >= count || index < -count) return invalid_index(index);
    return static_cast<std::size_t>(index < 0 ? index + count : index);
}

// The value at a key of an object or a list. An empty key is the container itself. Errors: the inner part of
// the message.
Result<Json*> get(Json& container, const std::string& key) {
    if (key.empty()) return &container;
    if (container.is_array()) {
        CAIRN_ASSIGN(std::size_t index, place_in(key, container.size()));
        return &container[index];
    }
    auto it = container.find(key);
    if (it == container.end()) return refused("unable to get nonexistent key: " + key + ": missing value");
    return &*it;
}

Status insert(Json& container, const std::string& key, Json value) {
    if (!container.is_array()) {
        container[key] = std::move(value);
        return {};
    }
    if (key == "-") {
        container.push_back(std::move(value));
        return {};
    }
    Result<std::int64_t> parsed = parse_index(key);
    if (!parsed)
        return refused("value was not a proper array index: '" + key + "': " + parsed.error().message);
    CAIRN_ASSIGN(std::size_t index, place_in(key, container.size() + 1));
    container.insert(container.begin() + static_cast<std::ptrdiff_t>(index), std::move(value));
    return {};
}

Status erase(Json& container, const std::string& key) {
    if (container.is_array()) {
        CAIRN_ASSIGN(std::size_t index, place_in(key, container.size()));
        container.erase(index);
    } else if (container.erase(key) == 0) {
        return refused("unable to remove nonexistent key: " + key + ": missing value");
    }
    return {};
}

// Numbers differ when one has a fraction or exponent and the other has not, as in the reference.
bool same(const Json& a, const Json& b) {
    if (a.is_number() && b.is_number()) return a.is_number_float() == b.is_number_float() && a == b;
    if (a.type() != b.type() || a.size() != b.size()) return false;
    if (a.is_array()) return std::equal(a.begin(), a.end(), b.begin(), same);
    if (!a.is_object()) return a == b;
    return std::equal(
        a.items().begin(), a.items().end(), b.items().begin(),
        [](const auto& x, const auto& y) { return x.key() == y.key() && same(x.value(), y.value()); });
}

class Patcher {
  public:
    explicit Patcher(Json& document) : document_(document) {}

    Status apply(const PatchOperation& operation) {
        switch (operation.kind) {
            case PatchOperation::Kind::add:
                return add(operation);
            case PatchOperation::Kind::remove:
                return remove(operation);
            case PatchOperation::Kind::replace:
                return replace(operation);
            case PatchOperation::Kind::move:
                return move(operation);
            case PatchOperation::Kind::copy:
                return copy(operation);
            case PatchOperation::Kind::test:
                return test(operation);
        }
        return {};
    }

  private:
    // What comes before the first '/' is not looked at.
    Place find(const std::string& path) {
        Place place;
        std::size_t begin = path.find('/');
        if (begin == std::string::npos) return place;
        Json* container = &document_;
        for (std::size_t end; (end = path.find('/', begin + 1)) != std::string::npos; begin = end) {
            std::string_view part = std::string_view(path).substr(begin + 1, end - begin - 1);
            Result<Json*> next = get(*container, unescaped(part));
            if (!next || !(*next)->is_structured()) return place;
            container = *next;
            if (!part.empty()) ++place.depth;
        }
        place.container = container;
        place.key = unescaped(std::string_view(path).substr(begin + 1));
        return place;
    }

    // A value put at a place must not make the document too deep.
    Result<Extent> fits(const Json& value, std::size_t depth, const std::string& path) {
        Extent extent;
        measure(value, depth + 1, extent);
        if (extent.depth > limits::kMaxJsonNesting) {
            return fail(ErrorCode::limit_exceeded,
                        "patch: the document becomes nested too deeply at path: " + path);
        }
        return extent;
    }

    // The same for a value that was in the document already: copies can grow without bound.
    Status transfer_fits(const Json& value, std::size_t depth, const std::string& path) {
        CAIRN_ASSIGN(Extent extent, fits(value, depth, path));
        transferred_ += extent.values;
        if (transferred_ <= kMaxPatchTransfers) return {};
        return fail(ErrorCode::limit_exceeded, "patch: too much is copied or moved, at path: " + path);
    }

    Status replace_document(const PatchOperation& operation) {
        if (!operation.value.is_structured()) {
            return refused("replace operation value must be object or array: " + dump(operation.value));
        }
        document_ = operation.value;
        return {};
    }

    Status add(const PatchOperation& operation) {
        if (operation.path.empty()) return replace_document(operation);
        Place place = find(operation.path);
        if (place.container == nullptr) {
            return refused("add operation does not apply: doc is missing path: \"" + operation.path +
                           "\": missing value");
        }
        CAIRN_TRY(fits(operation.value, place.depth, operation.path));
        Status done = insert(*place.container, place.key, operation.value);
        if (!done) return refused("error in add for path: '" + operation.path + "': " + done.error().message);
        return {};
    }

    Status remove(const PatchOperation& operation) {
        Place place = find(operation.path);
        if (place.container == nullptr) {
            return refused("remove operation does not apply: doc is missing path: \"" + operation.path +
                           "\": missing value");
        }
        Status done = erase(*place.container, place.key);
        if (!done)
            return refused("error in remove for path: '" + operation.path + "': " + done.error().message);
        return {};
    }

    Status replace(const PatchOperation& operation) {
        if (operation.path.empty()) return replace_document(operation);
        Place place = find(operation.path);
        if (place.container == nullptr) {
            return refused("replace operation does not apply: doc is missing path: " + operation.path +
                           ": missing value");
        }
        CAIRN_TRY(fits(operation.value, place.depth, operation.path));
        Result<Json*> old = get(*place.container, place.key);
        if (!old || place.key.empty()) {
            return refused("replace operation does not apply: doc is missing key: " + operation.path +
                           ": missing value");
        }
        **old = operation.value;
        return {};
    }

    Status move(const PatchOperation& operation) {
        if (operation.from.empty()) {
            return refused("unable to move entire document to another path: invalid state detected");
        }
        Place source = find(operation.from);
        if (source.container == nullptr) {
            return refused("move operation does not apply: doc is missing from path: " + operation.from +
                           ": missing value");
        }
        auto failed = [&](const Error& error) {
            return refused("error in move for path: '" + source.key + "': " + error.message);
        };
        // An empty key is the container itself, which cannot be taken out of itself.
        if (source.key.empty()) return failed({{}, "unable to remove nonexistent key: : missing value"});
        Result<Json*> found = get(*source.container, source.key);
        if (!found) return failed(found.error());
        Json value = std::move(**found);
        if (Status removed = erase(*source.container, source.key); !removed) return failed(removed.error());
        Place target = find(operation.path);
        if (target.container == nullptr) {
            return refused("move operation does not apply: doc is missing destination path: " +
                           operation.path + ": missing value");
        }
        CAIRN_TRY(transfer_fits(value, target.depth, operation.path));
        Status done = insert(*target.container, target.key, std::move(value));
        if (!done)
            return refused("error in move for path: '" + operation.path + "': " + done.error().message);
        return {};
    }

    Status copy(const PatchOperation& operation) {
        Place source = find(operation.from);
        if (source.container == nullptr) {
            return refused("copy operation does not apply: doc is missing from path: \"" + operation.from +
                           "\": missing value");
        }
        Result<Json*> found = get(*source.container, source.key);
        if (!found)
            return refused("error in copy for from: '" + operation.from + "': " + found.error().message);
        Place target = find(operation.path);
        if (target.container == nullptr) {
            return refused("copy operation does not apply: doc is missing destination path: " +
                           operation.path + ": missing value");
        }
        CAIRN_TRY(transfer_fits(**found, target.depth, operation.path));
        Json value = **found;
        Status done = insert(*target.container, target.key, std::move(value));
        if (!done) return refused("error while adding value during copy: " + done.error().message);
        return {};
    }

    Status test(const PatchOperation& operation) {
        std::string failed = "testing value " + operation.path + " failed: test failed";
        if (operation.path.empty())
            return same(document_, operation.value) ? Status{} : refused(std::move(failed));
        Place place = find(operation.path);
        if (place.container == nullptr) {
            return refused("test operation does not apply: is missing path: " + operation.path +
                           ": missing value");
        }
        Result<Json*> found = get(*place.container, place.key);
        if (!found && place.container->is_array()) {
            return refused("error in test for path: '" + operation.path + "': " + found.error().message);
        }
        if (!found ? operation.value.is_null() : same(**found, operation.value)) return {};
        return refused(std::move(failed));
    }

    Json& document_;
    std::size_t transferred_ = 0;
};

}  // namespace

std::string_view json_type_name(const nlohmann::json& value) {
    if (value.is_object()) return "object";
    if (value.is_array()) return "array";
    if (value.is_string()) return "string";
    if (value.is_boolean()) return "bool";
    if (value.is_number()) return "number";
    return "null";
}

std::string cannot_unmarshal(const nlohmann::json& value, std::string_view target, bool with_digits) {
    std::string message = "json: cannot unmarshal ";
    message += json_type_name(value);
    if (with_digits && value.is_number()) message.append(" ").append(dump(value));
    return message.append(" into Go ").append(target);
}

Result<std::vector<PatchOperation>> parse_json_patch(std::string_view text) {
    if (text.size() > limits::kMaxSdlBytes) {
        return fail(ErrorCode::limit_exceeded, "patch: too long: " + std::to_string(text.size()) + " bytes");
    }
    if (std::size_t depth = json_nesting(text); depth > limits::kMaxJsonNesting) {
        return fail(ErrorCode::limit_exceeded, "patch: nested too deeply: " + std::to_string(depth));
    }
    Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (json.is_discarded()) return refused("invalid state detected");
    if (json.is_null()) json = Json::array();
    if (!json.is_array()) return refused(cannot_unmarshal(json, "value of type jsonpatch.Patch"));
    if (json.size() > kMaxPatchOperations) {
        return fail(ErrorCode::limit_exceeded, "patch: too many operations: " + std::to_string(json.size()));
    }
    std::vector<PatchOperation> operations;
    operations.reserve(json.size());
    for (const Json& item : json) {
        CAIRN_ASSIGN(PatchOperation operation, parse_operation(item));
        operations.push_back(std::move(operation));
    }
    return operations;
}

Status apply_json_patch(const std::vector<PatchOperation>& operations, nlohmann::json& document) {
    Patcher patcher(document);
    for (const PatchOperation& operation : operations) CAIRN_TRY(patcher.apply(operation));
    return {};
}

}  // namespace cairn
