#pragma once
// What server and client share on the wire: heads as text, and a connection with its unread bytes.

#include "core/net/http.h"
#include "core/net/stream.h"

#include <memory>
#include <string>

namespace deis::net {

// "Name: value\r\n" for each. Throws Error{invalid} when a name or value could break the head (CR, LF, NUL,
// blank in a name).
void append_headers(std::string& out, const Headers& headers);

// One chunk of a chunked body; "" makes the last one.
std::string chunk(std::string_view piece);

// A stream whose first bytes were read already (behind the head of an upgrade).
std::unique_ptr<Stream> with_leftover(std::unique_ptr<Stream> stream, std::string leftover);

}  // namespace deis::net
