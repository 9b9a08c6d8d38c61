// StudentFloat4: the quantiles of Student's t distribution with five degrees of
// freedom, scaled to [-1, 1], with an exact zero. Dotzel et al., "Learning from
// Students: Applying t-Distributions to Explore Accurate and Efficient Formats
// for LLMs" (2024): the inverse distribution function at 8 of 9 points evenly
// spaced from 0.9677083 down to 0.5, and negated at 7 of 8 points, by its
// largest; as f32.

#include "lib/Formats/CodecRegistry.h"
#include "lib/Formats/Levels.h"

void qcc::formats::addSF4(CodecRegistry &registry) {
  registry.add(std::make_unique<Levels>("sf4", 4,
                                        std::vector<double>{
                                            -1.0,
                                            -0.6277806758880615,
                                            -0.4547361135482788,
                                            -0.33433082699775696,
                                            -0.23743444681167603,
                                            -0.15289874374866486,
                                            -0.07498248666524887,
                                            0.0,
                                            0.06551308929920197,
                                            0.13296476006507874,
                                            0.2046610713005066,
                                            0.2838347852230072,
                                            0.37580493092536926,
                                            0.49107569456100464,
                                            0.6567812561988831,
                                            1.0,
                                        }));
  NamedFormat format;
  format.name = "sf4";
  format.description = "4-bit quantiles of Student's t distribution";
  format.codec = "sf4";
  format.sharing = Sharing::Group;
  format.groupSize = 128; // as the paper
  registry.addFormat(std::move(format));
}
