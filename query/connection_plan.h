// What a selection asks of a connection: edges, nodes, page information, a count. Part of select_plan.h,
// which is to be included instead; immutable like all plans.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cairn/error.h"
#include "collections/catalog.h"
#include "query/ast.h"

namespace cairn::query {

struct SelectPlan;

struct ConnectionItem {
    enum class Kind : std::uint8_t {
        edges,
        nodes,
        page_info,
        total_count,
        cursor,
        node,
        has_next,
        has_previous,
        start_cursor,
        end_cursor,
        type_name
    };
    Kind kind = Kind::edges;
    std::string prefix;                    // `"key":`
    std::string type_name;                 // type_name: of the object that it stands in
    std::size_t node = 0;                  // node, nodes: position in ConnectionPlan::nodes
    std::vector<ConnectionItem> children;  // edges, page_info
};

struct ConnectionPlan {
    int collection = -1;
    const AstSelection* selection = nullptr;  // has the arguments; the first one written
    std::vector<ConnectionItem> items;        // sorted by response key
    // What is selected of a document, wherever a node is selected. Names in `_alias` are those of the first.
    std::vector<std::unique_ptr<SelectPlan>> nodes;
    bool needs_page = false;  // something depends on which documents are on the page
    bool needs_rows = false;  // more than their ids
    bool needs_cursors = false;
    bool needs_total = false;
    bool needs_neighbours = false;  // whether there is more before or after the page

    const SelectPlan* names() const { return nodes.empty() ? nullptr : nodes.front().get(); }
};

// Plans the documents that several selections of one response key select.
using PlanNode =
    std::function<Result<std::unique_ptr<SelectPlan>>(const std::vector<const AstSelection*>& selections)>;
// selections: those of one response key, at least one. Errors: those of plan_select.
Result<std::unique_ptr<ConnectionPlan>> plan_connection(const Catalog& catalog, const Document& document,
                                                        int collection,
                                                        const std::vector<const AstSelection*>& selections,
                                                        const PlanNode& plan_node);

}  // namespace cairn::query
