#include "core/net/multipart.h"

#include "core/base/error.h"

#include <gtest/gtest.h>

namespace deis::net {
namespace {

constexpr auto kType = "multipart/form-data; boundary=\"b o\"";

std::string failure_of(const std::string& type, const std::string& body) {
  try {
    parse_multipart(type, body);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid);
    return error.what();
  }
  return "";
}

TEST(Multipart, ReadsFieldsAndFilesInOrder) {
  const auto parts = parse_multipart(
      kType,
      "preamble\r\n--b o\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n2\r\n--b o  \r\n"
      "content-type: text/plain\r\ncontent-disposition: form-data; name=\"x\\\"y\"; "
      "filename=f.txt\r\n\r\n\r\n"
      "--b o--\r\nepilogue");
  const std::vector<FormPart> expected{{"a", std::nullopt, "1\r\n2"}, {"x\"y", "f.txt", ""}};
  EXPECT_EQ(parts, expected);
  EXPECT_TRUE(parse_multipart(kType, "--b o--").empty());
}

TEST(Multipart, RefusesWhatIsNotOne) {
  const std::string head = "--b o\r\nContent-Disposition: form-data; name=a\r\n\r\n";
  EXPECT_NE(failure_of("multipart/form-data", head + "1\r\n--b o--"), "");
  EXPECT_NE(failure_of("multipart/form-data; boundary=a; boundary=b", head + "1\r\n--b o--"), "");
  EXPECT_NE(failure_of("multipart/form-data; boundary=" + std::string(71, 'a'), ""), "");
  for (const std::string& bad :
       {std::string(),
        std::string("nothing"),
        head + "1",
        head + "1\r\n--b ox\r\n",
        std::string("--b o\r\n\r\n\r\n1\r\n--b o--"),
        std::string("--b o\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b o--"),
        std::string("--b o\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--b o--"),
        std::string("--b o\r\nno colon\r\n\r\n1\r\n--b o--")}) {
    EXPECT_NE(failure_of(kType, bad), "") << bad;
  }
}

TEST(HeaderParameter, IsFoundWhateverTheOthersAre) {
  EXPECT_EQ(header_parameter("text/plain; a=\"x;y\" ; Charset = UTF-8", "charset"), "UTF-8");
  EXPECT_EQ(header_parameter("text/plain; a; charset=\"q\\\"r\"", "charset"), "q\"r");
  EXPECT_FALSE(header_parameter("text/plain", "charset"));
  EXPECT_FALSE(header_parameter("", "charset"));
  EXPECT_THROW(header_parameter("a; charset=\"open", "charset"), Error);
}

}  // namespace
}  // namespace deis::net
