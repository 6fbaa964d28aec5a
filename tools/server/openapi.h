// The OpenAPI 3.0 description of the API (spec/http-and-cli.md section 13), made from the table of routes.
// Pure.
#pragma once

#include <string>

namespace cairn::server {

// The document as JSON; made once.
const std::string& openapi_document();

}  // namespace cairn::server
