// Lexical grammar of GraphQL documents as PEGTL rules. The parser above it is written by hand, because the
// texts of syntax errors (spec/query.md section 3.8) name tokens and places that grammar rules alone cannot
// tell.
#pragma once

#include <tao/pegtl.hpp>

namespace cairn::query::grammar {

namespace pegtl = tao::pegtl;

// Any byte but the control characters; a tab is allowed. Bytes of multi-byte characters are not control
// characters.
struct source_byte : pegtl::sor<pegtl::one<'\t'>, pegtl::not_range<'\0', '\x1f'>> {};

struct byte_order_mark : pegtl::string<'\xEF', '\xBB', '\xBF'> {};
struct comment : pegtl::seq<pegtl::one<'#'>, pegtl::star<source_byte>> {};
struct ignored : pegtl::star<pegtl::sor<pegtl::one<' ', '\t', '\n', '\r', ','>, comment, byte_order_mark>> {};

struct name : pegtl::identifier {};

struct digits : pegtl::plus<pegtl::digit> {};
struct whole_part : pegtl::seq<pegtl::opt<pegtl::one<'-'>>,
                               pegtl::sor<pegtl::seq<pegtl::one<'0'>, pegtl::not_at<pegtl::digit>>,
                                          pegtl::seq<pegtl::not_at<pegtl::one<'0'>>, digits>>> {};
struct fraction : pegtl::seq<pegtl::one<'.'>, digits> {};
struct exponent : pegtl::seq<pegtl::one<'e', 'E'>, pegtl::opt<pegtl::one<'+', '-'>>, digits> {};

struct block_quote : pegtl::string<'"', '"', '"'> {};
// What stands in a string between escapes.
struct string_run : pegtl::star<pegtl::seq<pegtl::not_at<pegtl::one<'"', '\\'>>, source_byte>> {};

}  // namespace cairn::query::grammar
