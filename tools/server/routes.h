// The handlers of all routes; route_table.cc lists them. Each runs on a thread of the pool, the quick ones on
// the thread that read the request.
#pragma once

#include <functional>

#include "cairn/error.h"
#include "server/route.h"

namespace cairn::server {

// ---- answers ----
HttpResponse json_response(std::string json);  // adds the final newline
HttpResponse error_response(const Error& error);
HttpResponse error_response(unsigned status, std::string_view message);
// Refuses a GET that would change something: a link, an image or a prefetch must not be able to.
HttpResponse mutation_by_get();
// The answer for an error, or an empty one.
HttpResponse empty_response(const Status& status);
// The answer for an error, or the JSON.
HttpResponse json_or_error(Result<std::string> json);

// ---- transactions ----
// Runs a body in the transaction that the request names, or else in one of its own.
Status read_in(Call& call, const std::function<Status(Transaction&)>& body);
Status write_in(Call& call, const std::function<Status(Transaction&)>& body);

// ---- handlers ----
HttpResponse graphql_post(Call& call);
HttpResponse graphql_get(Call& call);
std::optional<HttpResponse> graphql_post_at_once(Call& call);  // one document by its id

HttpResponse add_schema(Call& call);
HttpResponse patch_schema(Call& call);
HttpResponse describe_schemas(Call& call);
HttpResponse set_default_schema(Call& call);
HttpResponse describe_collections(Call& call);
HttpResponse patch_collections(Call& call);

HttpResponse list_document_ids(Call& call);
HttpResponse create_documents(Call& call);
HttpResponse update_documents(Call& call);
HttpResponse delete_documents(Call& call);
HttpResponse get_document(Call& call);
HttpResponse update_document(Call& call);
HttpResponse delete_document(Call& call);

HttpResponse list_all_indexes(Call& call);
HttpResponse list_indexes(Call& call);
HttpResponse create_index(Call& call);
HttpResponse drop_index(Call& call);

HttpResponse begin_transaction(Call& call);
HttpResponse commit_transaction(Call& call);
HttpResponse discard_transaction(Call& call);

HttpResponse export_backup(Call& call);
HttpResponse import_backup(Call& call);

HttpResponse document_log(Call& call);
HttpResponse document_graph(Call& call);
HttpResponse show_block(Call& call);
HttpResponse verify_dag(Call& call);
HttpResponse store_stats(Call& call);
HttpResponse check_store(Call& call);
HttpResponse rebuild_store(Call& call);
HttpResponse compact_store(Call& call);

HttpResponse ccip_post(Call& call);
HttpResponse ccip_get(Call& call);
HttpResponse p2p_disabled(Call& call);

HttpResponse dump(Call& call);
HttpResponse openapi(Call& call);
HttpResponse purge(Call& call);
HttpResponse health_check(Call& call);

}  // namespace cairn::server
