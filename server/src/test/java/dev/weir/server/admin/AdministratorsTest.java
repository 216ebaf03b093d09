// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.TimeSource;
import dev.weir.records.FileRecords;
import dev.weir.records.MemoryRecords;
import dev.weir.records.RecordStore;
import dev.weir.server.wire.BearerTokens;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdministratorsTest {

  private static final Pattern TOKEN = Pattern.compile("weir_admin_[A-Za-z0-9_-]{43}");

  @TempDir Path folder;

  private final List<String> told = new ArrayList<>();

  private Administrators start(RecordStore records, AdminSettings settings) {
    return Administrators.of(settings, records, TimeSource.system(), told::add);
  }

  private String token() {
    Matcher matcher = TOKEN.matcher(told.getLast());
    assertThat(matcher.find()).isTrue();
    return matcher.group();
  }

  @Test
  void firstStart_withDurableRecords_tellsATokenOnceAndKeepsItsDigestOnly() throws Exception {
    String token;
    try (RecordStore records = FileRecords.open(folder)) {
      Administrators first = start(records, AdminSettings.NONE);
      assertThat(first.known()).isFalse();
      assertThat(first.make().toCompletableFuture().get()).isTrue();
      token = token();
      assertThat(first.token(token).map(BearerTokens.Token::grant))
          .hasValue(new Administrator("admin", Role.ADMIN));
      assertThat(first.token(token + "x")).isEmpty();
      assertThat(records.list("administrator").toCompletableFuture().get())
          .singleElement()
          .satisfies(record -> assertThat(record.value()).doesNotContain(token));
      assertThat(records.audit(Long.MAX_VALUE, 10).toCompletableFuture().get().toString())
          .contains("administrator.create")
          .doesNotContain(token);
    }
    try (RecordStore records = FileRecords.open(folder)) {
      Administrators second = start(records, AdminSettings.NONE);
      assertThat(second.make().toCompletableFuture().get()).isTrue();
      assertThat(told).hasSize(1);
      assertThat(second.token(token)).isPresent();
    }
  }

  @Test
  void eachStart_withoutRecordsThatStay_makesAToken() throws Exception {
    try (RecordStore records = MemoryRecords.create()) {
      start(records, AdminSettings.NONE).make().toCompletableFuture().get();
      String first = token();
      Administrators second = start(records, AdminSettings.NONE);
      second.make().toCompletableFuture().get();
      assertThat(told).hasSize(2);
      assertThat(second.token(first)).isEmpty();
      assertThat(second.token(token())).isPresent();
      assertThat(records.list("administrator").toCompletableFuture().get()).isEmpty();
    }
  }

  @Test
  void settings_thatNameNobody_takeTheEnvironment() {
    String own = "of-the-variable-of-weir";
    String other = "of-the-variable-of-e-e";
    AdminSettings both =
        AdminSettings.NONE.or(Map.of("WEIR_ADMIN_TOKEN", own, "ADMIN_API_KEY", other));
    assertThat(new BearerTokens<>(both.tokens()).find(own)).isPresent();
    assertThat(new BearerTokens<>(both.tokens()).find(other)).isEmpty();
    AdminSettings one =
        AdminSettings.NONE.or(Map.of("WEIR_ADMIN_TOKEN", "", "ADMIN_API_KEY", other));
    assertThat(new BearerTokens<>(one.tokens()).find(other)).isPresent();
    AdminSettings named = AdminSettings.NONE.with(AdminSettings.token("in-the-configuration"));
    assertThat(named.or(Map.of("WEIR_ADMIN_TOKEN", own))).isEqualTo(named);
    assertThat(AdminSettings.NONE.or(Map.of())).isEqualTo(AdminSettings.NONE);
  }

  @Test
  void token_thatIsEasilyGuessed_isRefusedWithoutBeingTold() {
    for (String text :
        new String[] {"short", "hunter2hunter2 ", "hunter2hunter2\u00e4\u00e4\u00e4"}) {
      assertThatThrownBy(() -> AdminSettings.token(text))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected: 16..512")
          .hasMessageNotContaining("hunter2");
    }
    assertThatThrownBy(() -> AdminSettings.NONE.or(Map.of("ADMIN_API_KEY", "hunter2")))
        .hasMessageContaining("ADMIN_API_KEY")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void tokens_asText_hideTheirDigests() {
    BearerTokens.Token<Administrator> token = AdminSettings.token("a-secret-of-some-length");
    AdminSettings settings = AdminSettings.NONE.with(token);
    String digest = token.sha256();
    assertThat(HexFormat.of().parseHex(digest)).hasSize(32);
    assertThat(settings.toString() + token + new BearerTokens<>(settings.tokens()))
        .contains("ADMIN")
        .doesNotContain(digest, "a-secret");
  }
}
