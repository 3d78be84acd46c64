#include "publisher/endpoint_table.h"

namespace deis::publisher {

void EndpointTable::started(const std::string& container) {
  Heard& heard = heard_[container];
  heard.at = ++now_;
  if (heard.end == End::ended) heard.end = End::none;
}

std::optional<EndpointTable::Holder> EndpointTable::told_to_end(const std::string& container) {
  heard_[container] = Heard{.at = ++now_, .end = End::told};
  return drop(container);
}

std::optional<EndpointTable::Holder> EndpointTable::ended(const std::string& container) {
  heard_[container] = Heard{.at = ++now_, .end = End::ended};
  return drop(container);
}

void EndpointTable::inherit(Holder holder) {
  if (!rival(holder) && !held_.contains(holder.container)) hold(std::move(holder), true);
}

EndpointTable::Judgement EndpointTable::listed(const std::vector<Running>& running, Moment asked) {
  std::map<std::string, std::string> addresses;
  for (const Running& one : running) addresses[one.container] = one.address;
  Judgement judgement;
  std::vector<std::string> gone;
  for (const auto& [container, held] : held_) {
    if (held.since > asked || heard_since(container, asked)) continue;  // known from later on
    const auto found = addresses.find(container);
    if (found == addresses.end() || found->second != held.holder.address) gone.push_back(container);
  }
  for (const std::string& container : gone) judgement.gone.push_back(*drop(container));
  listed_ = asked;
  forget_old_news(addresses, asked);
  for (const Running& one : running) {
    if (may_look_at(one.container)) judgement.to_look_at.push_back(one.container);
  }
  return judgement;
}

// What was asked for before the last listing may be older than news that the listing made us forget. Nobody
// is missed thereby: the listing named everybody who ran.
EndpointTable::Admission EndpointTable::admit(Holder holder, Moment asked) {
  Admission admission;
  if (asked < listed_ || heard_since(holder.container, asked) || !may_look_at(holder.container))
    return admission;
  auto inherited = drop(holder.container);
  const Held* other = nullptr;
  while ((other = rival(holder)) && other->holder.started_at <= holder.started_at)
    admission.gone.push_back(*drop(other->holder.container));
  admission.held = !other;
  const bool same = inherited && inherited->key == holder.key && inherited->address == holder.address;
  if (inherited && !(same && admission.held)) admission.gone.push_back(std::move(*inherited));
  if (admission.held) hold(std::move(holder), false);
  return admission;
}

std::optional<EndpointTable::Holder> EndpointTable::found_ended(const std::string& container, Moment asked) {
  if (heard_since(container, asked)) return std::nullopt;
  return ended(container);
}

void EndpointTable::hold(Holder holder, bool inherited) {
  const std::string container = holder.container;
  keys_[holder.key] = container;
  if (!holder.address.empty()) addresses_[holder.address] = container;
  held_[container] = Held{.holder = std::move(holder), .since = now_, .inherited = inherited};
}

bool EndpointTable::may_look_at(const std::string& container) const {
  const auto held = held_.find(container);
  if (held != held_.end() && !held->second.inherited) return false;
  const auto heard = heard_.find(container);
  return heard == heard_.end() || heard->second.end == End::none;
}

const EndpointTable::Holder* EndpointTable::find(const std::string& container) const {
  const auto found = held_.find(container);
  return found == held_.end() ? nullptr : &found->second.holder;
}

std::optional<EndpointTable::Holder> EndpointTable::drop(const std::string& container) {
  const auto found = held_.find(container);
  if (found == held_.end()) return std::nullopt;
  Holder holder = std::move(found->second.holder);
  held_.erase(found);
  keys_.erase(holder.key);
  if (!holder.address.empty()) addresses_.erase(holder.address);
  return holder;
}

bool EndpointTable::heard_since(const std::string& container, Moment asked) const {
  const auto heard = heard_.find(container);
  return heard != heard_.end() && heard->second.at > asked;
}

const EndpointTable::Held* EndpointTable::rival(const Holder& holder) const {
  const auto key = keys_.find(holder.key);
  if (key != keys_.end()) return &held_.at(key->second);
  const auto address = holder.address.empty() ? addresses_.end() : addresses_.find(holder.address);
  return address == addresses_.end() ? nullptr : &held_.at(address->second);
}

// The listing is newer: who ended and runs in it has started again; who was told to end and still runs keeps
// its mark.
void EndpointTable::forget_old_news(const std::map<std::string, std::string>& running, Moment asked) {
  std::erase_if(heard_, [&](const auto& entry) {
    const auto& [container, heard] = entry;
    return heard.at <= asked && (heard.end != End::told || !running.contains(container));
  });
}

}  // namespace deis::publisher
