#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sextant {

/// Columns of a terminal that `text` (UTF-8) takes: combining marks take none, East Asian wide
/// characters two, bytes that are not UTF-8 one each.
size_t DisplayWidth(std::string_view text);

/// `text` without control characters (each becomes one U+FFFD), so that data cannot steer a
/// terminal.
std::string Printable(std::string_view text);
/// The same in one line: runs of white space are one space, and none is at the ends.
std::string PrintableLine(std::string_view text);

/// "2d 3h", "4m 5s", "3.2s", "120ms": the two largest units, for people.
std::string HumanDuration(double seconds);

/// Thousands separated, at most three decimals (three significant digits below 0.001), for people.
std::string HumanNumber(double value);
std::string HumanInteger(int64_t value);
/// "1.2 GB", powers of 1,000.
std::string HumanBytes(double bytes);

/// The shortest text that reads back as the same double; "NaN", "Infinity", "-Infinity".
std::string ShortestNumber(double value);

/// One block character per value, scaled from min to max; a blank where there is none; a line of
/// middles when all are equal. At most `max_width` characters: longer series are averaged in equal
/// steps.
std::string Sparkline(std::span<const std::optional<double>> values, size_t max_width = 60);

/// `[######----]`, `width` characters inside; `fraction` is clamped to [0, 1].
std::string ProgressBar(double fraction, size_t width);

/// RFC 4180: quoted where needed, and when `text` is empty, because an empty field means NULL.
std::string CsvField(std::string_view text);

/// A JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
std::string JsonString(std::string_view text);

}  // namespace sextant
