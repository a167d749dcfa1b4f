#include "tests/hostile/message_numbers.h"

namespace bastion::hostile {
namespace {

constexpr std::uint8_t kNumbers[] = {
    2,  3,  4,  20, 5,  6,  7,  8,  15, 19, 22, 29, 30, 31, 32, 33, 34, 35, 49, 51,  52,  53,  54,  60,  61,
    63, 66, 67, 79, 80, 81, 82, 83, 89, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 101, 127, 128, 191,
};
constexpr std::size_t kFields = 32;  // zeros: no, 0, or an empty string

}  // namespace

std::span<const std::uint8_t> untimely_numbers() { return kNumbers; }

ByteVector untimely_message(std::uint8_t number) {
  ByteVector message(1 + kFields);
  message.front() = number;
  return message;
}

}  // namespace bastion::hostile
