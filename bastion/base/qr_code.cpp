#include "bastion/base/qr_code.h"

#include <qrencode.h>

#include <array>
#include <memory>

namespace bastion {
namespace {

constexpr int kQrMargin = 4;
// Light modules, by whether the upper and the lower one of a character are some.
constexpr std::array<std::string_view, 4> kHalves{" ", "▄", "▀", "█"};
constexpr std::string_view kBlackAndWhite = "\033[40;97m";
constexpr std::string_view kAsBefore = "\033[0m";

class QrModules {
 public:
  explicit QrModules(const QRcode& code) : code_(code) {}

  [[nodiscard]] int begin() const { return -kQrMargin; }
  [[nodiscard]] int end() const { return code_.width + kQrMargin; }
  [[nodiscard]] bool is_light(int row, int column) const {
    if (row < 0 || column < 0 || row >= code_.width || column >= code_.width) return row < end();
    return (code_.data[row * code_.width + column] & 1U) == 0;
  }

 private:
  const QRcode& code_;
};

}  // namespace

Result<std::vector<std::string>> qr_code(std::string_view text, QrColours colours) {
  const std::string whole(text);
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(QRcode_encodeString8bit(whole.c_str(), 0, QR_ECLEVEL_L),
                                                             QRcode_free);
  if (!code) return fail("a text of {} bytes makes no QR code", text.size());
  const bool is_coloured = colours == QrColours::of_its_own;
  const QrModules modules(*code);
  std::vector<std::string> lines;
  for (int row = modules.begin(); row < modules.end(); row += 2) {
    std::string line(is_coloured ? kBlackAndWhite : "");
    for (int column = modules.begin(); column < modules.end(); ++column) {
      const unsigned upper = modules.is_light(row, column) ? 2 : 0;
      const unsigned lower = modules.is_light(row + 1, column) ? 1 : 0;
      line += kHalves.at(upper | lower);
    }
    if (is_coloured) line += kAsBefore;
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace bastion
