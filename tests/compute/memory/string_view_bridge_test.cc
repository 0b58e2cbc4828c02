#include "compute/memory/string_view_bridge.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sextant {
namespace {

TEST(StringViewBridgeTest, KeepsZeroBytesAndDoesNotCopy) {
  const std::string text("a\0b", 3);
  const absl::string_view view = ToAbsl(text);
  EXPECT_EQ(view.data(), text.data());
  EXPECT_EQ(view.size(), 3u);
  EXPECT_EQ(ToStd(view).data(), text.data());
  EXPECT_EQ(ToStd(view), text);
}

TEST(StringViewBridgeTest, KeepsTheEmptyView) {
  EXPECT_TRUE(ToAbsl(std::string_view()).empty());
  EXPECT_TRUE(ToStd(absl::string_view()).empty());
}

}  // namespace
}  // namespace sextant
