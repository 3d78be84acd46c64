#pragma once
// For tests that start a server of somebody else, which takes no port 0: a port that nobody else gets before
// it listens. One that was free a moment ago may be given to any connection or server meanwhile; with
// hundreds of starts that happens.

#include <cstdint>

namespace deis::test {

class ReservedPort {
 public:
  ReservedPort();  // throws Error when there is none
  ~ReservedPort();
  ReservedPort(const ReservedPort&) = delete;
  ReservedPort& operator=(const ReservedPort&) = delete;

  std::uint16_t number() const { return number_; }

 private:
  std::uint16_t number_ = 0;
  int claim_ = -1;
};

}  // namespace deis::test
