#include "render/compose/camera.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace vivid::render {
namespace {

constexpr int kDark = 40;
constexpr int kBright = 200;
constexpr int kFrames = 300;  // ten seconds

// Dark on the left, bright from `edge` on, with the softness that a lens gives.
YuvFrame picture_with_edge(int width, int height, double edge) {
  YuvFrame picture(width, height);
  for (int plane = 0; plane < 3; ++plane) {
    const double step = plane == 0 ? 1.0 : 2.0;
    for (int y = 0; y < picture.plane_height(plane); ++y) {
      for (int x = 0; x < picture.plane_width(plane); ++x) {
        const double share = std::clamp((x + 0.5) * step - edge + 0.5, 0.0, 1.0);
        picture.row(plane, y)[x] = static_cast<std::uint8_t>(std::lround(kDark + (kBright - kDark) * share));
      }
    }
  }
  return picture;
}

// Where the edge is in a frame, to fractions of a pixel: how many columns' worth of bright there is, from the right.
double edge_in(const YuvFrame& frame, int plane) {
  double bright = 0.0;
  for (int x = 0; x < frame.plane_width(plane); ++x) {
    bright += (frame.row(plane, frame.plane_height(plane) / 2)[x] - kDark) / static_cast<double>(kBright - kDark);
  }
  return frame.plane_width(plane) - bright;
}

struct Line {
  double largest_error = 0.0;
  double slope = 0.0;
};

Line fit(const std::vector<double>& places) {
  const auto count = static_cast<double>(places.size());
  double x = 0.0;
  double y = 0.0;
  double xx = 0.0;
  double xy = 0.0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto at = static_cast<double>(i);
    x += at;
    y += places[i];
    xx += at * at;
    xy += at * places[i];
  }
  Line line;
  line.slope = (count * xy - x * y) / (count * xx - x * x);
  const double start = (y - line.slope * x) / count;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const double error = std::abs(places[i] - start - line.slope * static_cast<double>(i));
    line.largest_error = std::max(line.largest_error, error);
  }
  return line;
}

std::vector<double> track(Motion motion, double edge, int plane) {
  const CameraSource source(picture_with_edge(730, 412, edge));
  YuvFrame frame(640, 360);
  std::vector<double> places;
  for (int i = 0; i < kFrames; ++i) {
    const CameraPose pose = camera_pose(motion, i / (kFrames - 1.0));
    source.film(camera_view(pose, frame.width(), frame.height(), source.width(), source.height()), frame);
    places.push_back(edge_in(frame, plane));
  }
  return places;
}

TEST(Camera, MovesEdgesAlongStraightLines) {
  for (const Motion motion : {Motion::zoom_in, Motion::zoom_out, Motion::pan_left, Motion::pan_right}) {
    for (const double edge : {250.0, 411.3, 480.77}) {
      const Line luma = fit(track(motion, edge, 0));
      EXPECT_LT(luma.largest_error, 0.05) << "edge at " << edge;
      EXPECT_GT(std::abs(luma.slope), 0.01);
      EXPECT_LT(fit(track(motion, edge, 1)).largest_error, 0.05) << "chroma, edge at " << edge;
    }
  }
}

TEST(Camera, PutsEdgesWhereTheyBelong) {
  for (const double edge : {250.0, 411.3}) {
    const CameraView view = camera_view(camera_pose(Motion::zoom_in, 1.0), 640, 360, 730, 412);
    EXPECT_NEAR(track(Motion::zoom_in, edge, 0).back(), edge * view.scale + view.x, 0.02);
  }
}

TEST(Camera, GivesAPictureBackThatItLooksAtStraight) {
  const YuvFrame picture = picture_with_edge(64, 48, 31.5);
  YuvFrame frame(64, 48);
  CameraSource(picture).film({1.0, 0.0, 0.0}, frame);
  for (std::size_t i = 0; i < frame.bytes().size(); ++i) ASSERT_NEAR(frame.bytes()[i], picture.bytes()[i], 1) << i;
}

TEST(Camera, LooksAtPicturesOfAnySize) {
  for (const auto& [width, height] : {std::pair{2, 2}, std::pair{2, 400}, std::pair{900, 4}}) {
    const CameraSource source(picture_with_edge(width, height, 0.0));
    YuvFrame frame(64, 64);
    source.film(camera_view(camera_pose(Motion::zoom_in, 0.3), 64, 64, width, height), frame);
    for (int y = 0; y < 64; ++y) EXPECT_NEAR(frame.row(0, y)[32], kBright, 1);
  }
}

}  // namespace
}  // namespace vivid::render
