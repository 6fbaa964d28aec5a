#include "query/request_shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace cairn::query {
namespace {

struct Shape {
    std::size_t depth = 0, aliases = 0, fields = 0;  // fields: of the outermost level
};

// Validation has bounded nesting and refused cycles; each fragment is measured once.
class ShapeReader {
  public:
    explicit ShapeReader(const Document& document) : document_(document) {}

    Shape measure(AstSelectionSet selections) {
        Shape shape;
        for (const AstSelection* selection : selections) {
            if (selection->kind == AstSelection::Kind::field) {
                Shape inner = measure(selection->selections);
                shape.depth = std::max(shape.depth, inner.depth + 1);
                shape.aliases += inner.aliases + (selection->alias.empty() ? 0 : 1);
                ++shape.fields;
            } else {
                add(shape, selection->kind == AstSelection::Kind::inline_fragment
                               ? measure(selection->selections)
                               : measure_fragment(selection->name));
            }
        }
        return shape;
    }

  private:
    static void add(Shape& shape, const Shape& inner) {
        shape.depth = std::max(shape.depth, inner.depth);
        shape.aliases += inner.aliases;
        shape.fields += inner.fields;
    }

    Shape measure_fragment(std::string_view name) {
        const AstFragment* fragment = document_.fragment(name);
        if (fragment == nullptr) return {};
        auto known = fragments_.find(fragment);
        if (known != fragments_.end()) return known->second;
        Shape shape = measure(fragment->selections);
        fragments_.emplace(fragment, shape);
        return shape;
    }

    const Document& document_;
    std::unordered_map<const AstFragment*, Shape> fragments_;
};

Status within(std::size_t actual, std::size_t limit, std::string_view what) {
    if (limit == 0 || actual <= limit) return {};
    return fail(ErrorCode::limit_exceeded,
                fmt::format("the request has {}. Limit: {}, Actual: {}", what, limit, actual));
}

}  // namespace

Status check_request_shape(const Document& document, const AstOperation& operation,
                           const RequestLimits& limits) {
    Shape shape = ShapeReader(document).measure(operation.selections);
    CAIRN_TRY(within(shape.depth, limits.selection_depth, "fields nested too deeply"));
    CAIRN_TRY(within(shape.aliases, limits.aliases, "too many aliases"));
    return within(shape.fields, limits.root_fields, "too many root fields");
}

}  // namespace cairn::query
