#include "collections/doc_id.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "collections/date_time.h"
#include "dag/cbor.h"

namespace cairn {
namespace {

constexpr std::string_view kPrefix = "bae-";
// c94acbfa-dd53-40d0-97f3-29ce16c333fc
constexpr std::array<std::uint8_t, 16> kNamespace = {0xc9, 0x4a, 0xcb, 0xfa, 0xdd, 0x53, 0x40, 0xd0,
                                                     0x97, 0xf3, 0x29, 0xce, 0x16, 0xc3, 0x33, 0xfc};
constexpr char kHex[] = "0123456789abcdef";
// Where the two digits of each byte stand in the text of a document id.
constexpr std::array<std::uint8_t, 16> kDigitPlaces = {4,  6,  8,  10, 13, 15, 18, 20,
                                                       23, 25, 28, 30, 32, 34, 36, 38};
constexpr std::array<std::uint8_t, 5> kHyphenPlaces = {3, 12, 17, 22, 27};

int lower_hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

// One per thread, with the algorithm fetched once: looking it up by name costs more than hashing a name.
class Sha1Context {
  public:
    static constexpr std::size_t kDigestBytes = 20;

    Sha1Context() : algorithm_(EVP_MD_fetch(nullptr, "SHA1", nullptr)), context_(EVP_MD_CTX_new()) {
        if (!algorithm_ || !context_) throw std::bad_alloc();
    }

    std::array<std::uint8_t, kDigestBytes> digest(std::string_view bytes) {
        std::array<std::uint8_t, kDigestBytes> out;
        if (EVP_DigestInit_ex2(context_.get(), algorithm_.get(), nullptr) != 1 ||
            EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1 ||
            EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) != 1) {
            throw std::bad_alloc();  // with a fetched algorithm nothing else can fail
        }
        return out;
    }

  private:
    struct Free {
        void operator()(EVP_MD* algorithm) const { EVP_MD_free(algorithm); }
        void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    };
    std::unique_ptr<EVP_MD, Free> algorithm_;
    std::unique_ptr<EVP_MD_CTX, Free> context_;
};

DocId uuid_v5(std::string_view name) {
    thread_local Sha1Context context;
    char input[kNamespace.size() + dag::kCidTextBytes];
    std::memcpy(input, kNamespace.data(), kNamespace.size());
    std::memcpy(input + kNamespace.size(), name.data(), dag::kCidTextBytes);
    auto digest = context.digest({input, sizeof input});
    DocId id;
    std::memcpy(id.uuid.data(), digest.data(), id.uuid.size());
    id.uuid[6] = static_cast<std::uint8_t>((id.uuid[6] & 0x0f) | 0x50);
    id.uuid[8] = static_cast<std::uint8_t>((id.uuid[8] & 0x3f) | 0x80);
    return id;
}

void encode_map_value(const DocumentMapEntry& entry, std::string& out) {
    const auto* elements = entry.value->get_if<Value::Array>();
    if (elements == nullptr || !has_nillable_elements(entry.kind)) {
        encode_field_bytes(*entry.value, entry.kind, out);
        return;
    }
    // The reference encodes the wrapper of a nillable element, which has no visible members (3.1).
    dag::CborWriter writer(out);
    writer.array(elements->size());
    for (std::size_t i = 0; i < elements->size(); ++i) writer.map(0);
}

}  // namespace

void DocId::write_text(char* out40) const {
    std::memcpy(out40, kPrefix.data(), kPrefix.size());
    for (std::size_t place : kHyphenPlaces) out40[place] = '-';
    for (std::size_t i = 0; i < uuid.size(); ++i) {
        out40[kDigitPlaces[i]] = kHex[uuid[i] >> 4];
        out40[kDigitPlaces[i] + 1] = kHex[uuid[i] & 15];
    }
}

void DocId::append_text(std::string& out) const {
    char text[kDocIdTextBytes];
    write_text(text);
    out.append(text, sizeof text);
}

std::string DocId::text() const {
    std::string out(kDocIdTextBytes, '\0');
    write_text(out.data());
    return out;
}

DocId DocId::from_key(std::string_view key16) {
    DocId id;
    std::memcpy(id.uuid.data(), key16.data(), std::min(key16.size(), id.uuid.size()));
    return id;
}

std::optional<DocId> DocId::from_text(std::string_view text) {
    if (text.size() != kDocIdTextBytes || !text.starts_with(kPrefix)) return std::nullopt;
    for (std::size_t place : kHyphenPlaces) {
        if (text[place] != '-') return std::nullopt;
    }
    DocId id;
    for (std::size_t i = 0; i < id.uuid.size(); ++i) {
        int high = lower_hex_value(text[kDigitPlaces[i]]), low = lower_hex_value(text[kDigitPlaces[i] + 1u]);
        if ((high | low) < 0) return std::nullopt;
        id.uuid[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return id;
}

void encode_document_map(std::vector<DocumentMapEntry> entries, std::string& out) {
    std::erase_if(entries, [](const DocumentMapEntry& entry) {
        return entry.value == nullptr || entry.value->is_null();
    });
    std::sort(entries.begin(), entries.end(), [](const DocumentMapEntry& a, const DocumentMapEntry& b) {
        return dag::cbor_key_less(a.name, b.name);
    });
    dag::CborWriter writer(out);
    writer.map(entries.size());
    for (const DocumentMapEntry& entry : entries) {
        writer.text(entry.name);
        encode_map_value(entry, out);
    }
}

DocId compute_doc_id(std::string_view document_cbor, std::string_view schema_root) {
    // Reused from document to document: the hash wants both parts in one piece.
    thread_local std::string preimage;
    preimage.assign(document_cbor).append(schema_root);
    dag::Cid cid{dag::Codec::raw, dag::sha256(dag::as_bytes(preimage))};
    // A document of megabytes must not stay in memory for as long as the thread lives.
    constexpr std::size_t kKeptBytes = std::size_t{1} << 16;
    if (preimage.capacity() > kKeptBytes) std::string().swap(preimage);
    thread_local std::string text;
    text.clear();
    cid.append_text(text);
    return uuid_v5(text);
}

}  // namespace cairn
