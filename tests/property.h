// Properties checked by rapidcheck within GoogleTest, with a number of histories of their own.
//
// The seed is printed; RC_PARAMS="seed=<n>" runs the same histories again. Builds that are slow by design
// (sanitizers, no optimization) check a tenth.
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <iostream>
#include <sstream>
#include <vector>

namespace cairn::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
inline constexpr int kPropertyScale = 10;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr int kPropertyScale = 10;
#else
inline constexpr int kPropertyScale = 1;
#endif
#else
inline constexpr int kPropertyScale = 1;
#endif

// Full-range numbers: rapidcheck's own grow with the size of the test, which is small here to keep histories
// short.
template <typename Number>
Number any_number() {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<Number>());
}
template <typename Number>
std::vector<Number> any_numbers() {
    return *rc::gen::container<std::vector<Number>>(
        rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<Number>()));
}

// Checks property on `count` random inputs whose containers have up to max_size elements.
template <typename Testable>
void check_property(int count, int max_size, Testable&& property) {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    rc::detail::TestMetadata metadata;
    metadata.id = std::string(info->test_suite_name()) + "." + info->name();
    metadata.description = metadata.id;
    const rc::detail::Configuration& configuration = rc::detail::configuration();
    rc::detail::TestParams params = configuration.testParams;
    params.maxSuccess = count / kPropertyScale;
    params.maxSize = max_size;
    std::cout << "  " << params.maxSuccess << " histories, RC_PARAMS=\"seed=" << params.seed << "\"\n";
    struct Quiet : rc::detail::TestListener {
        void onTestCaseFinished(const rc::detail::CaseDescription&) override {}
        void onShrinkTried(const rc::detail::CaseDescription&, bool) override {}
        void onTestFinished(const rc::detail::TestMetadata&, const rc::detail::TestResult&) override {}
    } listener;
    const auto result = rc::detail::checkTestable(std::forward<Testable>(property), metadata, params,
                                                  listener, configuration.reproduce);
    if (result.template is<rc::detail::SuccessResult>()) return;
    std::ostringstream text;
    rc::detail::printResultMessage(result, text);
    FAIL() << text.str();
}

}  // namespace cairn::test
