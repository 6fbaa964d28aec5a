#include "query/connection_types.h"
#include "query/select_plan.h"
#include "query/selection_groups.h"

namespace cairn::query {
namespace {

using Kind = ConnectionItem::Kind;

constexpr std::pair<std::string_view, Kind> kFields[] = {
    {"edges", Kind::edges},
    {"nodes", Kind::nodes},
    {"pageInfo", Kind::page_info},
    {"totalCount", Kind::total_count},
    {"cursor", Kind::cursor},
    {"node", Kind::node},
    {"hasNextPage", Kind::has_next},
    {"hasPreviousPage", Kind::has_previous},
    {"startCursor", Kind::start_cursor},
    {"endCursor", Kind::end_cursor},
    {"__typename", Kind::type_name},
};

class ConnectionPlanner {
  public:
    ConnectionPlanner(const Catalog& catalog, const Document& document, const PlanNode& plan_node,
                      ConnectionPlan& plan)
        : catalog_(catalog), document_(document), plan_node_(plan_node), plan_(plan) {}

    // The items below selections of one response key, which give objects of a type of that name.
    Result<std::vector<ConnectionItem>> items(const std::vector<const AstSelection*>& selections,
                                              std::string_view type_name) {
        CAIRN_ASSIGN(std::vector<SelectionGroup> groups, group_selections(document_, selections));
        std::vector<ConnectionItem> items;
        items.reserve(groups.size());
        for (const SelectionGroup& group : groups) {
            CAIRN_ASSIGN(ConnectionItem made, item(group, type_name));
            items.push_back(std::move(made));
        }
        return items;
    }

  private:
    Result<ConnectionItem> item(const SelectionGroup& group, std::string_view type_name) {
        const auto* known = std::find_if(std::begin(kFields), std::end(kFields), [&](const auto& entry) {
            return entry.first == group.first().name;
        });
        if (known == std::end(kFields)) return fail(ErrorCode::internal, "a connection has no such field");
        ConnectionItem made;
        made.kind = known->second;
        made.prefix = key_prefix(group.key);
        plan_.needs_page =
            plan_.needs_page || (made.kind != Kind::total_count && made.kind != Kind::type_name);
        switch (made.kind) {
            case Kind::edges: {
                const std::string edge = edge_type_name(catalog_.collection(plan_.collection));
                CAIRN_ASSIGN(made.children, items(group.fields, edge));
                break;
            }
            case Kind::page_info: {
                CAIRN_ASSIGN(made.children,
                             items(group.fields, page_info_type_name(catalog_).value_or(std::string_view())));
                break;
            }
            case Kind::nodes:
            case Kind::node: {
                CAIRN_ASSIGN(std::unique_ptr<SelectPlan> node, plan_node_(group.fields));
                made.node = plan_.nodes.size();
                plan_.needs_rows = plan_.needs_rows || !node->ids_only;
                plan_.nodes.push_back(std::move(node));
                break;
            }
            case Kind::total_count:
                plan_.needs_total = true;
                break;
            case Kind::cursor:
            case Kind::start_cursor:
            case Kind::end_cursor:
                plan_.needs_cursors = true;
                break;
            case Kind::has_next:
            case Kind::has_previous:
                plan_.needs_neighbours = true;
                break;
            case Kind::type_name:
                made.type_name = type_name;
                break;
        }
        return made;
    }

    const Catalog& catalog_;
    const Document& document_;
    const PlanNode& plan_node_;
    ConnectionPlan& plan_;
};

}  // namespace

Result<std::unique_ptr<ConnectionPlan>> plan_connection(const Catalog& catalog, const Document& document,
                                                        int collection,
                                                        const std::vector<const AstSelection*>& selections,
                                                        const PlanNode& plan_node) {
    auto plan = std::make_unique<ConnectionPlan>();
    plan->collection = collection;
    plan->selection = selections.front();
    CAIRN_ASSIGN(plan->items, ConnectionPlanner(catalog, document, plan_node, *plan)
                                  .items(selections, connection_type_name(catalog.collection(collection))));
    return plan;
}

}  // namespace cairn::query
