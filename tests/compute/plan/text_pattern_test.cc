#include "compute/plan/text_pattern.h"

#include <gmock/gmock.h>
#include <locale.h>
#include <wctype.h>

#include "compute/plan/unicode_case.h"

namespace sextant {
namespace {

PatternLeaf Like(std::string pattern, bool any_case = false) {
  PatternLeaf leaf;
  leaf.pattern = std::move(pattern);
  leaf.escape = "\\";
  leaf.case_insensitive = any_case;
  return leaf;
}
PatternLeaf Regular(std::string pattern, bool any_case = false) {
  PatternLeaf leaf = Like(std::move(pattern), any_case);
  leaf.is_like = false;
  return leaf;
}

bool Matches(const PatternLeaf& leaf, std::string_view text) {
  const auto pattern = TextPattern::Compile(leaf);
  EXPECT_TRUE(pattern.ok()) << pattern.status();
  return pattern.ok() && (*pattern)->Matches(text);
}
bool IsRefused(const PatternLeaf& leaf) {
  return TextPattern::Compile(leaf).status().code() == absl::StatusCode::kInvalidArgument;
}

TEST(TextPatternTest, LikeComparesTheWholeText) {  // (rule 7)
  EXPECT_TRUE(Matches(Like("ab"), "ab"));
  EXPECT_FALSE(Matches(Like("ab"), "abc"));
  EXPECT_TRUE(Matches(Like(""), ""));
  EXPECT_FALSE(Matches(Like(""), "a"));
}

TEST(TextPatternTest, PercentIsAnyRun) {  // (rule 7)
  EXPECT_TRUE(Matches(Like("%"), ""));
  EXPECT_TRUE(Matches(Like("a%b%c"), "a1b2b3c"));
  EXPECT_FALSE(Matches(Like("a%b%c"), "acb"));
  EXPECT_FALSE(Matches(Like("ab%ba"), "aba"));
  EXPECT_TRUE(Matches(Like("%_b%"), "aab"));
}

TEST(TextPatternTest, AnUnderscoreIsOneCodePoint) {  // (rule 7)
  EXPECT_TRUE(Matches(Like("_"), "\xc3\xa4"));
  EXPECT_FALSE(Matches(Like("__"), "\xc3\xa4"));
  EXPECT_TRUE(Matches(Like("%__"), "x\xf0\x9f\x98\x80"));
}

TEST(TextPatternTest, AnEscapedCharacterIsItself) {
  EXPECT_TRUE(Matches(Like("100\\%"), "100%"));
  EXPECT_FALSE(Matches(Like("100\\%"), "1000"));
  EXPECT_TRUE(IsRefused(Like("a\\")));
  PatternLeaf leaf = Like("a\\");
  leaf.escape = "";
  EXPECT_TRUE(Matches(leaf, "a\\"));
}

TEST(TextPatternTest, IlikeFoldsAsLowerDoes) {  // (rule 7)
  EXPECT_TRUE(Matches(Like("\xc3\x84%", true), "\xc3\xa4x"));
  EXPECT_TRUE(Matches(Like("k", true), "\xe2\x84\xaa"));  // the Kelvin sign is k in lower case
  EXPECT_FALSE(Matches(Like("s", true), "\xc5\xbf"));     // the long s is its own
  EXPECT_FALSE(Matches(Like("ss", true), "\xc3\x9f"));
}

TEST(TextPatternTest, ARegularExpressionMatchesAnywhereAndTheDotTakesNewlines) {  // (rule 7)
  EXPECT_TRUE(Matches(Regular("b"), "abc"));
  EXPECT_TRUE(Matches(Regular("a.c"), "a\nc"));
  EXPECT_FALSE(Matches(Regular("^b"), "a\nb"));
  EXPECT_FALSE(Matches(Regular("a$"), "a\n"));
  EXPECT_TRUE(Matches(Regular("^(ab){2,3}$"), "ababab"));
  EXPECT_TRUE(Matches(Regular("[]a-]+$"), "]-a"));
}

TEST(TextPatternTest, ClassesHaveTheLettersOfTheLocale) {  // (rule 7)
  EXPECT_TRUE(Matches(Regular("^\\w+$"),
                      "stra\xc3\x9f"
                      "e_9"));
  EXPECT_TRUE(Matches(Regular("^[[:alpha:]]$"), "\xc3\xa4"));
  EXPECT_FALSE(Matches(Regular("\\d"), "\xd9\xa3"));
  EXPECT_TRUE(Matches(Regular("\\s"), "\xe2\x80\x83"));
}

TEST(TextPatternTest, LettersOfAnyCaseAreThoseOfLowerAndUpper) {  // (rule 7)
  EXPECT_TRUE(Matches(Regular("^K$", true), "k"));
  EXPECT_FALSE(Matches(Regular("^k$", true), "\xe2\x84\xaa"));
  EXPECT_FALSE(Matches(Regular("^s$", true), "\xc5\xbf"));
  EXPECT_TRUE(Matches(Regular("^[a-c]+$", true), "aBC"));
  EXPECT_TRUE(Matches(Regular("[[:upper:]]", true), "a"));
}

TEST(TextPatternTest, WhatPostgresReadsOtherwiseIsRefused) {  // (rule 7)
  for (const char* pattern : {"(?=a)",         "(?i)a",    "(a)\\1", "\\ma",  "a\\M",
                              "\\y",           "\\bb",     "\\x41",  "***=a", "[[.a.]]",
                              "[[:nothing:]]", "a{1,2,3}", "a{256}", "a**",   "*a",
                              "[z-a]",         "[a",       "(",      "a)",    "\\",
                              "[\\W]",         "\\Q.\\E",  "\\pL"}) {
    EXPECT_TRUE(IsRefused(Regular(pattern))) << pattern;
  }
}

TEST(TextPatternTest, ALongPatternIsRefused) {  // (rule 7)
  EXPECT_TRUE(IsRefused(Like(std::string(TextPattern::kMaxPatternBytes + 1, 'a'))));
  EXPECT_FALSE(IsRefused(Like(std::string(TextPattern::kMaxPatternBytes, 'a'))));
}

TEST(TextPatternTest, CaseIsThatOfTheLocale) {  // (rule 7)
  const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  ASSERT_NE(locale, nullptr);
  int num_different = 0;
  for (uint32_t point = 0; point < 0x110000; ++point) {
    num_different += LowerCase(point) != towlower_l(point, locale) ? 1 : 0;
    num_different += UpperCase(point) != towupper_l(point, locale) ? 1 : 0;
  }
  freelocale(locale);
  EXPECT_EQ(num_different, 0);
}

TEST(TextPatternTest, CodePointsAreWrittenAsTheyWereRead) {
  for (uint32_t point = 0; point < 0x110000; ++point) {
    char bytes[kMaxCodePointBytes];
    const std::string_view text(bytes, EncodeCodePoint(point, bytes));
    const CodePoint read = DecodeCodePoint(text);
    const bool is_surrogate = point >= 0xD800 && point <= 0xDFFF;
    ASSERT_EQ(read.is_valid, !is_surrogate) << point;
    ASSERT_EQ(read.value, is_surrogate ? 0 : point);
  }
  for (const std::string_view bad :
       {"\x80", "\xc0\x80", "\xe0\x80\x80", "\xf5\x80\x80\x80", "\xc3", "\xc3x", "\xff"}) {
    EXPECT_FALSE(DecodeCodePoint(bad).is_valid);
  }
}

}  // namespace
}  // namespace sextant
