#include "query/commit_writer.h"

#include <fmt/format.h>

#include "collections/value.h"
#include "query/base64.h"

namespace cairn::query {
namespace {

void append_text(std::string_view text, std::string& out) {
    append_json_string(text, out);
}

void append_text_or_null(std::optional<std::string_view> text, std::string& out) {
    text ? append_text(*text, out) : void(out += "null");
}

void write_links(const CommitItem& item, const dag::BlockView& block, std::string& out) {
    out += '[';
    bool first = true;
    auto link = [&](const dag::Digest& digest, std::optional<std::string_view> name) {
        if (!first) out += ',';
        first = false;
        char separator = '{';
        for (const CommitItem& child : item.children) {
            out += separator;
            separator = ',';
            out += child.prefix;
            if (child.kind == CommitItem::Kind::cid) {
                append_text(cid_text(digest), out);
            } else if (child.kind == CommitItem::Kind::type_name) {
                out += "\"links\"";
            } else {
                append_text_or_null(name, out);
            }
        }
        if (separator == '{') out += '{';
        out += '}';
    };
    for (const dag::Digest& head : block.heads) link(head, "_head");
    for (const dag::NamedLink& named : block.links) {
        link(named.digest, named.name.empty() ? std::nullopt : std::optional(named.name));
    }
    out += ']';
}

}  // namespace

std::string cid_text(const dag::Digest& digest) {
    return dag::Cid{dag::Codec::dag_cbor, digest}.text();
}

std::optional<std::string_view> commit_field_name(const dag::BlockView& block) {
    if (block.kind == dag::DeltaKind::collection) return std::nullopt;
    return block.kind == dag::DeltaKind::composite ? std::string_view("_C") : block.field_name;
}

Status CommitWriter::write(const dag::Digest& digest, const dag::BlockView& block, std::string& out) {
    char separator = '{';
    for (const CommitItem& item : items_) {
        out += separator;
        separator = ',';
        out += item.prefix;
        CAIRN_TRY(write_item(item, digest, block, out));
    }
    if (separator == '{') out += '{';
    out += '}';
    return {};
}

Status CommitWriter::write_item(const CommitItem& item, const dag::Digest& digest,
                                const dag::BlockView& block, std::string& out) {
    bool is_field = block.kind == dag::DeltaKind::lww || block.kind == dag::DeltaKind::counter;
    switch (item.kind) {
        case CommitItem::Kind::cid:
            append_text(cid_text(digest), out);
            return {};
        case CommitItem::Kind::height:
            out += std::to_string(block.priority);
            return {};
        case CommitItem::Kind::doc_id:
            block.kind == dag::DeltaKind::collection ? void(out += "null") : append_text(block.doc_id, out);
            return {};
        case CommitItem::Kind::field_name:
            append_text_or_null(commit_field_name(block), out);
            return {};
        case CommitItem::Kind::version:
            append_text(block.schema_version_id, out);
            return {};
        case CommitItem::Kind::delta:
            is_field ? append_text(base64(block.data), out) : void(out += "null");
            return {};
        case CommitItem::Kind::link_count:
            out += std::to_string(block.heads.size() + block.links.size());
            return {};
        case CommitItem::Kind::links:
            write_links(item, block, out);
            return {};
        case CommitItem::Kind::signature:
            return write_signature(item, block, out);
        case CommitItem::Kind::type_name:
            out += "\"Commit\"";
            return {};
        case CommitItem::Kind::group:
            break;
    }
    out += "null";
    return {};
}

Status CommitWriter::write_signature(const CommitItem& item, const dag::BlockView& block, std::string& out) {
    if (!block.signature) {
        out += "null";
        return {};
    }
    CAIRN_ASSIGN(std::optional<std::string> bytes, source_.block(*block.signature));
    if (!bytes) {
        return fail(ErrorCode::not_found,
                    fmt::format("missing signature block {}", cid_text(*block.signature)));
    }
    CAIRN_ASSIGN(dag::SignatureBlockView signature, dag::decode_signature_block(dag::as_bytes(*bytes)));
    char separator = '{';
    for (const CommitItem& child : item.children) {
        out += separator;
        separator = ',';
        out += child.prefix;
        if (child.kind == CommitItem::Kind::version) append_text(signature.type, out);
        if (child.kind == CommitItem::Kind::doc_id) append_text(base64(signature.identity), out);
        if (child.kind == CommitItem::Kind::delta) append_text(base64(signature.value), out);
        if (child.kind == CommitItem::Kind::type_name) out += "\"signature\"";
    }
    if (separator == '{') out += '{';
    out += '}';
    return {};
}

}  // namespace cairn::query
