// Settings: precedence, kinds, the file (spec/http-and-cli.md section 18).
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "server/settings.h"

namespace cairn::server::test {
namespace {

class SettingsTest : public testing::Test {
  protected:
    SettingsTest() {
        char name[] = "/tmp/cairn-settings-XXXXXX";
        folder_ = ::mkdtemp(name);
    }
    ~SettingsTest() override { std::filesystem::remove_all(folder_); }

    void write(const std::string& name, std::string_view text) const {
        std::ofstream(folder_ / name) << text;
    }
    Result<Settings> load(const std::map<std::string, std::string>& flags = {},
                          const std::map<std::string, std::string>& environment = {}) const {
        return Settings::load(folder_, flags, [&](const std::string& name) -> std::optional<std::string> {
            auto found = environment.find(name);
            return found == environment.end() ? std::nullopt : std::optional(found->second);
        });
    }
    static std::string error_of(const Result<Settings>& settings) {
        return settings ? "" : settings.error().message;
    }

    std::filesystem::path folder_;
};

TEST_F(SettingsTest, Precedence_FlagEnvironmentFileDefault) {
    EXPECT_EQ(load()->text("api.address"), "127.0.0.1:9181");
    write("config.yaml", "API:\n  Address: 127.0.0.1:1\ndevelopment: true\n");
    EXPECT_EQ(load()->text("api.address"), "127.0.0.1:1");
    EXPECT_TRUE(load()->boolean("development"));
    std::map<std::string, std::string> environment = {{"DEFRA_API_ADDRESS", "127.0.0.1:2"}};
    EXPECT_EQ(load({}, environment)->text("api.address"), "127.0.0.1:2");
    environment["CAIRN_API_ADDRESS"] = "127.0.0.1:3";
    EXPECT_EQ(load({}, environment)->text("api.address"), "127.0.0.1:3");
    EXPECT_EQ(load({{"api.address", "127.0.0.1:4"}}, environment)->text("api.address"), "127.0.0.1:4");
}

TEST_F(SettingsTest, SecretFile_StandsBehindTheEnvironment) {
    write("secret", "# comment\nCAIRN_DATASTORE_STORE=memory\nCAIRN_DEVELOPMENT=true\r\n");
    std::map<std::string, std::string> flags = {{"secretfile", (folder_ / "secret").string()}};
    EXPECT_EQ(load(flags)->text("datastore.store"), "memory");
    EXPECT_TRUE(load(flags)->boolean("development"));
    EXPECT_FALSE(load(flags, {{"CAIRN_DEVELOPMENT", "false"}})->boolean("development"));
}

TEST_F(SettingsTest, Lists_ComeFromAnySource) {
    write("config.yaml", "api:\n  allowed-origins: [http://a.example, http://b.example]\n");
    EXPECT_EQ(load()->list("api.allowed-origins"),
              (std::vector<std::string>{"http://a.example", "http://b.example"}));
    EXPECT_EQ(load({}, {{"CAIRN_API_ALLOWED_ORIGINS", "*"}})->list("api.allowed-origins"),
              std::vector<std::string>{"*"});
}

TEST_F(SettingsTest, WrongValues_AreNamedWithTheirOrigin) {
    EXPECT_EQ(error_of(load({}, {{"CAIRN_DEVELOPMENT", "perhaps"}})),
              "CAIRN_DEVELOPMENT: development must be true or false, not \"perhaps\"");
    EXPECT_EQ(error_of(load({{"limits.connections", "-1"}})),
              "--max-connections: limits.connections must be a number, not \"-1\"");
    write("config.yaml", "api: [\n");
    EXPECT_NE(error_of(load()).find("config.yaml: yaml-cpp: error at line 2"), std::string::npos);
}

TEST_F(SettingsTest, UnknownKeys_AreTold) {
    write("config.yaml", "net:\n  peers: []\nkeyring:\n  disabled: true\n");
    auto settings = load();
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->unknown_keys(), std::vector<std::string>{"net.peers"});
    EXPECT_TRUE(settings->boolean("keyring.disabled"));
}

TEST_F(SettingsTest, Save_ThenLoad_GivesTheSame) {
    auto settings = load({{"api.allowed-hosts", "a.example,b.example"}, {"limits.connections", "7"}});
    ASSERT_TRUE(settings);
    EXPECT_FALSE(settings->has_file());
    ASSERT_TRUE(settings->save(folder_));
    auto again = load();
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_TRUE(again->has_file());
    for (const Setting& setting : all_settings())
        EXPECT_EQ(again->text(setting.key), settings->text(setting.key));
    EXPECT_TRUE(again->unknown_keys().empty());
}

TEST_F(SettingsTest, ServerOptions_WithoutSettings_AreTheLibrarysLimits) {
    const RequestLimits limits = server_options(*load(), folder_)->store.limits;
    const RequestLimits own;
    EXPECT_EQ(limits.tokens, own.tokens);
    EXPECT_EQ(limits.nesting, own.nesting);
    EXPECT_EQ(limits.selection_depth, own.selection_depth);
    EXPECT_EQ(limits.aliases, own.aliases);
    EXPECT_EQ(limits.root_fields, own.root_fields);
    EXPECT_EQ(limits.list_items, own.list_items);
    EXPECT_EQ(limits.nested_documents, own.nested_documents);
    EXPECT_EQ(limits.cascade_documents, own.cascade_documents);
    EXPECT_EQ(limits.rows, own.rows);
    EXPECT_EQ(limits.result_bytes, own.result_bytes);
}

TEST_F(SettingsTest, ServerOptions_QueryLimitsAndModes_ReachTheStore) {
    auto options = server_options(*load({{"limits.query-tokens", "1"},
                                         {"limits.query-nesting", "2"},
                                         {"limits.query-depth", "3"},
                                         {"limits.query-aliases", "4"},
                                         {"limits.query-root-fields", "5"},
                                         {"limits.query-list-items", "6"},
                                         {"limits.query-rows", "7"},
                                         {"limits.answer-bytes", "8"},
                                         {"limits.query-seconds", "9"},
                                         {"modes.first-order-key-only", "true"},
                                         {"modes.extremes-after-last-null", "true"},
                                         {"modes.introspect-extensions", "true"}}),
                                  folder_);
    ASSERT_TRUE(options) << options.error().message;
    const RequestLimits& limits = options->store.limits;
    EXPECT_EQ(limits.tokens, 1U);
    EXPECT_EQ(limits.nesting, 2U);
    EXPECT_EQ(limits.selection_depth, 3U);
    EXPECT_EQ(limits.aliases, 4U);
    EXPECT_EQ(limits.root_fields, 5U);
    EXPECT_EQ(limits.list_items, 6U);
    EXPECT_EQ(limits.rows, 7U);
    EXPECT_EQ(limits.result_bytes, 8U);
    EXPECT_EQ(limits.time.count(), 9000);
    EXPECT_TRUE(options->store.modes.first_order_key_only);
    EXPECT_TRUE(options->store.modes.extremes_after_last_null);
    EXPECT_TRUE(options->store.modes.introspect_extensions);
}

TEST_F(SettingsTest, ServerOptions_AddressesAndLimits_AreRead) {
    auto options = [&](const std::string& address) {
        return server_options(*load({{"api.address", address}, {"limits.idle-seconds", "3"}}), folder_);
    };
    EXPECT_EQ(options("http://localhost:80")->host, "localhost");
    EXPECT_EQ(options("[::1]:65535")->host, "::1");
    EXPECT_EQ(options("[::1]:65535")->port, 65535);
    EXPECT_EQ(options("0.0.0.0:1")->limits.idle_ms, 3000);
    for (const char* wrong : {"", "localhost", ":80", "localhost:", "localhost:65536", "localhost:x"}) {
        auto refused = options(wrong);
        ASSERT_FALSE(refused) << wrong;
        EXPECT_EQ(refused.error().message, std::string("not an address with a port: ") + wrong);
    }
}

TEST_F(SettingsTest, ServerOptions_UnknownAccessControl_IsRefused) {
    auto refused = server_options(*load({{"acp.document.type", "foo"}}), folder_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "the selected acp type is not supported by this build. ACP: foo");
}

}  // namespace
}  // namespace cairn::server::test
