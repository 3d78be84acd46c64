#pragma once
// The controller's objects as the JSON of the contract: exactly these keys, no others (api.md §3).

#include "controller/api/response.h"
#include "controller/domain/model.h"
#include "controller/scheduler/engine.h"

#include <boost/json/object.hpp>

namespace deis::controller::api {

boost::json::object to_json(const User& user);
boost::json::object to_json(const ApiToken& token);
boost::json::object to_json(const AuditRecord& record);
boost::json::object to_json(const Key& key);
boost::json::object to_json(const App& app, const std::string& platform_domain);
JsonText to_text(const App& app, const std::string& platform_domain);  // the same, for lists
boost::json::object to_json(const Config& config);
boost::json::object to_json(const Build& build);
boost::json::object to_json(const Release& release);
boost::json::object to_json(const Container& container, JobState state);
boost::json::object to_json(const Push& push);
boost::json::object to_json(const Domain& domain);
boost::json::object to_json(const Cert& cert);
boost::json::object to_json(const AutoCert& cert);

}  // namespace deis::controller::api
