// The single rules of spec/schema.md section 7; used by schema_rules.cc only.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "collections/schema_rules.h"

namespace cairn {

// The messages of failed rules, joined by '\n'. Their number is bounded: a text can break rules more often
// than it has bytes.
class RuleMessages {
  public:
    static constexpr std::size_t kMost = 10'000;

    bool full() const { return count_ == kMost; }
    bool empty() const { return count_ == 0; }
    void add(std::string_view message) {
        if (full()) return;
        if (count_++ > 0) text_ += '\n';
        text_ += message;
    }
    const std::string& text() const { return text_; }

  private:
    std::size_t count_ = 0;
    std::string text_;
};

using DefinitionRule = void (*)(const DefinitionState& state, const Definition& definition,
                                RuleMessages& messages);

// Rule 1, which looks at all definitions at once.
void check_unique_names(const DefinitionState& state, RuleMessages& messages);
// Rules 2 to 19 in their order, then the rule on joins.
std::span<const DefinitionRule> definition_rules();

}  // namespace cairn
