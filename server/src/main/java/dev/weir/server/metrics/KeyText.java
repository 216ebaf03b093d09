// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.metrics;

import dev.weir.core.Condition;
import dev.weir.core.CounterKey;
import dev.weir.core.Descriptor;
import dev.weir.core.KeyPart;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.ValuePattern;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Keys as people may read them: {@code user=42}. What is a secret by the name of its entry, such as
 * {@code api_key}, is shown as a fingerprint, {@code api_key=#1c9a0f3e} (R18). Safe for use by any
 * thread.
 */
final class KeyText {

  private static final int MAX_BYTES = 512;
  private static final int MAX_TEXT = 256;
  private static final int FINGERPRINT = 8;

  private static final Pattern SECRET =
      Pattern.compile(
          "(?i).*(secret|token|passw|credential|authorization|bearer|session|cookie|jwt)"
              + ".*|(.*[^a-z])?(api)?[-_.]?key|.*apikey.*");

  private final Map<String, Policy> policies = new HashMap<>();
  private final Map<String, Policy> owners = new HashMap<>();

  KeyText(PolicySet inForce) {
    for (Policy policy : inForce.policies()) {
      policies.putIfAbsent(policy.name(), policy);
      owners.put(policy.fullName(), policy);
    }
  }

  /** The same key, or one in its place that does not fill the memory. */
  static CounterKey bounded(CounterKey key) {
    byte[] value = key.value();
    return value.length <= MAX_BYTES ? key : CounterKey.of(key.limit(), digest(value));
  }

  /** The entries that a policy's limit counts by, as far as the policy is known. */
  String of(String policyName, CounterKey key) {
    List<String> parts = key.parts();
    if (parts.isEmpty()) {
      return key.value().length == 0 ? "" : fingerprint(key);
    }
    Policy policy = policies.get(policyName);
    List<KeyPart> names = policy == null ? List.of() : policy.key();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < parts.size(); i++) {
      // A limit that the caller brought has entries that no policy names.
      String name = names.size() == parts.size() ? names.get(i).entry() : "";
      text.append(i == 0 ? "" : ",").append(name).append(name.isEmpty() ? "" : "=");
      text.append(isSecret(name) ? fingerprint(parts.get(i)) : parts.get(i));
    }
    return text.length() <= MAX_TEXT ? text.toString() : text.substring(0, MAX_TEXT) + "…";
  }

  /**
   * A descriptor that a counter counts, if the key tells its entries and none of them is a secret:
   * what the policy asks for by its very value is added.
   */
  Optional<Descriptor> descriptor(CounterKey key) {
    Policy policy = owners.get(key.limit().policy());
    List<String> parts = key.parts();
    if (policy == null || !policy.entries().isEmpty() || policy.key().size() != parts.size()) {
      return Optional.empty();
    }
    Map<String, String> entries = new LinkedHashMap<>();
    for (int i = 0; i < parts.size(); i++) {
      if (!(policy.key().get(i) instanceof KeyPart.Value part)
          || isSecret(part.entry())
          || parts.get(i).isEmpty()) {
        return Optional.empty();
      }
      entries.put(part.entry(), parts.get(i));
    }
    for (Condition condition : policy.conditions()) {
      if (condition.pattern() instanceof ValuePattern.Exact exact) {
        if (isSecret(condition.key())) {
          return Optional.empty();
        }
        entries.putIfAbsent(condition.key(), exact.value());
      }
    }
    return entries.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Descriptor.of(
                policy.domain(),
                entries.entrySet().stream()
                    .map(entry -> new Descriptor.Entry(entry.getKey(), entry.getValue()))
                    .toList()));
  }

  static boolean isSecret(String entry) {
    return entry.isEmpty() || SECRET.matcher(entry).matches();
  }

  /** Tells keys apart and says nothing else of them. */
  static String fingerprint(CounterKey key) {
    return shown(digest(key.value()));
  }

  private static String fingerprint(String text) {
    return shown(digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static String shown(byte[] digest) {
    return "#" + HexFormat.of().formatHex(digest).substring(0, FINGERPRINT);
  }

  private static byte[] digest(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
