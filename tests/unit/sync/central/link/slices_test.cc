#include "sync/central/link/slices.h"

#include <gtest/gtest.h>

namespace vivid::sync {
namespace {

using std::chrono::milliseconds;

TEST(SliceSize, GrowsToTheWholeBatchWhileAnsweringIsQuick) {
  SliceSize size(500, milliseconds(1000));
  for (int i = 0; i < 10; ++i) size.took(milliseconds(5));
  EXPECT_EQ(size.current(), 500);
}

TEST(SliceSize, ShrinksToOneWhenAnsweringIsSlow) {
  SliceSize size(500, milliseconds(1000));
  for (int i = 0; i < 20; ++i) size.took(milliseconds(5000));
  EXPECT_EQ(size.current(), 1);
}

TEST(SliceSize, StaysWhereItsTimeIsRight) {
  SliceSize size(500, milliseconds(1000));
  const int before = size.current();
  size.took(milliseconds(600));
  EXPECT_EQ(size.current(), before);
}

TEST(SliceSize, IsNeverMoreThanTheBatch) { EXPECT_EQ(SliceSize(3, milliseconds(1000)).current(), 3); }

TEST(EndOfPart, KeepsToRowsAndBytes) {
  std::vector<Delivery> many(1200);
  EXPECT_EQ(end_of_part(many, 0), 500u);
  EXPECT_EQ(end_of_part(many, 500), 1000u);
  EXPECT_EQ(end_of_part(many, 1000), 1200u);

  std::vector<Delivery> long_ones(3);
  for (Delivery& delivery : long_ones) delivery.body.assign(kMaxDeliveryBytes / 2, 'x');
  EXPECT_EQ(end_of_part(long_ones, 0), 2u);
}

TEST(EndOfPart, SendsOneThatIsTooLongAlone) {
  std::vector<Delivery> deliveries(3);
  deliveries[1].body.assign(kMaxDeliveryBytes * 2, 'x');
  EXPECT_EQ(end_of_part(deliveries, 0), 1u);
  EXPECT_EQ(end_of_part(deliveries, 1), 2u);
  EXPECT_EQ(end_of_part(deliveries, 2), 3u);
}

}  // namespace
}  // namespace vivid::sync
