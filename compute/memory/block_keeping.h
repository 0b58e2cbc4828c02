#pragma once

namespace sextant {

/// Whether blocks that were given back are kept for whoever asks next. A sanitizer finds who uses a
/// block after its end only when the system gets it back.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kKeepsBlocks = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool kKeepsBlocks = false;
#else
inline constexpr bool kKeepsBlocks = true;
#endif
#else
inline constexpr bool kKeepsBlocks = true;
#endif

}  // namespace sextant
