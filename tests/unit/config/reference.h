// The operator's two references, rendered from the table of options: the annotated file and the page of the manual.
#pragma once

#include <string>

namespace vivid::config {

std::string render_annotated_yaml();
std::string render_reference_page();

}  // namespace vivid::config
