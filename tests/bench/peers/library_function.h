#pragma once

#include <dlfcn.h>

namespace sextant::peers {

/// Finds `name` in a library that dlopen gave, as the function that the caller says it is; false
/// where there is none.
template <typename Function>
bool FindFunction(void* library, const char* name, Function*& function) {
  function = reinterpret_cast<Function*>(dlsym(library, name));
  return function != nullptr;
}

}  // namespace sextant::peers
