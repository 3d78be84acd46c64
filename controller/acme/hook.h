#pragma once
// The hook of the client program: the controller's own binary under another name. It hands what it was called
// with to the gate (gate.h) of the order and waits for the answer.

#include <string_view>

namespace deis::controller::acme {

inline constexpr std::string_view kHookName = "acme-hook";
inline constexpr auto kGateVariable = "DEIS_ACME_GATE";  // path of the gate's socket

bool is_hook(std::string_view program);  // argv[0]
int run_hook(int argc, char** argv);     // exit code

}  // namespace deis::controller::acme
