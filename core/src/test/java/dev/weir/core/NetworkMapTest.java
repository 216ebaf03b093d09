// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NetworkMapTest {

  @Test
  void address_inSeveralNetworks_hasTheNarrowestsValue() {
    NetworkMap<String> map =
        NetworkMap.of(
            Map.of(
                Network.of("10.0.0.0/8"), "eight",
                Network.of("10.1.0.0/16"), "sixteen",
                Network.of("10.1.2.3"), "one",
                Network.of("2001:db8::/32"), "six"));
    assertThat(map.find("10.9.9.9")).hasValue("eight");
    assertThat(map.find("10.1.9.9")).hasValue("sixteen");
    assertThat(map.find("10.1.2.3")).hasValue("one");
    assertThat(map.find("::ffff:10.1.2.3")).hasValue("one");
    assertThat(map.find("2001:db8::1%eth0")).hasValue("six");
    assertThat(map.find("11.0.0.0")).isEmpty();
    assertThat(map.find("localhost")).isEmpty();
    assertThat(map.contains("10.0.0.0")).isTrue();
    assertThat(NetworkMap.none().find("10.0.0.1")).isEmpty();
    assertThat(NetworkMap.of(List.of())).isEqualTo(NetworkMap.none());
    assertThat(map).hasToString("[10.0.0.0/8, 10.1.0.0/16, 10.1.2.3/32, 2001:db8::/32]");
  }

  @Test
  void network_around_isThatOfTheAddress() {
    assertThat(Network.around("10.1.2.3", 24, 64)).isEqualTo(Network.of("10.1.2.0/24"));
    assertThat(Network.around("2001:db8::1:2:3:4", 24, 64))
        .isEqualTo(Network.of("2001:db8::/64"))
        .hasToString("2001:db8::/64");
    assertThat(Network.around("::ffff:10.1.2.3", 32, 64)).isEqualTo(Network.of("10.1.2.3/32"));
    assertThatThrownBy(() -> Network.around("localhost", 32, 64))
        .hasMessageContaining("address: \"localhost\" (expected: an address");
    assertThatThrownBy(() -> Network.around("10.1.2.3", 33, 64))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ipv4Length: 33");
  }

  @Test
  void find_randomNetworks_isAsAskingEach() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      Map<Network, Integer> networks = new HashMap<>();
      for (int i = random.nextInt(40); i >= 0; i--) {
        networks.put(Network.around(address(random), random.nextInt(33), random.nextInt(129)), i);
      }
      NetworkMap<Integer> map = NetworkMap.of(networks);
      for (int i = 0; i < 100; i++) {
        String address = address(random);
        List<Network> holding = new ArrayList<>(networks.keySet());
        holding.removeIf(network -> !network.contains(address));
        Optional<Integer> expected =
            holding.stream()
                .max((one, other) -> Integer.compare(one.length(), other.length()))
                .map(networks::get);
        assertThat(map.find(address)).as("seed %d: %s", seed, address).isEqualTo(expected);
      }
    }
  }

  private static String address(Random random) {
    int low = random.nextInt(4);
    return random.nextBoolean()
        ? "10." + random.nextInt(2) + '.' + random.nextInt(2) + '.' + low
        : "2001:db8:" + random.nextInt(2) + "::" + low;
  }
}
