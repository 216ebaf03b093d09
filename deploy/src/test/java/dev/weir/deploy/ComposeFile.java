// SPDX-License-Identifier: Apache-2.0
package dev.weir.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * A compose file, as far as those of {@code deploy/compose} go: merge keys, services that extend
 * another file's, and variables.
 *
 * @param services what each service is, by its name
 * @param secrets the file of each secret, by its name
 */
record ComposeFile(Map<String, Map<String, Object>> services, Map<String, Path> secrets) {
  static final Path FOLDER = Machine.ROOT.resolve("deploy/compose");

  private static final Pattern VARIABLE =
      Pattern.compile("\\$(?:\\$|\\{(\\w+)(?::?-([^}]*)|:?\\?([^}]*))?})");

  static ComposeFile read(String name, Map<String, String> environment) {
    Map<String, Object> root = map(load(FOLDER.resolve(name), environment));
    Map<String, Map<String, Object>> services = new LinkedHashMap<>();
    map(root.get("services"))
        .forEach((key, service) -> services.put(key, extended(map(service), environment)));
    Map<String, Path> secrets = new LinkedHashMap<>();
    map(root.getOrDefault("secrets", Map.of()))
        .forEach(
            (key, secret) ->
                secrets.put(key, FOLDER.resolve(map(secret).get("file").toString()).normalize()));
    return new ComposeFile(services, secrets);
  }

  private static Map<String, Object> extended(
      Map<String, Object> service, Map<String, String> environment) {
    if (!service.containsKey("extends")) {
      return service;
    }
    Map<String, Object> of = map(service.get("extends"));
    Map<String, Object> file = map(load(FOLDER.resolve(of.get("file").toString()), environment));
    Map<String, Object> base = map(map(file.get("services")).get(of.get("service").toString()));
    Map<String, Object> rest = new LinkedHashMap<>(service);
    rest.remove("extends");
    return map(merged(base, rest));
  }

  /** Maps are joined, lists are joined, anything else is replaced. */
  private static Object merged(Object below, Object above) {
    if (below instanceof Map && above instanceof Map) {
      Map<String, Object> all = new LinkedHashMap<>(map(below));
      map(above).forEach((key, value) -> all.merge(key, value, ComposeFile::merged));
      return all;
    }
    if (below instanceof List<?> first && above instanceof List<?> second) {
      List<Object> all = new ArrayList<>(first);
      all.addAll(second);
      return all;
    }
    return above;
  }

  private static Object load(Path file, Map<String, String> environment) {
    try {
      LoadSettings settings = LoadSettings.builder().setLabel(file.toString()).build();
      return filled(new Load(settings).loadFromString(Files.readString(file)), environment);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Object filled(Object node, Map<String, String> environment) {
    if (node instanceof Map) {
      Map<String, Object> all = new LinkedHashMap<>();
      map(node)
          .forEach(
              (key, value) -> {
                Object full = filled(value, environment);
                if (key.equals("<<")) {
                  map(full).forEach(all::putIfAbsent);
                } else {
                  all.put(key, full);
                }
              });
      return all;
    }
    if (node instanceof List<?> list) {
      return list.stream().map(each -> filled(each, environment)).toList();
    }
    return node instanceof String text ? filled(text, environment) : node;
  }

  private static String filled(String text, Map<String, String> environment) {
    return VARIABLE
        .matcher(text)
        .replaceAll(
            found -> {
              if (found.group().equals("$$")) {
                return "\\$";
              }
              String value = environment.getOrDefault(found.group(1), "");
              if (value.isEmpty() && found.group(3) != null) {
                throw new IllegalStateException(found.group(1) + ": " + found.group(3));
              }
              String other = found.group(2) == null ? "" : found.group(2);
              return Matcher.quoteReplacement(value.isEmpty() ? other : value);
            });
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> map(Object node) {
    return (Map<String, Object>) node;
  }

  /** A list of a service as texts; empty if it has none. */
  List<String> list(String service, String key) {
    Object found = services.get(service).getOrDefault(key, List.of());
    return found instanceof List<?> list
        ? list.stream().map(Object::toString).toList()
        : List.of(found.toString());
  }

  Map<String, String> environment(String service) {
    Map<String, String> all = new LinkedHashMap<>();
    map(services.get(service).getOrDefault("environment", Map.of()))
        .forEach((key, value) -> all.put(key, value.toString()));
    return all;
  }

  /** The ports that a service listens on inside its container. */
  List<Integer> ports(String service) {
    List<Integer> all = new ArrayList<>();
    list(service, "expose").forEach(port -> all.add(Integer.valueOf(port)));
    list(service, "ports")
        .forEach(port -> all.add(Integer.valueOf(port.substring(port.lastIndexOf(':') + 1))));
    return all.stream().distinct().toList();
  }

  /** The mounted files and folders of this machine, by their places in the container. */
  Map<String, Path> mounts(String service) {
    Map<String, Path> all = new LinkedHashMap<>();
    for (String volume : list(service, "volumes")) {
      String[] parts = volume.split(":");
      if (parts[0].startsWith(".") || parts[0].startsWith("/")) {
        all.put(parts[1], FOLDER.resolve(parts[0]).normalize());
      }
    }
    for (String secret : list(service, "secrets")) {
      all.put("/run/secrets/" + secret, secrets.get(secret));
    }
    return all;
  }
}
