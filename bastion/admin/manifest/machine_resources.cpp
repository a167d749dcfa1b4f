#include "bastion/admin/manifest/machine_resources.h"

#include "bastion/follow/json_values.h"

namespace bastion::admin {
namespace {

using follow::child_of;

double number_in(const nlohmann::json& object, const char* name, double otherwise) {
  const auto& value = child_of(object, name);
  return value.is_number() ? value.get<double>() : otherwise;
}

}  // namespace

Result<MachineResources> machine_resources_in(std::string_view json) {
  const auto resources = nlohmann::json::parse(json, nullptr, false);
  const auto& memory = child_of(resources, "memory");
  const auto& total = child_of(memory, "total");
  const auto& used = child_of(memory, "used");
  if (!total.is_number_unsigned() || !used.is_number_unsigned()) return fail("it does not say how much memory is free");
  const auto all = total.get<std::uint64_t>();
  const auto taken = used.get<std::uint64_t>();
  constexpr std::uint64_t kMost = INT64_MAX;
  if (taken > all || all > kMost) return fail("it says of its memory what cannot be");
  const auto processors = number_in(child_of(resources, "cpu"), "total", 0);
  const auto load = number_in(child_of(resources, "load"), "Average1Min", 0);
  return MachineResources{.free_memory = static_cast<std::int64_t>(all - taken),
                          .has_processor_to_spare = processors <= 0 || load < processors};
}

}  // namespace bastion::admin
