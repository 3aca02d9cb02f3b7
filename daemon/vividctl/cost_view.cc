#include "daemon/vividctl/cost_view.h"

#include <nlohmann/json.hpp>

#include "daemon/vividctl/format.h"
#include "daemon/vividctl/table.h"
#include "daemon/vividctl/text.h"

namespace vivid::ctl {
namespace {

constexpr int kReportPlaces = 4;

struct Dimension {
  const char* name;   // as in --by
  const char* title;  // of its column
  const char* key;    // of the rows
};
constexpr Dimension kDimensions[] = {{"day", "DAY", "day"},
                                     {"month", "MONTH", "month"},
                                     {"organization", "ORGANIZATION", "organization_id"},
                                     {"student", "STUDENT", "student_id"},
                                     {"modality", "MODALITY", "modality"}};

std::vector<Dimension> dimensions_of(const std::vector<std::string>& by) {
  std::vector<Dimension> chosen;
  for (const Dimension& dimension : kDimensions) {
    for (const std::string& name : by) {
      if (name == dimension.name) {
        chosen.push_back(dimension);
        break;
      }
    }
  }
  return chosen;
}

// The cells that say what a row is for; of the total, the word.
std::vector<Cell> heads_of(const Json& row, const std::vector<Dimension>& dimensions, bool is_total) {
  std::vector<Cell> cells;
  for (const Dimension& dimension : dimensions) {
    const std::string value = text_at(row, dimension.key);
    if (is_total) {
      cells.push_back({cells.empty() ? "total" : "", Tone::strong});
    } else {
      cells.push_back(value.empty() ? Cell{"none", Tone::quiet} : Cell{value});
    }
  }
  if (cells.empty()) cells.push_back({is_total ? "total" : "all", is_total ? Tone::strong : Tone::plain});
  return cells;
}

std::vector<Column> columns_of_dimensions(const std::vector<Dimension>& dimensions) {
  std::vector<Column> columns;
  for (const Dimension& dimension : dimensions) columns.push_back({dimension.title, false, true});
  if (columns.empty()) columns.push_back({""});
  return columns;
}

// Whole dollars need no cents, as long as all of them are whole.
std::string dollars(const std::string& decimal) {
  return usd_text(decimal, decimal.find('.') == std::string::npos ? 0 : 2);
}

}  // namespace

std::string render_cost_report(const Json& report, const std::vector<std::string>& by, const Terminal& terminal) {
  const std::vector<Dimension> dimensions = dimensions_of(by);
  std::vector<Column> columns = columns_of_dimensions(dimensions);
  columns.push_back({"REQUESTS", true});
  columns.push_back({"COST", true});
  columns.push_back({"SAVED BY TEXT", true});
  Table table(std::move(columns));
  const auto add = [&](const Json& row, bool is_total) {
    const Tone tone = is_total ? Tone::strong : Tone::plain;
    std::vector<Cell> cells = heads_of(row, dimensions, is_total);
    cells.push_back({count_text(integer_at(row, "requests")), tone});
    cells.push_back({usd_text(text_at(row, "usd"), kReportPlaces), tone});
    cells.push_back({usd_text(text_at(row, "saved_usd"), kReportPlaces), tone});
    table.add_row(std::move(cells));
  };
  for_each(member(report, "rows"), [&](const Json& row) { add(row, false); });
  if (!dimensions.empty() || table.empty()) add(member(report, "total"), true);
  return printable(text_at(report, "from")) + " to " + printable(text_at(report, "to")) + ", UTC\n" +
         table.render(terminal);
}

std::string render_usage(const Json& usage, const std::vector<std::string>& by, const Terminal& terminal) {
  const std::vector<Dimension> dimensions = dimensions_of(by);
  std::vector<Column> columns = columns_of_dimensions(dimensions);
  for (const char* title : {"REQUESTS", "TEXT", "AUDIO", "VIDEO", "IMAGES"}) columns.push_back({title, true});
  Table table(std::move(columns));
  const auto add = [&](const Json& row, bool is_total) {
    std::vector<Cell> cells = heads_of(row, dimensions, is_total);
    for (const char* key : {"requests", "text", "audio", "video", "images"}) {
      cells.push_back({count_text(integer_at(row, key)), is_total ? Tone::strong : Tone::plain});
    }
    table.add_row(std::move(cells));
  };
  for_each(member(usage, "rows"), [&](const Json& row) { add(row, false); });
  const std::int64_t more = integer_at(usage, "more");
  add(member(usage, "total"), true);
  std::string text = table.render(terminal);
  if (more > 0) {
    text += terminal.paint(count_text(more) + (more == 1 ? " row is" : " rows are") + " left out; --limit shows more",
                           Tone::quiet) +
            "\n";
  }
  return text;
}

std::string render_forecast(const Forecast& forecast, const std::vector<std::int64_t>& shares,
                            const Terminal& terminal) {
  Table table({{"TEXT ONLY", true},
               {"A DAY", true},
               {forecast.days == 365 ? "A YEAR" : count_text(forecast.days) + " DAYS", true},
               {"SAVED", true}});
  for (const std::int64_t share : shares) {
    const ForecastRow row = reckon(forecast, share);
    table.add_row({{share == 0 ? "all video" : share_text(share)},
                   {dollars(row.usd_a_day)},
                   {dollars(row.usd), Tone::strong},
                   {share == 0 ? "-" : dollars(row.saved_usd), Tone::good}});
  }
  return count_text(forecast.requests_per_day) + " requests a day; text alone " +
         usd_text(decimal_text(forecast.text_cost), 3) + ", video " + usd_text(decimal_text(forecast.video_cost), 3) +
         " a request\n" + table.render(terminal);
}

Json forecast_json(const Forecast& forecast, const std::vector<std::int64_t>& shares) {
  Json rows = Json::array();
  for (const std::int64_t share : shares) {
    const ForecastRow row = reckon(forecast, share);
    rows.push_back({{"text_share", decimal_text(share)},
                    {"usd_a_day", row.usd_a_day},
                    {"usd", row.usd},
                    {"saved_usd", row.saved_usd}});
  }
  return {{"requests_per_day", forecast.requests_per_day},
          {"days", forecast.days},
          {"text_usd", decimal_text(forecast.text_cost)},
          {"video_usd", decimal_text(forecast.video_cost)},
          {"rows", std::move(rows)}};
}

}  // namespace vivid::ctl
