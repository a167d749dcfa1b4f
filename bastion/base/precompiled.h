// What most files read anyway, compiled once for each target in the preset tsan. Only what the table in
// docs/ARCHITECTURE.md lets every folder use. A file still includes what it uses: the other presets have no PCH.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>
