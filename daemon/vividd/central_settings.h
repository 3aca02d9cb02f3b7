// The configuration in the words of the central database's hosts and links.
//
// Threads: pure functions over values, but for link_options, which asks the kernel who this is.
#pragma once

#include "config/config.h"
#include "daemon/central/central_host.h"
#include "daemon/central/text_host.h"
#include "sync/central/link/central_link.h"

namespace vivid::daemon {

CentralSettings central_settings(const config::Config& config);
TextSettings text_settings(const config::Config& config);
sync::LinkOptions link_options(const config::Config& config);

}  // namespace vivid::daemon
