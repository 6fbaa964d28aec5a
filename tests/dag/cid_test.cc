#include "dag/cid.h"

#include <algorithm>

#include "test_data.h"
#include "tests/property.h"

namespace cairn::dag::test {
namespace {

constexpr std::string_view kText = "bafyreievy6w6qkq75siw2pa7fn4wfy6oxyqph6cg42cymiem4oc6lxeskm";

std::string reason(std::string_view text) {
    const auto cid = Cid::parse(text);
    return cid ? "accepted" : cid.error().message;
}

TEST(Sha256, KnownMessages_HaveTheStandardDigests) {
    EXPECT_EQ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", hex(as_text(sha256({}))));
    EXPECT_EQ("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
              hex(as_text(sha256(as_bytes("abc")))));
    EXPECT_EQ("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
              hex(as_text(sha256(as_bytes(std::string(1'000'000, 'a'))))));
}

TEST(Cid, Text_RoundTripsThroughAllForms) {
    const auto cid = Cid::parse(kText);
    ASSERT_TRUE(cid);
    EXPECT_EQ(Codec::dag_cbor, cid->codec);
    EXPECT_EQ(kText, cid->text());
    EXPECT_EQ(kCidTextBytes, cid->text().size());
    const auto binary = cid->binary();
    EXPECT_EQ("01711220", hex(as_text(binary)).substr(0, 8));
    EXPECT_EQ(*cid, Cid::from_binary(binary).value());
    EXPECT_EQ(*cid, Cid::parse("f" + hex(as_text(binary))).value());
}

TEST(Cid, RawCodec_HasItsOwnPrefix) {
    EXPECT_TRUE(Cid::of(Codec::raw, as_bytes("x")).text().starts_with("bafkrei"));
    EXPECT_TRUE(Cid::of(Codec::dag_cbor, as_bytes("x")).text().starts_with("bafyrei"));
}

TEST(Cid, UpperCase_IsTheSameCid) {
    std::string upper(kText);
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](unsigned char c) { return std::toupper(c); });
    EXPECT_EQ(kText, Cid::parse(upper).value().text());
}

TEST(Cid, SurplusBitsOfTheLastCharacter_AreDropped) {
    // The reference reports the first text as the second one (spec/query.md section 11.3).
    const auto cid = Cid::parse("bafybeid57gpbwi4i6bg7g35hhhhhhhhhhhhhhhhhhhhhhhdoesnotexist");
    ASSERT_TRUE(cid) << cid.error().message;
    EXPECT_EQ(Codec::dag_pb, cid->codec);
    EXPECT_EQ("bafybeid57gpbwi4i6bg7g35hhhhhhhhhhhhhhhhhhhhhhhdoesnotexisq", cid->text());
}

TEST(Cid, OtherTexts_AreRefusedWithTheReferencesReasons) {
    EXPECT_EQ("invalid cid: cid too short", reason(""));
    EXPECT_EQ("invalid cid: cid too short", reason("b"));
    EXPECT_EQ("invalid cid: selected encoding not supported", reason("any non-nil string value"));
    EXPECT_EQ("invalid cid: encoding/hex: invalid byte: U+0068 'h'", reason("fhbnjfahfhfhanfhga"));
    EXPECT_EQ("invalid cid: encoding/hex: odd length hex string", reason("f017"));
    EXPECT_EQ("invalid cid: invalid cid: length greater than remaining number of bytes in buffer",
              reason("bafybeidfhbnjfahfhfhanfhga"));
    EXPECT_EQ("invalid cid: illegal base32 data at input byte 2", reason("baf1"));
    EXPECT_EQ("invalid cid: trailing bytes in data buffer passed to cid Cast",
              reason(std::string(kText) + "aa"));
}

TEST(Cid, WhatCannotBeRepresented_IsRefused) {
    EXPECT_TRUE(reason("f01711120" + std::string(64, '0')).starts_with("invalid cid: unsupported hash"));
    EXPECT_TRUE(
        reason("f02711220" + std::string(64, '0')).ends_with("expected 1 as the cid version number, got: 2"));
    EXPECT_TRUE(reason("f0180011220" + std::string(64, '0')).starts_with("invalid cid: unsupported codec"));
    EXPECT_TRUE(reason("f1220" + std::string(64, '0')).starts_with("invalid cid: version 0"));
    EXPECT_TRUE(
        reason("QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG").starts_with("invalid cid: version 0"));
    EXPECT_TRUE(reason("b" + std::string(1'000'000, 'a')).starts_with("invalid cid: too long"));
}

TEST(Cid, EveryTruncation_IsRefused) {
    for (std::size_t size = 0; size < kText.size(); ++size)
        EXPECT_NE("accepted", reason(kText.substr(0, size)));
}

Digest any_digest() {
    Digest digest;
    const auto bytes = *rc::gen::container<std::vector<std::uint8_t>>(32, rc::gen::arbitrary<std::uint8_t>());
    std::copy(bytes.begin(), bytes.end(), digest.begin());
    return digest;
}

TEST(Cid, RandomDigests_RoundTripAndOrderAsTheirTexts) {
    cairn::test::check_property(20'000, 100, [] {
        const Digest a = any_digest();
        Digest b = any_digest();
        // Half of the pairs share a beginning, so that every position decides.
        if (a[0] % 2 == 0) std::copy_n(a.begin(), *rc::gen::inRange(0, 32), b.begin());
        const Cid cid{Codec::dag_cbor, a};
        RC_ASSERT(Cid::parse(cid.text()).value() == cid);
        const bool less = cid_text(a) < cid_text(b);
        RC_ASSERT(TextOrder()(a, b) == less);
        RC_ASSERT(TextOrder()(b, a) == (!less && a != b));
        RC_ASSERT(!TextOrder()(a, a));
    });
}

TEST(Cid, SingleBitDifferences_OrderAsTheirTexts) {
    for (std::uint8_t base = 0;; base = static_cast<std::uint8_t>(base + 85)) {
        for (std::size_t bit = 0; bit < 256; ++bit) {
            Digest a;
            a.fill(base);
            Digest b = a;
            b[bit / 8] = static_cast<std::uint8_t>(b[bit / 8] ^ (0x80 >> bit % 8));
            EXPECT_EQ(cid_text(a) < cid_text(b), TextOrder()(a, b)) << bit;
            EXPECT_EQ(cid_text(b) < cid_text(a), TextOrder()(b, a)) << bit;
        }
        if (base == 255) break;
    }
}

TEST(HexDecode, BothCases_AreReadAndOthersNamed) {
    EXPECT_EQ("\x0a\xff", hex_decode("0aFf").value());
    EXPECT_EQ("", hex_decode("").value());
    EXPECT_EQ("encoding/hex: invalid byte: U+007A 'z'", hex_decode("0z").error().message);
    EXPECT_EQ("encoding/hex: invalid byte: U+000A", hex_decode("\n0").error().message);
    EXPECT_EQ("encoding/hex: invalid byte: U+00E9 'é'", hex_decode("\xe9").error().message);
}

TEST(Base58, KnownTexts_AreWritten) {
    EXPECT_EQ("", base58_encode({}));
    EXPECT_EQ("2NEpo7TZRRrLZSi2U", base58_encode(as_bytes("Hello World!")));
    EXPECT_EQ("11233QC4", base58_encode(as_bytes(unhex("0000287fb4cd"))));
}

}  // namespace
}  // namespace cairn::dag::test
