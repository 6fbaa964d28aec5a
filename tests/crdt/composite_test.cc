#include "crdt/composite.h"

#include <algorithm>
#include <random>

#include "crdt/collection.h"
#include "dag/block.h"
#include "tests/property.h"

namespace cairn::crdt {
namespace {

DocumentState fold(const std::vector<std::uint64_t>& statuses) {
    DocumentState state = DocumentState::unknown;
    for (const std::uint64_t status : statuses) state = apply_composite(state, status);
    return state;
}

TEST(Composite, FirstDelta_MakesTheDocumentExist) {
    EXPECT_EQ(DocumentState::active, apply_composite(DocumentState::unknown, dag::kStatusActive));
    EXPECT_EQ(DocumentState::deleted, apply_composite(DocumentState::unknown, dag::kStatusDeleted));
}

TEST(Composite, DeletedDocument_StaysDeleted) {
    EXPECT_EQ(DocumentState::deleted, apply_composite(DocumentState::deleted, dag::kStatusActive));
}

TEST(Composite, OtherStatus_CountsAsActive) {
    EXPECT_EQ(DocumentState::active, apply_composite(DocumentState::unknown, 3));
    EXPECT_EQ(DocumentState::active, apply_composite(DocumentState::unknown, 0));
}

TEST(Composite, RandomHistories_DeleteWinsInAnyOrderAndRepetition) {
    test::check_property(100'000, 16, [] {
        const auto numbers = test::any_numbers<std::uint8_t>();
        std::vector<std::uint64_t> history;
        std::mt19937 random(test::any_number<std::uint32_t>());
        for (const std::uint8_t number : numbers) {
            // Few deletes, so that many histories have none.
            const bool deleted = number % 16 == 0;
            history.insert(history.end(), 1 + random() % 2,
                           deleted ? dag::kStatusDeleted : dag::kStatusActive);
        }
        std::vector<std::uint64_t> other = history;
        std::shuffle(other.begin(), other.end(), random);
        const bool any_delete = std::count(history.begin(), history.end(), dag::kStatusDeleted) > 0;
        const DocumentState expected = history.empty() ? DocumentState::unknown
                                       : any_delete    ? DocumentState::deleted
                                                       : DocumentState::active;
        RC_ASSERT(fold(history) == expected);
        RC_ASSERT(fold(other) == expected);
    });
}

TEST(Collection, AnyDelta_LeavesNoState) {
    EXPECT_EQ(CollectionState{}, apply_collection({}));
}

}  // namespace
}  // namespace cairn::crdt
