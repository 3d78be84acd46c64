// The separately compiled halves of Asio and Beast: the only place that pays for them.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
