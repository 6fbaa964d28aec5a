#include "query/connection.h"

#include <algorithm>

#include "query/access_path.h"
#include "query/answer_writer.h"
#include "query/page_index.h"
#include "query/past_views.h"
#include "query/row_source.h"

namespace cairn::query {
namespace {

using Kind = ConnectionItem::Kind;

const SortKey* keys_of(const std::optional<Cursor>& cursor) {
    return cursor ? cursor->keys.data() : nullptr;
}

// Resolves the documents of a list of each parent, as the nodes that `wanted` names select them.
Status resolve_nodes(Resolver& resolver, const ConnectionPlan& plan, const std::vector<std::size_t>& wanted,
                     const std::vector<Row>& rows, const Lists& lists, std::vector<NodeLevel>& nodes) {
    nodes.resize(plan.nodes.size());  // levels stay where they are from now on
    for (std::size_t i : wanted) {
        nodes[i].lists = lists;
        resolver.begin(*plan.nodes[i], rows, nodes[i].level);
        CAIRN_TRY(resolver.finish(nodes[i].level, nodes[i].lists));
    }
    return {};
}

std::vector<std::size_t> nodes_below(const ConnectionItem& item) {
    if (item.kind == Kind::nodes || item.kind == Kind::node) return {item.node};
    std::vector<std::size_t> found;
    for (const ConnectionItem& child : item.children) {
        if (child.kind == Kind::node) found.push_back(child.node);
    }
    return found;
}

class ConnectionWriter {
  public:
    ConnectionWriter(Resolver& resolver, const ConnectionPlan& plan, const ConnectionPages& pages,
                     std::size_t parent)
        : resolver_(resolver),
          plan_(plan),
          pages_(pages),
          parent_(parent),
          begin_(plan.needs_page ? pages.lists.offsets[parent] : 0),
          end_(plan.needs_page ? pages.lists.offsets[parent + 1] : 0) {}

    Status write(std::string& out) const {
        return object(plan_.items, out, [&](const ConnectionItem& item) { return write_item(item, out); });
    }

  private:
    template <typename WriteItem>
    static Status object(const std::vector<ConnectionItem>& items, std::string& out,
                         const WriteItem& write_item) {
        char separator = '{';
        for (const ConnectionItem& item : items) {
            out += separator;
            separator = ',';
            out += item.prefix;
            CAIRN_TRY(write_item(item));
        }
        if (separator == '{') out += '{';
        out += '}';
        return {};
    }

    Status write_item(const ConnectionItem& item, std::string& out) const {
        switch (item.kind) {
            case Kind::edges:
            case Kind::nodes:
                return write_list(item, out);
            case Kind::page_info:
                return object(item.children, out,
                              [&](const ConnectionItem& child) { return write_item(child, out); });
            case Kind::total_count:
                append_json_number(static_cast<std::int64_t>(pages_.totals[parent_]), out);
                return {};
            case Kind::has_next:
                out += pages_.has_next[parent_] != 0 ? "true" : "false";
                return {};
            case Kind::has_previous:
                out += pages_.has_previous[parent_] != 0 ? "true" : "false";
                return {};
            case Kind::start_cursor:
                return write_cursor(begin_, out);
            case Kind::end_cursor:
                return write_cursor(end_ == begin_ ? end_ : end_ - 1, out);
            case Kind::type_name:
                append_json_string(item.type_name, out);
                return {};
            case Kind::cursor:
            case Kind::node:
                break;
        }
        return fail(ErrorCode::internal, "a part of an edge outside of edges");
    }

    // Of the document at a position of all lists; null beyond the page.
    Status write_cursor(std::uint32_t at, std::string& out) const {
        if (at >= end_) {
            out += "null";
            return {};
        }
        const std::size_t width = pages_.order->keys().size();
        return pages_.order->append_cursor(&pages_.keys.keys[pages_.lists.items[at] * width], out);
    }

    // Large pages at the root are resolved part by part; the pages of relations are resolved already.
    Status write_list(const ConnectionItem& item, std::string& out) const {
        out += '[';
        if (!pages_.resolves_late) {
            CAIRN_TRY(write_part(item, begin_, end_, pages_.nodes, 0, out));
        } else {
            const std::vector<std::size_t> wanted = nodes_below(item);
            for (std::uint32_t begin = begin_; begin < end_; begin += kBatchRows) {
                const auto end = std::min<std::uint32_t>(end_, begin + kBatchRows);
                Lists part;
                part.offsets = {0, end - begin};
                part.items.assign(pages_.lists.items.begin() + begin, pages_.lists.items.begin() + end);
                std::vector<NodeLevel> nodes;
                CAIRN_TRY(resolve_nodes(resolver_, plan_, wanted, *pages_.rows, part, nodes));
                CAIRN_TRY(write_part(item, begin, end, nodes, begin, out));
            }
        }
        out += ']';
        return {};
    }

    // offset: the position in all lists at which those of the nodes begin.
    Status write_part(const ConnectionItem& item, std::uint32_t begin, std::uint32_t end,
                      const std::vector<NodeLevel>& nodes, std::uint32_t offset, std::string& out) const {
        auto write_node = [&](const ConnectionItem& node, std::uint32_t at) {
            const NodeLevel& level = nodes[node.node];
            return AnswerWriter(resolver_, *plan_.nodes[node.node])
                .write_row(level.level, level.lists.items[at - offset], out);
        };
        for (std::uint32_t at = begin; at < end; ++at) {
            if (at != begin_) out += ',';
            if (item.kind == Kind::nodes) {
                CAIRN_TRY(write_node(item, at));
                continue;
            }
            CAIRN_TRY(check_bytes(resolver_.reads().view, out.size()));
            CAIRN_TRY(object(item.children, out, [&](const ConnectionItem& child) {
                if (child.kind == Kind::node) return write_node(child, at);
                return child.kind == Kind::cursor ? write_cursor(at, out) : write_item(child, out);
            }));
        }
        return {};
    }

    Resolver& resolver_;
    const ConnectionPlan& plan_;
    const ConnectionPages& pages_;
    const std::size_t parent_;
    const std::uint32_t begin_, end_;  // of the parent's page in all lists
};

// Reads the page of a root connection.
class RootPage {
  public:
    RootPage(Resolver& resolver, const ConnectionPlan& plan, ConnectionArguments& given)
        : resolver_(resolver), plan_(plan), given_(given), order_(given.order) {}

    Result<const ConnectionPages*> read() {
        pages_.order = &order_;
        pages_.rows = &rows_;
        pages_.resolves_late = true;
        CAIRN_TRY(choose_path(resolver_.reads(), plan_.collection, given_.select));
        given_.select.order.clear();  // an index in use does not decide on the order
        if (!plan_.needs_page) {
            CAIRN_TRY(count(given_.select));
        } else if (order_.is_by_id() && !given_.select.path && !given_.select.ids) {
            CAIRN_TRY(read_range());
        } else {
            CAIRN_ASSIGN(bool read, read_by_index());
            if (!read) CAIRN_TRY(read_sorted());
        }
        CAIRN_TRY(finish());
        return &pages_;
    }

  private:
    // All documents of the select, not only those between the cursors.
    Status count(SelectArguments& select) {
        std::uint64_t total = 0;
        CAIRN_TRY(for_each_row(resolver_, plan_.collection, select, false,
                               [&](const DocId&, bool, std::string_view) -> Result<bool> {
                                   ++total;
                                   return true;
                               }));
        pages_.totals = {total};
        return {};
    }

    // One document more than the page has tells whether others follow.
    std::uint64_t wanted() const { return given_.size ? *given_.size + 1 : UINT64_MAX; }

    // Takes off the document that is too many; the rows come in the direction of the page.
    bool drop_excess() {
        const bool excess = given_.size && rows_.size() > *given_.size;
        if (excess) rows_.pop_back();
        if (given_.backward) std::reverse(rows_.begin(), rows_.end());
        return excess;
    }

    // ---- in the order of ids: only what is on the page is read

    // The ids from a cursor's place on, or up to it, in the order of the connection.
    IdRange at_or_after(const Cursor& cursor) const {
        return order_.descending() ? IdRange::up_to(cursor.id()) : IdRange::from(cursor.id());
    }
    IdRange at_or_before(const Cursor& cursor) const {
        return order_.descending() ? IdRange::from(cursor.id()) : IdRange::up_to(cursor.id());
    }
    IdRange between() const {
        const auto& low = order_.descending() ? given_.before : given_.after;
        const auto& high = order_.descending() ? given_.after : given_.before;
        IdRange range;
        if (low) range = IdRange::behind(low->id());
        if (high) range.end = high->id();
        range.backward = order_.descending() != given_.backward;
        return range;
    }

    // How many rows conditions on related documents are tested on; with few they would be looked up one by
    // one.
    static std::size_t batch_for(std::uint64_t rows) {
        constexpr std::uint64_t kFewest = 256;
        return std::clamp<std::uint64_t>(rows, kFewest, kBatchRows);
    }

    Status read_range() {
        CAIRN_ASSIGN(SelectArguments select, pass());
        select.range = between();
        CAIRN_TRY(for_each_row(
            resolver_, plan_.collection, select, plan_.needs_rows,
            [&](const DocId& id, bool deleted, std::string_view row) -> Result<bool> {
                rows_.push_back({id, deleted, plan_.needs_rows ? arena_.copy(row) : std::string_view()});
                return rows_.size() < wanted();
            },
            batch_for(wanted())));
        const bool excess = drop_excess();
        if (plan_.needs_neighbours) {
            bool next = !given_.backward && excess, previous = given_.backward && excess;
            if (given_.before && !next) {
                CAIRN_ASSIGN(next, any_in(at_or_after(*given_.before)));
            }
            if (given_.after && !previous) {
                CAIRN_ASSIGN(previous, any_in(at_or_before(*given_.after)));
            }
            set_neighbours(previous, next);
        }
        if (!plan_.needs_total) return {};
        CAIRN_ASSIGN(SelectArguments all, pass());
        return count(all);
    }

    Result<bool> any_in(const IdRange& range) {
        CAIRN_ASSIGN(SelectArguments select, pass());
        select.range = range;
        bool any = false;
        CAIRN_TRY(for_each_row(
            resolver_, plan_.collection, select, false,
            [&](const DocId&, bool, std::string_view) -> Result<bool> {
                any = true;
                return false;
            },
            batch_for(1)));
        return any;
    }

    Result<SelectArguments> pass() { return evaluate_connection_select(resolver_.context(), plan_); }

    // ---- in any order: all documents are looked at once, the best are kept

    Status read_sorted() {
        begin_sort();
        CAIRN_ASSIGN(rows_, sorted_rows(resolver_, plan_.collection, given_.select, *sorter_));
        const bool excess = drop_excess();
        set_surroundings(sorter_->has_before(), sorter_->has_behind() || excess);
        pages_.totals = {sorter_->seen()};
        return {};
    }

    void begin_sort() {
        SelectArguments& select = given_.select;
        select.order = given_.backward ? order_.reversed() : order_.keys();
        select.window.limit = wanted();
        sorter_ = std::make_unique<RowSorter>(resolver_.reads(), plan_.collection, select);
        const SortKey *after = keys_of(given_.after), *before = keys_of(given_.before);
        given_.backward ? sorter_->keep_between(before, after) : sorter_->keep_between(after, before);
    }

    // ---- in the order of an index: what is on the page is read, with the documents of the same values where
    // ties stand the other way round

    // False when no index serves the page, or more would be read than a pass over all documents costs.
    Result<bool> read_by_index() {
        SelectArguments& select = given_.select;
        const ReadContext& reads = resolver_.reads();
        if (!given_.size || select.filter || select.ids || select.path || reads.show_deleted) return false;
        CAIRN_ASSIGN(std::optional<PageIndex> index, index_of_page(reads.catalog, plan_.collection, given_));
        if (!index) return false;
        CAIRN_ASSIGN(bool small, is_small_share(reads, plan_.collection, wanted()));
        if (!small) return false;
        begin_sort();
        CAIRN_ASSIGN(bool read, read_entries(*index));
        if (!read) return false;
        CAIRN_ASSIGN(rows_, sorter_->finish());
        const bool excess = drop_excess();
        if (plan_.needs_neighbours) {
            bool before = sorter_->has_before(), behind = sorter_->has_behind() || excess;
            if (!before) {
                CAIRN_ASSIGN(before, has_entry(index->access, index->before));
            }
            if (!behind) {
                CAIRN_ASSIGN(behind, has_entry(index->access, index->behind));
            }
            set_surroundings(before, behind);
        }
        if (plan_.needs_total) {
            CAIRN_ASSIGN(SelectArguments all, pass());
            CAIRN_TRY(count(all));
        }
        return true;
    }

    // False when the documents of one value are too many.
    Result<bool> read_entries(const PageIndex& index) {
        AccessPath path;
        path.index = index.access;
        given_.select.path = std::make_shared<const AccessPath>(std::move(path));
        const std::size_t compared = order_.keys().size() - (index.is_exact ? 0 : 1);
        std::uint64_t visited = 0, check_at = 128;
        bool worth = true;
        CAIRN_TRY(for_each_row(resolver_, plan_.collection, given_.select, true,
                               [&](const DocId& id, bool deleted, std::string_view row) -> Result<bool> {
                                   sorter_->add_row(id, deleted, row);
                                   if (sorter_->is_settled(compared)) return false;
                                   if (++visited < check_at) return true;
                                   check_at *= 2;
                                   CAIRN_ASSIGN(worth,
                                                is_small_share(resolver_.reads(), plan_.collection, visited));
                                   return worth;
                               }));
        given_.select.path.reset();
        return worth;
    }

    Result<bool> has_entry(const IndexAccess& access, const KeyRange& range) {
        IndexAccess rest = access;
        rest.ranges = {range};
        CAIRN_ASSIGN(bool none, has_few_entries(resolver_.reads().view, rest, 0));
        return !none;
    }

    // In the direction in which the page is read.
    void set_surroundings(bool before, bool behind) {
        given_.backward ? set_neighbours(behind, before) : set_neighbours(before, behind);
    }
    void set_neighbours(bool previous, bool next) {
        pages_.has_previous = {static_cast<char>(previous)};
        pages_.has_next = {static_cast<char>(next)};
    }

    Status finish() {
        pages_.lists = one_list(rows_.size());
        if (!plan_.needs_cursors) return {};
        CAIRN_ASSIGN(pages_.keys, order_keys(resolver_.reads(), plan_.collection, order_.keys(), rows_));
        return {};
    }

    Resolver& resolver_;
    const ConnectionPlan& plan_;
    ConnectionArguments& given_;
    const KeysetOrder& order_;
    std::vector<Row> rows_;  // in arena_, or held by the sorter
    ByteArena arena_;
    std::unique_ptr<RowSorter> sorter_;
    ConnectionPages pages_;
};

// Leaves of each list, which is sorted, what is on the page.
class PageCutter {
  public:
    PageCutter(const ConnectionArguments& given, ConnectionPages& pages)
        : given_(given), pages_(pages), width_(given.order.keys().size()) {}

    void cut() {
        Lists& lists = pages_.lists;
        std::uint32_t out = 0, begin = 0;
        for (std::size_t i = 0; i < lists.parents(); ++i) {
            const std::uint32_t end = lists.offsets[i + 1];
            const auto [from, to] = page(begin, end);
            pages_.has_previous.push_back(static_cast<char>(from > begin));
            pages_.has_next.push_back(static_cast<char>(rest_ < end));
            for (std::uint32_t k = from; k < to; ++k) lists.items[out++] = lists.items[k];
            begin = end;
            lists.offsets[i + 1] = out;
        }
        lists.items.resize(out);
    }

  private:
    const SortKey* keys_at(std::uint32_t item) const { return &pages_.keys.keys[item * width_]; }

    // The page of the list at these positions; sets where what comes after the page begins, which differs
    // from the page's end when the cursors stand the wrong way round.
    std::pair<std::uint32_t, std::uint32_t> page(std::uint32_t begin, std::uint32_t end) {
        const auto first = pages_.lists.items.begin();
        std::uint32_t from = begin;
        rest_ = end;
        if (given_.after) {
            from = static_cast<std::uint32_t>(
                std::partition_point(first + begin, first + end,
                                     [&](std::uint32_t item) {
                                         return given_.order.compare(keys_at(item),
                                                                     given_.after->keys.data()) <= 0;
                                     }) -
                first);
        }
        if (given_.before) {
            rest_ = static_cast<std::uint32_t>(
                std::partition_point(first + begin, first + end,
                                     [&](std::uint32_t item) {
                                         return given_.order.compare(keys_at(item),
                                                                     given_.before->keys.data()) < 0;
                                     }) -
                first);
        }
        if (from >= rest_) return {from, from};
        if (given_.size && rest_ - from > *given_.size) {
            const auto size = static_cast<std::uint32_t>(*given_.size);
            given_.backward ? from = rest_ - size : rest_ = from + size;
        }
        return {from, rest_};
    }

    const ConnectionArguments& given_;
    ConnectionPages& pages_;
    const std::size_t width_;
    std::uint32_t rest_ = 0;
};

}  // namespace

Status execute_connection(const ExecutionContext& now, const ConnectionPlan& plan, std::string& out) {
    CAIRN_ASSIGN(ConnectionArguments given, evaluate_connection(now, plan));
    std::optional<ExecutionContext> then;
    if (given.select.as_of) {
        CAIRN_ASSIGN(ExecutionContext context, context_as_of(now, *given.select.as_of));
        then.emplace(context);
    }
    Resolver resolver(then ? *then : now, given.select.show_deleted);
    RootPage page(resolver, plan, given);
    CAIRN_ASSIGN(const ConnectionPages* pages, page.read());
    return write_connection(resolver, plan, *pages, 0, out);
}

Status page_related(Resolver& resolver, const ConnectionPlan& plan, const ConnectionArguments& given,
                    Related related, ConnectionPages& pages) {
    pages.related = std::move(related.children);
    pages.rows = &pages.related.rows;
    pages.lists = std::move(static_cast<Lists&>(related));
    pages.order = &given.order;
    for (std::size_t i = 0; i < pages.lists.parents(); ++i) pages.totals.push_back(pages.lists.count(i));
    if (!plan.needs_page) return {};
    const KeysetOrder& order = given.order;
    CAIRN_ASSIGN(pages.keys, order_keys(resolver.reads(), plan.collection, order.keys(), *pages.rows));
    if (!order.is_by_id() || order.descending()) {  // they come in the order of their ids
        const std::size_t width = order.keys().size();
        const SortKey* keys = pages.keys.keys.data();
        for (std::size_t i = 0; i < pages.lists.parents(); ++i) {
            std::sort(pages.lists.items.begin() + pages.lists.offsets[i],
                      pages.lists.items.begin() + pages.lists.offsets[i + 1],
                      [&](std::uint32_t a, std::uint32_t b) {
                          return order.compare(keys + a * width, keys + b * width) < 0;
                      });
        }
    }
    PageCutter(given, pages).cut();
    std::vector<std::size_t> all(plan.nodes.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return resolve_nodes(resolver, plan, all, *pages.rows, pages.lists, pages.nodes);
}

Status write_connection(Resolver& resolver, const ConnectionPlan& plan, const ConnectionPages& pages,
                        std::size_t parent, std::string& out) {
    return ConnectionWriter(resolver, plan, pages, parent).write(out);
}

}  // namespace cairn::query
