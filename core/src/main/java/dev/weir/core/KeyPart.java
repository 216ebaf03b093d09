// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

/**
 * A part of what a policy counts by. A descriptor that lacks an entry which the key needs does not
 * match the policy.
 */
public sealed interface KeyPart {

  /**
   * The value of an entry.
   *
   * @param entry the entry's key
   */
  record Value(String entry) implements KeyPart {
    /**
     * @throws IllegalArgumentException if the entry's key is empty or too long
     */
    public Value {
      Require.text("entry", requireNonNull(entry, "entry"), Condition.MAX_KEY);
    }
  }

  /**
   * The network in which the address lies that an entry holds: whoever owns a network has one
   * counter. All values that are no address share one counter.
   *
   * @param entry the entry's key
   * @param ipv4Length bits of an IPv4 address that count; 0..32
   * @param ipv6Length bits of an IPv6 address that count; 0..128
   */
  record AddressNetwork(String entry, int ipv4Length, int ipv6Length) implements KeyPart {
    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public AddressNetwork {
      Require.text("entry", requireNonNull(entry, "entry"), Condition.MAX_KEY);
      Require.within("ipv4 length", ipv4Length, 0, 32);
      Require.within("ipv6 length", ipv6Length, 0, 128);
    }
  }

  /**
   * What a variable of a path template stands for. The policy must have a condition on the entry
   * whose template has the variable.
   *
   * @param entry the entry's key
   * @param variable the variable's name
   */
  record PathVariable(String entry, String variable) implements KeyPart {
    /**
     * @throws IllegalArgumentException if the entry's key or the variable is empty or too long
     */
    public PathVariable {
      Require.text("entry", requireNonNull(entry, "entry"), Condition.MAX_KEY);
      Require.text("variable", requireNonNull(variable, "variable"), Condition.MAX_KEY);
    }
  }

  /** The key of the entry that it needs. */
  String entry();
}
