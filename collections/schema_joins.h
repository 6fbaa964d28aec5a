// The rule on join fields (@join): what they compare must exist, be stored and be comparable. An extension;
// the reference has no such fields. Pure; thread-safe.
#pragma once

#include "cairn/error.h"
#include "collections/schema_rules.h"

namespace cairn {

class RuleMessages;

bool has_joins(const CollectionVersionDescription& version);

// Whether values of two kinds can be equal: of one scalar kind other than JSON, two numbers, an ID and a
// text.
bool can_join(FieldKind a, FieldKind b);

// A rule like those of schema_rule_list.h: one message for each join of a definition that does not fit.
void joins_fit(const DefinitionState& state, const Definition& definition, RuleMessages& messages);

// The rule on all given definitions. Errors: invalid_argument, the messages joined by '\n'.
Status check_joins(const DefinitionState& state);

}  // namespace cairn
