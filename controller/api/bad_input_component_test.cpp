// What the API answers to input that no good client sends: one flat JSON object that names the field and the
// rule, with the headers of every answer, and nothing of the input beyond a bound.
#include "controller/api/api_fixture.h"

namespace deis::controller::api {
namespace {

using namespace std::chrono_literals;

// Flat, bounded, and {"<field>": ["<message>"]} or {"detail": "<message>"} as expected.
void expect_refusal(const Answer& answer, int status, const std::string& field, const std::string& message) {
  EXPECT_EQ(answer.status, status) << answer.body.substr(0, 1000);
  EXPECT_LT(answer.body.size(), 2000u);
  EXPECT_EQ(answer.headers.get("DEIS_API_VERSION"), "1.7");
  EXPECT_EQ(answer.headers.get("Content-Type"), "application/json");
  const auto document = answer.json();
  if (!document.is_object()) {
    ADD_FAILURE() << "not an object: " << answer.body.substr(0, 1000);
    return;
  }
  for (const auto& member : document.get_object()) {
    bool flat = member.value().is_string() || member.value().is_array();
    if (const auto* list = member.value().if_array()) {
      for (const auto& element : *list) flat = flat && element.is_string();
    }
    EXPECT_TRUE(flat) << answer.body;
  }
  const std::string told = answer.text(field == "detail" ? "/detail" : "/" + field + "/0");
  EXPECT_NE(told.find(message), std::string::npos) << answer.body.substr(0, 1000);
}

std::string json_text(const std::string& name, const std::string& value) {
  const boost::json::object body{{name, value}};
  return boost::json::serialize(body);
}

Task<Answer> send_as(
    ApiFixture& api, std::string token, std::string path, std::string type, std::string body) {
  net::Request request;
  request.method = "POST";
  request.target = std::move(path);
  request.body = std::move(body);
  request.headers.set("Authorization", "token " + token);
  if (!type.empty()) request.headers.set("Content-Type", type);
  co_return co_await api.send(std::move(request));
}

Task<std::string> read_all(net::Stream& stream) {
  std::string text;
  char bytes[4096];
  for (std::size_t count = 1; count > 0;) {
    try {
      count = co_await stream.read_some(bytes, sizeof(bytes), in(10s));
    } catch (const Error&) {
      count = 0;
    }
    text.append(bytes, count);
  }
  co_return text;
}

Answer parse_answer(const std::string& text) {
  Answer answer;
  const auto head_end = text.find("\r\n\r\n");
  if (head_end == std::string::npos) return answer;
  answer.status = std::atoi(text.c_str() + std::string_view("HTTP/1.1 ").size());
  answer.body = text.substr(head_end + 4);
  for (std::size_t at = text.find("\r\n") + 2; at < head_end + 2;) {
    const auto end = text.find("\r\n", at), colon = text.find(": ", at);
    answer.headers.add(text.substr(at, colon - at), text.substr(colon + 2, end - colon - 2));
    at = end + 2;
  }
  return answer;
}

// What the server says to these bytes until it closes the connection.
Task<Answer> raw(ApiFixture& api, std::string bytes) {
  std::unique_ptr<net::Stream> stream = co_await net::connect(api.endpoint(), in(5s));
  co_await stream->write_all(bytes, in(5s));
  const std::string text = co_await read_all(*stream);
  co_return parse_answer(text);
}

std::string post_head(const std::string& headers) {
  return "POST /v1/auth/login/ HTTP/1.1\r\nHost: deis.local\r\nContent-Type: application/json\r\n" + headers +
         "\r\n";
}

net::HttpServer::Options impatient() {
  net::HttpServer::Options options = default_http_options();
  options.head_timeout = 1s;
  options.body_timeout = 1s;
  return options;
}

// ---- bodies
// ----------------------------------------------------------------------------------------------------

API_TEST(BadInput, WrongTypesAreNamedFieldByField) {
  const std::string ann = co_await api.user("ann");
  const Answer both =
      co_await api.post("", "/v1/auth/register/", R"({"username":["a"],"password":{"a":1},"email":null})");
  expect_refusal(both, 400, "username", "Not a valid string.");
  expect_refusal(both, 400, "password", "Not a valid string.");
  expect_refusal(both, 400, "email", "may not be null");
  co_await api.deployed_app(ann, "shop");
  const Answer values = co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":[1]})");
  expect_refusal(values, 400, "values", "must be a JSON object");
  const Answer nested = co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{"A":{"B":1}}})");
  expect_refusal(nested, 400, "values", "Not a valid string.");
  const Answer count = co_await api.post(ann, "/v1/apps/shop/scale/", R"({"web":1.5})");
  expect_refusal(count, 400, "detail", "not an integer");
  const Answer list = co_await api.post(ann, "/v1/apps/", "[1]");
  expect_refusal(list, 400, "non_field_errors", "Expected a dictionary, but got list.");
  const Answer scale = co_await api.post(ann, "/v1/apps/shop/scale/", R"("web")");
  expect_refusal(scale, 400, "non_field_errors", "but got str.");
}

API_TEST(BadInput, OtherCharsetsAndEncodingsAreRefused) {
  const std::string ann = co_await api.user("ann");
  const Answer latin = co_await send_as(api, ann, "/v1/apps/", "application/json; charset=ISO-8859-1", "{}");
  expect_refusal(latin, 415, "detail", "Unsupported charset 'iso-8859-1' in request: send UTF-8.");
  const Answer utf8 = co_await send_as(api, ann, "/v1/apps/", "application/json; charset=\"UTF-8\"", "{}");
  EXPECT_EQ(utf8.status, 201) << utf8.body;
  net::Request packed;
  packed.method = "POST";
  packed.target = "/v1/apps/";
  packed.body = "\x1f\x8b";
  packed.headers.set("Authorization", "token " + ann);
  packed.headers.set("Content-Encoding", "gzip");
  const Answer gzip = co_await api.send(std::move(packed));
  expect_refusal(gzip, 415, "detail", "Unsupported encoding 'gzip'");
}

API_TEST(BadInput, OtherContentTypesAreRefused) {
  const std::string ann = co_await api.user("ann");
  const Answer xml = co_await send_as(api, ann, "/v1/apps/", "text/xml", "<a/>");
  expect_refusal(xml, 415, "detail", "Unsupported media type 'text/xml' in request.");
  const Answer vast = co_await send_as(api, ann, "/v1/apps/", std::string(8000, 'x'), "<a/>");
  expect_refusal(vast, 415, "detail", "xxx...' in request.");
}

API_TEST(BadInput, FormsOfBothKindsAreTaken) {
  co_await api.user("ann");
  const Answer plain = co_await send_as(
      api, "", "/v1/auth/login/", "application/x-www-form-urlencoded", "username=ann&password=secret");
  EXPECT_EQ(plain.status, 200) << plain.body;
  const std::string multipart =
      "--b\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\nann\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nsecret\r\n--b--\r\n";
  const Answer parts =
      co_await send_as(api, "", "/v1/auth/login/", "multipart/form-data; boundary=b", multipart);
  EXPECT_EQ(parts.status, 200) << parts.body;
  const Answer torn = co_await send_as(
      api, "", "/v1/auth/login/", "multipart/form-data; boundary=b", multipart.substr(0, 60));
  expect_refusal(torn, 400, "detail", "Multipart form parse error - the last boundary is missing");
  const Answer twice = co_await send_as(
      api, "", "/v1/auth/login/", "application/x-www-form-urlencoded", "username=a&username=b");
  expect_refusal(twice, 400, "username", "This field is given twice.");
  const Answer escape =
      co_await send_as(api, "", "/v1/auth/login/", "application/x-www-form-urlencoded", "username=%zz");
  expect_refusal(escape, 400, "detail", "'%zz' is not percent-encoded correctly");
}

API_TEST(BadInput, ControlCharactersAreRefusedWhereALineIsMeant) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const Answer id = co_await api.post(ann, "/v1/apps/", R"({"id":"a\u0000b"})");
  expect_refusal(id, 400, "id", "Control characters are not allowed.");
  const Answer name =
      co_await api.post("", "/v1/auth/register/", R"({"username":"a\nb","password":"x","email":""})");
  expect_refusal(name, 400, "username", "Control characters are not allowed.");
  const Answer image = co_await api.post(ann, "/v1/apps/shop/builds/", R"({"image":"a\u001b[0m"})");
  expect_refusal(image, 400, "image", "Control characters are not allowed.");
  const Answer value = co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{"A":"a\u0000b"}})");
  expect_refusal(value, 400, "values", "A value cannot hold a NUL character.");
  const Answer lines = co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{"A":"one\ntwo\n"}})");
  EXPECT_EQ(lines.status, 201) << lines.body;
  EXPECT_EQ(lines.text("/values/A"), "one\ntwo\n");
}

API_TEST(BadInput, AMegabyteIsNoName) {
  const std::string ann = co_await api.user("ann"), huge(1'000'000, 'a');
  co_await api.deployed_app(ann, "shop");
  const Answer app = co_await api.post(ann, "/v1/apps/", json_text("id", huge));
  expect_refusal(app, 400, "id", "no more than 64 characters");
  const Answer login = co_await api.post("", "/v1/auth/login/", json_text("username", huge));
  expect_refusal(login, 400, "username", "no more than 30 characters");
  const Answer domain = co_await api.post(ann, "/v1/apps/shop/domains/", json_text("domain", huge));
  expect_refusal(domain, 400, "domain", "no more than");
  const Answer key = co_await api.post(ann, "/v1/keys/", json_text("id", huge));
  expect_refusal(key, 400, "id", "no more than 128 characters");
  const Answer share = co_await api.post(ann, "/v1/apps/shop/perms/", json_text("username", huge));
  expect_refusal(share, 400, "username", "no more than");
  const Answer config =
      co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{")" + huge + R"(":"x"}})");
  expect_refusal(config, 400, "values", "no more than 256 characters");
  const Answer value =
      co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{"A":")" + huge + R"("}})");
  expect_refusal(value, 400, "values", "no more than 130048 bytes");
  const Answer type = co_await api.post(ann, "/v1/apps/shop/scale/", R"({")" + huge + R"(":1})");
  expect_refusal(type, 400, "type", "no more than 128 characters");
  const Answer other =
      co_await api.post(ann, "/v1/apps/shop/scale/", R"({")" + std::string(128, 'a') + R"(":1})");
  expect_refusal(other, 400, "detail", "aaa... does not exist in application");
  const Answer digits = co_await api.post(ann, "/v1/apps/shop/scale/", R"({"web":")" + huge + R"("})");
  expect_refusal(digits, 400, "detail", "invalid literal for int() with base 10: 'aaa");
}

API_TEST(BadInput, AHundredThousandKeysAreTooMany) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  std::string values, list;
  for (int i = 0; i < 100'000; ++i) {
    values += (i > 0 ? ",\"K" : "\"K") + std::to_string(i) + "\":\"\"";
    list += i > 0 ? ",1" : "1";
  }
  const Answer keys = co_await api.post(ann, "/v1/apps/shop/config/", "{\"values\":{" + values + "}}");
  expect_refusal(keys, 400, "detail", "JSON parse error - more than 10000 keys");
  const Answer elements = co_await api.post(ann, "/v1/apps/", "{\"a\":[" + list + "]}");
  expect_refusal(elements, 400, "detail", "JSON parse error - more than 50000 values");
  std::string some;
  for (int i = 0; i < 1001; ++i) some += (i > 0 ? ",\"K" : "\"K") + std::to_string(i) + "\":\"\"";
  const Answer config = co_await api.post(ann, "/v1/apps/shop/config/", "{\"values\":{" + some + "}}");
  expect_refusal(config, 400, "values", "no more than 1000 keys");
  std::string form;
  for (int i = 0; i < 100'000; ++i) form += "k" + std::to_string(i) + "=&";
  const Answer fields = co_await send_as(api, ann, "/v1/apps/", "application/x-www-form-urlencoded", form);
  expect_refusal(fields, 400, "detail", "The form has more than 1000 fields.");
}

API_TEST(BadInput, DeepNestingIsRefusedWithItsBound) {
  const std::string ann = co_await api.user("ann");
  std::string deep = "{\"a\":";
  for (int i = 0; i < 100'000; ++i) deep += '[';
  const Answer answer = co_await api.post(ann, "/v1/apps/", deep);
  expect_refusal(answer, 400, "detail", "JSON parse error - ");
  const Answer some =
      co_await api.post(ann, "/v1/apps/", "{\"a\":" + std::string(40, '[') + std::string(40, ']') + "}");
  expect_refusal(some, 400, "detail", "nested deeper than 32 levels");
}

API_TEST(BadInput, AKeyThatIsThereTwiceIsNamed) {
  const std::string ann = co_await api.user("ann");
  const Answer answer = co_await api.post(ann, "/v1/apps/", R"({"id":"a1","x":{"k":1},"id":"b1"})");
  expect_refusal(answer, 400, "detail", "JSON parse error - the key 'id' appears twice in one object");
  const std::string huge(500'000, 'k');
  const Answer long_key = co_await api.post(ann, "/v1/apps/", "{\"" + huge + "\":1,\"" + huge + "\":2}");
  expect_refusal(long_key, 400, "detail", "kkk...' appears twice");
}

API_TEST(BadInput, NumbersThatCannotBeKeptAreRefused) {
  const std::string ann = co_await api.user("ann");
  co_await api.deployed_app(ann, "shop");
  const Answer huge =
      co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{"A":100000000000000000000}})");
  expect_refusal(huge, 400, "values", "This number is too large: send it as a string.");
  const Answer vast = co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{"A":1e999999999999}})");
  EXPECT_EQ(vast.status, 400) << vast.body;
  const Answer scale = co_await api.post(ann, "/v1/apps/shop/scale/", R"({"web":99999999999})");
  expect_refusal(scale, 400, "detail", "99999999999 is out of range for web");
  const Answer version = co_await api.post(ann, "/v1/apps/shop/releases/rollback/", R"({"version":1e30})");
  expect_refusal(version, 400, "version", "A valid integer is required.");
  const Answer kept =
      co_await api.post(ann, "/v1/apps/shop/config/", R"({"values":{"A":3.14,"B":55,"C":true,"D":2.0}})");
  EXPECT_EQ(kept.text("/values/A"), "3.14") << kept.body;
  EXPECT_EQ(kept.text("/values/B"), "55");
  EXPECT_EQ(kept.text("/values/D"), "2.0");
}

API_TEST(BadInput, InvalidUtf8IsRefused) {
  const std::string ann = co_await api.user("ann");
  const Answer body = co_await api.post(ann, "/v1/apps/", "{\"id\":\"a\xff\"}");
  expect_refusal(body, 400, "detail", "JSON parse error - not valid UTF-8");
  const Answer surrogate = co_await api.post(ann, "/v1/apps/", R"({"id":"\ud800"})");
  expect_refusal(surrogate, 400, "detail", "JSON parse error - ");
  const Answer form = co_await send_as(api, ann, "/v1/apps/", "application/x-www-form-urlencoded", "id=%ff");
  expect_refusal(form, 400, "detail", "The form is not valid UTF-8.");
  const Answer token = co_await api.get("\xff", "/v1/apps/");
  expect_refusal(token, 401, "detail", "Invalid token");
}

// Nothing can have such a name: it is not even looked up.
API_TEST(BadInput, PathsWithControlCharactersOrBrokenTextNameNothing) {
  const std::string ann = co_await api.user("ann");
  for (const char* path :
       {"/v1/keys/a%00b", "/v1/keys/%ff", "/v1/apps/%0a", "/v1/apps/shop%00/", "/v1/keys/%zz"}) {
    const Answer answer = co_await api.get(ann, path);
    expect_refusal(answer, 404, "detail", "Not found");
  }
  const Answer page = co_await api.get(ann, "/v1/apps/?page=%00");
  expect_refusal(page, 404, "detail", "Not found");
}

// ---- on the wire
// -----------------------------------------------------------------------------------------------

API_TEST(BadInput, ABodyOverTheLimitIsRefusedBeforeItIsSent) {
  const Answer announced = co_await raw(api, post_head("Content-Length: 100000000000\r\n"));
  expect_refusal(announced, 413, "detail", "over the limit of 8388608 bytes");
  EXPECT_EQ(announced.headers.get("Connection"), "close");
  std::string chunk = "100000\r\n" + std::string(0x100000, 'x') + "\r\n", body;
  for (int i = 0; i < 9; ++i) body += chunk;
  const Answer chunked = co_await raw(api, post_head("Transfer-Encoding: chunked\r\n") + body);
  expect_refusal(chunked, 413, "detail", "over the limit");
}

API_TEST(BadInput, TooLargeAHeadIs431) {
  const Answer large = co_await raw(api, post_head("X: " + std::string(20'000, 'x') + "\r\n"));
  expect_refusal(large, 431, "detail", "the head of the message is over 16384 bytes");
  std::string many;
  for (int i = 0; i < 200; ++i) many += "X-" + std::to_string(i) + ": y\r\n";
  const Answer headers = co_await raw(api, post_head(many));
  expect_refusal(headers, 431, "detail", "there are more than 100 headers");
}

API_TEST(BadInput, WhatCouldHideARequestIs400AndTheConnectionIsClosed) {
  const std::string hidden = "GET /v1/hidden HTTP/1.1\r\nHost: deis.local\r\n\r\n",
                    chunked = "Transfer-Encoding: chunked\r\n";
  const std::string cases[] = {
      post_head("Content-Length: 5\r\n" + chunked) + "0\r\n\r\n",
      post_head("Content-Length: 0\r\nContent-Length: 44\r\n"),
      post_head("Content-Length: 0, 0\r\n"),
      post_head("A: b\r\n c\r\n"),
      "GET / HTTP/1.1\nHost: a\n\n",
      post_head(chunked) + "zz\r\n\r\n",
      post_head(chunked) + "1\r\nab\r\n0\r\n\r\n",
      post_head("Transfer-Encoding: chunked, identity\r\n") + "0\r\n\r\n",
      "nonsense\r\n\r\n",
  };
  for (const std::string& bytes : cases) {
    const Answer answer = co_await raw(api, bytes + hidden);
    expect_refusal(answer, 400, "detail", "");
    EXPECT_EQ(answer.headers.get("Connection"), "close") << bytes;
    EXPECT_EQ(answer.body.find("HTTP/1.1 "), std::string::npos) << answer.body;  // no second answer
  }
}

API_TEST(BadInput, AMethodThatDoesNotExistIsNotEchoedWithoutABound) {
  const std::string ann = co_await api.user("ann");
  const std::string method(200, 'M');
  const Answer answer = co_await raw(api, method + " /v1/apps/ HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_refusal(answer, 400, "detail", "the method of the request is not one");
  const Answer version = co_await raw(
      api,
      "GET /v1/apps/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\nDeis-Version: " + std::string(5000, 'x') +
          "\r\n\r\n");
  EXPECT_EQ(version.status, 405);
  EXPECT_LT(version.body.size(), 300u) << version.body;
}

// Slow clients, against a server with short limits.
void run_impatient(Task<> (*test)(ApiFixture&)) {
  const std::function<Task<>(ApiFixture&)> body = test;
  net::run_test_task(with_api(body, impatient()), std::chrono::seconds(60));
}

Task<> drip_body(ApiFixture& api) {
  std::unique_ptr<net::Stream> stream = co_await net::connect(api.endpoint(), in(5s));
  const std::string head = post_head("Content-Length: 100000\r\n");
  co_await stream->write_all(head, in(5s));
  std::optional<std::size_t> came;
  std::string bytes(4096, '\0');
  while (!came) {
    co_await stream->write_all("{", in(5s));
    came = co_await stream->read_before(bytes.data(), bytes.size(), in(50ms));
  }
  const Answer answer = parse_answer(bytes.substr(0, *came));
  expect_refusal(answer, 408, "detail", "the body of the request did not arrive within 1 s");
  EXPECT_EQ(answer.headers.get("Connection"), "close");
  const std::string rest = co_await read_all(*stream);
  EXPECT_EQ(rest, "");  // closed
}

Task<> stall_head(ApiFixture& api) {
  const Answer answer = co_await raw(api, "GET /v1/apps/ HTTP/1.1\r\nHost: ");
  expect_refusal(answer, 408, "detail", "the head of the request did not arrive within 1 s");
}

TEST(BadInput, ASlowBodyIsAnsweredWith408AndClosed) {
  run_impatient(drip_body);
}

TEST(BadInput, ASlowHeadIsAnsweredWith408AndClosed) {
  run_impatient(stall_head);
}

}  // namespace
}  // namespace deis::controller::api
