// Searching for the few bytes at which text must be treated one by one, sixteen bytes a step. Pure,
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace cairn {

// The first byte in [begin, end) for which the scanner's class holds, else end. A scanner has `static bool
// matches(unsigned char)` and, with SSE2, `static __m128i matches(__m128i)` giving 0xff at matching bytes;
// both must mean the same.
template <typename Scanner>
inline const char* find_byte(const char* begin, const char* end) {
    const char* p = begin;
#if defined(__SSE2__)
    for (; end - p >= 16; p += 16) {
        int mask = _mm_movemask_epi8(Scanner::matches(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
        if (mask != 0) return p + __builtin_ctz(static_cast<unsigned>(mask));
    }
    if (end - p >= 8) {
        int mask =
            _mm_movemask_epi8(Scanner::matches(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)))) & 0xff;
        if (mask != 0) return p + __builtin_ctz(static_cast<unsigned>(mask));
        p += 8;
    }
#endif
    for (; p != end; ++p) {
        if (Scanner::matches(static_cast<unsigned char>(*p))) return p;
    }
    return end;
}

}  // namespace cairn
