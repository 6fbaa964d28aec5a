// A bound on nesting before a JSON text is given to a library whose tree functions recurse.
#pragma once

#include <cstddef>
#include <string_view>

namespace cairn {

// The deepest nesting of arrays and objects in a JSON text; brackets in strings do not count. Meaningful for
// valid JSON, harmless for anything else. One pass, no allocation.
inline std::size_t json_nesting(std::string_view json) {
    std::size_t depth = 0, deepest = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        char c = json[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > deepest) deepest = depth;
        } else if ((c == ']' || c == '}') && depth > 0) {
            --depth;
        }
    }
    return deepest;
}

}  // namespace cairn
