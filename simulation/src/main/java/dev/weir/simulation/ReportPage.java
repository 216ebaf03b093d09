// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * Writes a report as one HTML page with a chart, light or dark as the browser is.
 *
 * <p>The page loads nothing, and its content security policy lets only its own two scripts run.
 * What came from a log is within a block of JSON in which no character can end the block, and is
 * shown as text.
 */
public final class ReportPage {

  private ReportPage() {}

  /** The page. */
  public static String of(SimulationReport report) {
    String chart = resource("chart.umd.min.js");
    String script = resource("page.js");
    String style = resource("page.css");
    return """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
        script-src %s %s; style-src %s; base-uri 'none'; form-action 'none'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="referrer" content="no-referrer">
        <title>What limits would have done</title>
        <style>"""
            .formatted(source(chart), source(script), source(style))
        + style
        + "</style>\n</head>\n<body>\n<main></main>\n<script type=\"application/json\" id=\"data\">"
        + inScript(ReportJson.of(report))
        + "</script>\n<script>"
        + chart
        + "</script>\n<script>"
        + script
        + "</script>\n</body>\n</html>\n";
  }

  /** JSON in which nothing can end the element around it (HTML, 4.12.1.3). */
  static String inScript(String json) {
    return json.replace("&", "\\u0026")
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029");
  }

  private static String source(String text) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static String resource(String name) {
    try (InputStream in = ReportPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException(name);
      }
      return new String(in.readAllBytes(), UTF_8).replace("\r\n", "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
