import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.InvocationTargetException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.protocol.MarshallingType;
import software.amazon.awssdk.core.traits.ListTrait;
import software.amazon.awssdk.core.traits.MapTrait;
import software.amazon.awssdk.core.util.SdkAutoConstructList;
import software.amazon.awssdk.core.util.SdkAutoConstructMap;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;
import software.amazon.awssdk.protocols.jsoncore.JsonWriter;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.KmsResponse;
import software.amazon.awssdk.utils.builder.Buildable;

/** Reads a line of JSON with a call and writes a line of JSON with its outcome; see ../../protocol.ts. */
public final class KmsDriver {
  private static final String MODEL = "software.amazon.awssdk.services.kms.model.";
  private static final Map<List<String>, KmsClient> CLIENTS = new HashMap<>();

  public static void main(String[] arguments) throws Exception {
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      var call = JsonNode.parser().parse(line).asObject();
      System.out.write(json(outcome(call)));
      System.out.write('\n');
      System.out.flush();
    }
  }

  private static Map<String, Object> outcome(Map<String, JsonNode> call) throws Exception {
    String operation = call.get("operation").asString();
    Class<?> requestClass;
    try {
      requestClass = Class.forName(MODEL + operation + "Request");
    } catch (ClassNotFoundException error) {
      return Map.of("unknown", operation);
    }
    try {
      var builder = (SdkPojo) requestClass.getMethod("builder").invoke(null);
      fill(builder, call.get("input"));
      String method = operation.substring(0, 1).toLowerCase() + operation.substring(1);
      KmsClient client = clientFor(call.get("target").asObject());
      var response =
          (KmsResponse)
              KmsClient.class
                  .getMethod(method, requestClass)
                  .invoke(client, ((Buildable) builder).build());
      return Map.of(
          "output", members(response),
          "status", response.sdkHttpResponse().statusCode(),
          "requestId", response.responseMetadata().requestId());
    } catch (InvocationTargetException thrown) {
      if (!(thrown.getCause() instanceof AwsServiceException error)) {
        return Map.of("broken", String.valueOf(thrown.getCause()));
      }
      var details = error.awsErrorDetails();
      String message = details.errorMessage() == null ? "" : details.errorMessage();
      String type = error.getClass().getSimpleName();
      return Map.of(
          "error", Map.of("code", details.errorCode(), "type", type, "message", message),
          "status", error.statusCode(),
          "requestId", error.requestId());
    } catch (IllegalArgumentException error) {
      return Map.of("broken", error.getMessage());
    }
  }

  private static KmsClient clientFor(Map<String, JsonNode> target) {
    String endpoint = target.get("endpoint").asString();
    String region = target.get("region").asString();
    String account = target.get("account").asString();
    return CLIENTS.computeIfAbsent(
        List.of(endpoint, region, account),
        name ->
            KmsClient.builder()
                .endpointOverride(URI.create(endpoint))
                .region(Region.of(region))
                .credentialsProvider(
                    StaticCredentialsProvider.create(AwsBasicCredentials.create(account, "secret")))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .overrideConfiguration(
                    options -> options.retryStrategy(DefaultRetryStrategy.doNotRetry()))
                .build());
  }

  private static void fill(SdkPojo builder, JsonNode tree) {
    var members = new LinkedHashMap<>(tree.asObject());
    for (SdkField<?> field : builder.sdkFields()) {
      JsonNode value = members.remove(field.memberName());
      if (value != null) field.set(builder, fromJson(value, field));
    }
    if (!members.isEmpty()) {
      throw new IllegalArgumentException("unknown members " + members.keySet());
    }
  }

  private static Object fromJson(JsonNode value, SdkField<?> field) {
    MarshallingType<?> type = field.marshallingType();
    if (type == MarshallingType.SDK_BYTES) {
      String text = value.field("$blob").orElseThrow().asString();
      return SdkBytes.fromByteArray(Base64.getDecoder().decode(text));
    }
    if (type == MarshallingType.INSTANT) {
      double seconds = Double.parseDouble(value.field("$time").orElseThrow().asNumber());
      return Instant.ofEpochMilli(Math.round(seconds * 1000));
    }
    if (type == MarshallingType.INTEGER) return Integer.valueOf(value.asNumber());
    if (type == MarshallingType.BOOLEAN) return value.asBoolean();
    if (type == MarshallingType.STRING) return value.asString();
    if (type == MarshallingType.LIST) {
      SdkField<?> item = field.getTrait(ListTrait.class).memberFieldInfo();
      return value.asArray().stream().map(each -> fromJson(each, item)).toList();
    }
    if (type == MarshallingType.MAP) {
      SdkField<?> item = field.getTrait(MapTrait.class).valueFieldInfo();
      var entries = new LinkedHashMap<String, Object>();
      value.asObject().forEach((name, each) -> entries.put(name, fromJson(each, item)));
      return entries;
    }
    SdkPojo builder = field.constructor().get();
    fill(builder, value);
    return ((Buildable) builder).build();
  }

  private static Map<String, Object> members(SdkPojo structure) {
    var members = new LinkedHashMap<String, Object>();
    for (SdkField<?> field : structure.sdkFields()) {
      Object value = field.getValueOrDefault(structure);
      if (value == null || value instanceof SdkAutoConstructList) continue;
      if (value instanceof SdkAutoConstructMap) continue;
      members.put(field.memberName(), plain(value));
    }
    return members;
  }

  private static Object plain(Object value) {
    if (value instanceof SdkBytes bytes) {
      return Map.of("$blob", Base64.getEncoder().encodeToString(bytes.asByteArray()));
    }
    if (value instanceof Instant time) return Map.of("$time", time.toEpochMilli() / 1000.0);
    if (value instanceof SdkPojo structure) return members(structure);
    if (value instanceof List<?> list) {
      var items = new ArrayList<Object>();
      for (Object item : list) items.add(plain(item));
      return items;
    }
    if (value instanceof Map<?, ?> map) {
      var entries = new LinkedHashMap<String, Object>();
      map.forEach((name, item) -> entries.put(String.valueOf(name), plain(item)));
      return entries;
    }
    return value;
  }

  private static byte[] json(Object value) {
    try (JsonWriter writer = JsonWriter.create()) {
      write(writer, value);
      return writer.getBytes();
    }
  }

  private static void write(JsonWriter writer, Object value) {
    if (value instanceof Map<?, ?> members) {
      writer.writeStartObject();
      members.forEach(
          (name, item) -> {
            writer.writeFieldName(String.valueOf(name));
            write(writer, item);
          });
      writer.writeEndObject();
    } else if (value instanceof List<?> items) {
      writer.writeStartArray();
      for (Object item : items) write(writer, item);
      writer.writeEndArray();
    } else if (value instanceof Integer number) {
      writer.writeValue((int) number);
    } else if (value instanceof Double number) {
      writer.writeValue((double) number);
    } else if (value instanceof Boolean flag) {
      writer.writeValue((boolean) flag);
    } else {
      writer.writeValue(String.valueOf(value));
    }
  }
}
