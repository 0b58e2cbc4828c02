# compute/operators/concurrency_aggregate.cc
# rows run in an interval from where they started, before it too
s/std::max(spans.starts_us\[k\], borders.from_us)/spans.starts_us[k]/
