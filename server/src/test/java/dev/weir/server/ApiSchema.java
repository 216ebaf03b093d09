// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;

/** What a document of OpenAPI says of the shape of bodies. */
final class ApiSchema {

  private ApiSchema() {}

  /** A schema that stands in a document. */
  static JsonSchema of(JsonNode document, JsonNode schema) {
    // The components come along, so that references within the document are found.
    ObjectNode root = schema.deepCopy();
    root.set("components", document.get("components"));
    return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(root);
  }

  /** What a node of a document refers to, or the node itself. */
  static JsonNode resolved(JsonNode document, JsonNode node) {
    JsonNode reference = node.get("$ref");
    return reference == null ? node : document.at(reference.asText().substring(1));
  }
}
