// Every block of every golden vector file: decodes to the recorded meaning, encodes to the recorded bytes,
// has the recorded CID. Sections 6 and 14 of spec/blocks.md.
#include <iostream>

#include "test_data.h"

namespace cairn::dag::test {
namespace {

Json links_json(const BlockView& block) {
    Json links = Json::array();
    for (const NamedLink& link : block.links) {
        links.push_back({{"cid", cid_text(link.digest)}, {"name", std::string(link.name)}});
    }
    return links;
}

// What the decoded block means, in the words of the vectors.
Json describe(const BlockView& block) {
    Json json = {{"priority", block.priority}, {"schemaVersionID", std::string(block.schema_version_id)}};
    switch (block.kind) {
        case DeltaKind::counter:
            json["nonce"] = static_cast<std::int64_t>(block.nonce);
            [[fallthrough]];
        case DeltaKind::lww:
            json["kind"] = block.kind == DeltaKind::lww ? "lww" : "counter";
            json["fieldName"] = std::string(block.field_name);
            json["data"] = hex(block.data);
            break;
        case DeltaKind::composite:
            json["kind"] = "composite";
            json["status"] = block.status;
            break;
        case DeltaKind::collection:
            json["kind"] = "collection";
            break;
    }
    if (block.kind != DeltaKind::collection) json["docID"] = std::string(block.doc_id);
    for (const Digest& head : block.heads) json["heads"].push_back(cid_text(head));
    if (!block.links.empty()) json["links"] = links_json(block);
    if (block.signature) json["signature"] = cid_text(*block.signature);
    if (block.encryption) json["encryption"] = cid_text(*block.encryption);
    return json;
}

Json describe(const SignatureBlockView& block) {
    return {{"kind", "signature"},
            {"type", std::string(block.type)},
            {"identity", std::string(block.identity)},
            {"value", hex(block.value)}};
}

Json describe(const EncryptionBlockView& block) {
    Json json = {{"kind", "encryption"}, {"docID", std::string(block.doc_id)}, {"key", hex(block.key)}};
    if (block.field_name) json["fieldName"] = std::string(*block.field_name);
    return json;
}

template <typename View>
void expect_round_trip(const std::string& bytes, const Result<View>& view,
                       void (*encode)(const View&, std::string&), const Json& recorded) {
    ASSERT_TRUE(view) << view.error().message << " " << recorded.dump();
    std::string again;
    encode(*view, again);
    EXPECT_EQ(hex(bytes), hex(again));
    Json expected = recorded;
    expected.erase("dataDiag");  // an explanation of data, which is compared
    EXPECT_EQ(expected, describe(*view));
}

void check_block(const Json& block) {
    const std::string bytes = unhex(block["hex"].get<std::string>());
    EXPECT_EQ(block["cid"], Cid::of(Codec::dag_cbor, as_bytes(bytes)).text());
    const Json& recorded = block["decoded"];
    const BlockClass block_class = classify_block(as_bytes(bytes));
    if (recorded["kind"] == "signature") {
        EXPECT_EQ(BlockClass::signature, block_class);
        expect_round_trip(bytes, decode_signature_block(as_bytes(bytes)), encode_signature_block, recorded);
    } else if (recorded["kind"] == "encryption") {
        EXPECT_EQ(BlockClass::encryption, block_class);
        expect_round_trip(bytes, decode_encryption_block(as_bytes(bytes)), encode_encryption_block, recorded);
    } else {
        EXPECT_EQ(BlockClass::delta, block_class);
        expect_round_trip(bytes, decode_block(as_bytes(bytes)), encode_block, recorded);
    }
}

TEST(BlockVectors, EveryBlock_DecodesAndEncodesAsRecorded) {
    int total = 0;
    for (const std::string& file : vector_files()) {
        int count = 0;
        for_each_block(load_vectors(file), [&](const Json& block) {
            SCOPED_TRACE(file + " " + block["cid"].get<std::string>());
            check_block(block);
            ++count;
        });
        if (count > 0) std::cout << "  " << file << ": " << count << " blocks\n";
        total += count;
    }
    EXPECT_EQ(796, total);
}

TEST(BlockVectors, BlockReading_TakesExactlyWhatTheReferenceTakesAndKeeps) {
    int count = 0;
    const Json file = load_vectors("block_reading.json");
    for (const Json& reading : file["cases"]) {
        SCOPED_TRACE(reading["name"]);
        const std::string bytes = unhex(reading["hex"].get<std::string>());
        const bool expected = reading["accepted"] && reading.value("sameBytes", false);
        const auto block = decode_block(as_bytes(bytes));
        EXPECT_EQ(expected, block.has_value()) << (block ? "" : block.error().message);
        if (block) {
            EXPECT_EQ(hex(bytes), hex(encoded(*block)));
        } else {
            EXPECT_EQ(ErrorCode::corruption, block.error().code);
        }
        ++count;
    }
    std::cout << "  block_reading.json: " << count << " cases\n";
    EXPECT_EQ(39, count);
}

}  // namespace
}  // namespace cairn::dag::test
