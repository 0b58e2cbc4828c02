#pragma once

// Included before all else where messages are compiled for ThreadSanitizer. Under it protobuf's
// MapField has two members more, which that of Debian's libprotobuf.so has not: what the library
// frees would lie beside where it is. The standard library keeps its form for the sanitizer.
#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>

#pragma push_macro("__SANITIZE_THREAD__")
#undef __SANITIZE_THREAD__
#include <google/protobuf/map_field.h>
#pragma pop_macro("__SANITIZE_THREAD__")
