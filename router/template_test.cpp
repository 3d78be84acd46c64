#include "router/template.h"

#include "core/base/error.h"

#include <gtest/gtest.h>

namespace deis::router {
namespace {

TEST(Template, PutsValuesInAndNeverLooksAtThemAgain) {
  EXPECT_EQ(fill_template("a {{x}} {{y/z}}\n", {{"x", "{{y/z}}"}, {"y/z", "1"}}), "a {{y/z}} 1\n");
  EXPECT_EQ(fill_template("", {}), "");
}

TEST(Template, KeepsAPartOnlyWhenItsValueIsSet) {
  const std::string text = "a\n{{#x}}\n  in {{x}}\n{{/x}}\nb\n";
  EXPECT_EQ(fill_template(text, {{"x", "1"}}), "a\n  in 1\nb\n");
  EXPECT_EQ(fill_template(text, {{"x", ""}}), "a\nb\n");
  EXPECT_EQ(fill_template(text, {{"x", "off"}}), "a\nb\n");
}

TEST(Template, KeepsTheOtherPartOnlyWhenItIsNot) {
  const std::string text = "{{^x}}\nnone\n{{/x}}\n";
  EXPECT_EQ(fill_template(text, {{"x", "on"}}), "");
  EXPECT_EQ(fill_template(text, {{"x", "off"}}), "none\n");
}

TEST(Template, NestsParts) {
  const std::string text = "{{#a}}\n1\n{{#b}}\n2\n{{/b}}\n{{/a}}\n{{#b}}\n3\n{{/b}}\n";
  EXPECT_EQ(fill_template(text, {{"a", "on"}, {"b", "on"}}), "1\n2\n3\n");
  EXPECT_EQ(fill_template(text, {{"a", "on"}, {"b", "off"}}), "1\n");
  EXPECT_EQ(fill_template(text, {{"a", "off"}, {"b", "on"}}), "3\n");
}

TEST(Template, ThatNamesWhatDoesNotExistIsABug) {
  for (const auto* text : {"{{x}}", "{{#x}}{{/x}}", "{{a", "{{#a}}"})
    EXPECT_THROW(fill_template(text, {{"a", "1"}}), Error) << text;
}

}  // namespace
}  // namespace deis::router
