#pragma once
// What the settings under /deis/controller/acme/ may be. Pure.

#include <string>

namespace deis::controller::acme {

bool is_directory(const std::string& text);  // https://..., nothing that a shell or JSON would read otherwise
bool is_email(const std::string& text);      // or ""
bool is_roots(const std::string& text);      // certificates, PEM; or ""
bool is_host_port(const std::string& text);  // "10.0.0.1:80"; or ""

}  // namespace deis::controller::acme
