#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "compute/column/dictionary.h"

namespace sextant {

/// A dictionary of `entries`, whose codes are their places.
inline std::shared_ptr<Dictionary> DictionaryOf(MemoryBudget& budget,
                                                const std::vector<std::string>& entries) {
  std::shared_ptr<Dictionary> dictionary = *Dictionary::Create(budget);
  for (const std::string& entry : entries) EXPECT_TRUE(dictionary->FindOrAppend(entry).ok());
  return dictionary;
}

}  // namespace sextant
