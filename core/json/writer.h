#pragma once
// JSON text without a document in between, for what is written often: lists of the API.
//   ObjectWriter app(text);
//   app.add("id", id);
//   app.end();

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace deis::json {

// `text` as a JSON string, valid UTF-8 whatever it holds.
void append_quoted(std::string& out, std::string_view text);

class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
  // `name` needs no escapes: it is a constant of the program.
  void add(std::string_view name, std::string_view text);
  void add(std::string_view name, const std::map<std::string, int>& numbers);
  void end() { out_ += '}'; }

 private:
  void begin(std::string_view name);
  std::string& out_;
  bool empty_ = true;
};

}  // namespace deis::json
