// Database: subscriptions.
#include "query/database_impl.h"

namespace cairn {

class Subscription::Impl {
  public:
    Impl(std::shared_ptr<query::SubscriptionHub> hub, std::shared_ptr<query::Listener> listener)
        : hub_(std::move(hub)), listener_(std::move(listener)) {}
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() { hub_->remove(listener_); }

  private:
    std::shared_ptr<query::SubscriptionHub> hub_;
    std::shared_ptr<query::Listener> listener_;
};

Subscription::Subscription(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Subscription::Subscription(Subscription&&) noexcept = default;
Subscription& Subscription::operator=(Subscription&&) noexcept = default;
Subscription::~Subscription() = default;

bool Database::is_subscription(const Request& request) {
    return operation_kind(request) == OperationKind::subscription;
}

Result<Subscription> Database::subscribe(const Request& request,
                                         std::function<void(std::string_view json)> on_result) {
    std::vector<std::string> errors;
    auto refused = [&] { return fail(ErrorCode::invalid_argument, query::error_answer(errors)); };
    if (!impl_) {
        errors.emplace_back(kClosed);
        return refused();
    }
    auto types = impl_->schema(impl_->store->catalog());
    if (!types) {
        errors.push_back(types.error().message);
        return refused();
    }
    auto listener = std::make_shared<query::Listener>(request.query, request.operation_name,
                                                      request.variables_json, std::move(on_result));
    if (!listener->bind(*types, errors)) return refused();
    impl_->subscriptions->add(listener);
    return Subscription(std::make_unique<Subscription::Impl>(impl_->subscriptions, std::move(listener)));
}

}  // namespace cairn
