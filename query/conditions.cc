#include "query/conditions.h"

#include <algorithm>
#include <new>
#include <vector>

namespace cairn::query {
namespace {

const AstValue* condition_of(const AstDirective& directive) {
    bool conditional = directive.name == "skip" || directive.name == "include";
    return conditional && !directive.arguments.empty() ? directive.arguments.front().value : nullptr;
}

// Validation has bounded the nesting.
Conditions conditions_of_set(AstSelectionSet selections) {
    Conditions found = Conditions::none;
    for (const AstSelection* selection : selections) {
        for (const AstDirective& directive : selection->directives) {
            const AstValue* condition = condition_of(directive);
            if (condition == nullptr) continue;
            bool variable = condition->kind == AstValue::Kind::variable;
            found = std::max(found, variable ? Conditions::variable : Conditions::constant);
        }
        found = std::max(found, conditions_of_set(selection->selections));
        if (found == Conditions::variable) return found;
    }
    return found;
}

}  // namespace

Conditions conditions_of(const Document& document) {
    Conditions found = Conditions::none;
    if (document.source().find('@') == std::string_view::npos) return found;
    for (const AstOperation& operation : document.operations()) {
        found = std::max(found, conditions_of_set(operation.selections));
    }
    for (const AstFragment& fragment : document.fragments()) {
        found = std::max(found, conditions_of_set(fragment.selections));
    }
    return found;
}

// Copies the nodes on the way to what is taken away; everything else stays the original's.
class ConditionalDocument {
  public:
    ConditionalDocument(std::shared_ptr<const Document> original, const VariableValues& variables)
        : document_(new Document("")), variables_(variables) {
        document_->operations_ = original->operations_;
        document_->fragments_ = original->fragments_;
        document_->fragment_index_ = original->fragment_index_;
        document_->original_ = std::move(original);
    }

    std::shared_ptr<const Document> run() {
        for (AstOperation& operation : document_->operations_) prune(operation.selections);
        for (AstFragment& fragment : document_->fragments_) prune(fragment.selections);
        return std::move(document_);
    }

  private:
    bool is_included(const AstSelection& selection) const {
        return std::all_of(selection.directives.begin(), selection.directives.end(),
                           [&](const AstDirective& directive) {
                               const AstValue* condition = variables_.resolve(condition_of(directive));
                               if (condition == nullptr) return true;
                               return condition->boolean == (directive.name == "include");
                           });
    }

    // True when something was taken away.
    bool prune(AstSelectionSet& selections) {
        std::vector<const AstSelection*> kept;
        bool changed = false;
        for (const AstSelection* selection : selections) {
            if (!is_included(*selection)) {
                changed = true;
                continue;
            }
            AstSelectionSet inner = selection->selections;
            if (prune(inner)) {
                changed = true;
                auto* copy = new (allocate<AstSelection>(1)) AstSelection(*selection);
                copy->selections = inner;
                selection = copy;
            }
            kept.push_back(selection);
        }
        if (!changed) return false;
        auto** list = allocate<const AstSelection*>(kept.size());
        std::uninitialized_copy(kept.begin(), kept.end(), list);
        selections = {list, kept.size()};
        return true;
    }

    template <typename T>
    T* allocate(std::size_t count) {
        return static_cast<T*>(document_->arena_.allocate(count * sizeof(T) + 1, alignof(T)));
    }

    std::shared_ptr<Document> document_;
    const VariableValues& variables_;
};

std::shared_ptr<const Document> apply_conditions(std::shared_ptr<const Document> document,
                                                 const VariableValues& variables) {
    return ConditionalDocument(std::move(document), variables).run();
}

}  // namespace cairn::query
