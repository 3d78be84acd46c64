#pragma once
// Which container of this host holds which key and which address: pure, so that every sequence can be tested.
// Docker uses addresses again, and what it tells is late: an answer that was asked for before an event may
// come behind it. A container is held only while nothing newer speaks against it, and an address or a key has
// one holder: the container that started last. Whoever publishes must take back those that stop being held
// before it publishes those that begin to be (etcd::Session keeps that order).

#include "core/base/time.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace deis::publisher {

class EndpointTable {
 public:
  struct Holder {
    std::string container;  // id
    std::string key;        // /deis/services/<app>/<job>
    std::string address;    // "": it has none and claims none
    SystemTime started_at{};
  };
  struct Running {
    std::string container, address;
  };

  // Counts Docker's events; an answer is as old as the moment when it was asked for.
  using Moment = std::uint64_t;
  Moment now() const { return now_; }

  // Docker's events. The holder that stops being one by it.
  void started(const std::string& container);
  std::optional<Holder> told_to_end(const std::string& container);  // never held again
  std::optional<Holder> ended(const std::string& container);

  // An entry that our predecessor left; call it before the first listing, which confirms it or not.
  void inherit(Holder holder);

  // All that run, asked for at `asked`.
  struct Judgement {
    std::vector<Holder> gone;             // held no longer: they have ended, or have another address
    std::vector<std::string> to_look_at;  // inspect these: they may be worth holding
  };
  Judgement listed(const std::vector<Running>& running, Moment asked);

  // An inspection, asked for at `asked`, found it running.
  struct Admission {
    bool held = false;         // else what is known speaks against it
    std::vector<Holder> gone;  // held no longer
  };
  Admission admit(Holder holder, Moment asked);
  // It found that it does not run.
  std::optional<Holder> found_ended(const std::string& container, Moment asked);

  bool may_look_at(const std::string& container) const;  // whether inspecting it can make it a holder
  const Holder* find(const std::string& container) const;
  std::size_t size() const { return held_.size(); }

 private:
  struct Held {
    Holder holder;
    Moment since = 0;
    bool inherited = false;  // not inspected yet
  };
  enum class End { none, told, ended };
  struct Heard {
    Moment at = 0;
    End end = End::none;
  };

  std::optional<Holder> drop(const std::string& container);
  bool heard_since(const std::string& container, Moment asked) const;
  const Held* rival(const Holder& holder) const;  // that has its key or address; nullptr: nobody
  void hold(Holder holder, bool inherited);
  void forget_old_news(const std::map<std::string, std::string>& running, Moment asked);

  Moment now_ = 0;
  Moment listed_ = 0;                                    // when the last listing was asked for
  std::map<std::string, Held> held_;                     // by container
  std::map<std::string, std::string> keys_, addresses_;  // their holders' containers
  std::map<std::string, Heard> heard_;                   // last event, until a listing that is newer
};

}  // namespace deis::publisher
