package io.axnn.tools.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Chromium without a window, driven through chromedriver by the WebDriver protocol of the W3C
 * (JSON over HTTP).
 */
public final class Browser implements AutoCloseable {

  private static final String BROWSER = "chromium";
  private static final String DRIVER = "chromedriver";
  private static final Pattern STARTED = Pattern.compile("started successfully on port (\\d+)");
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final String ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
  private static final JsonMapper JSON = new JsonMapper();

  private final HttpClient client = HttpClient.newHttpClient();
  private final Process driver;
  private final String server;
  private final String session;

  /** The programs that this machine lacks, or empty where it has both. */
  public static Optional<String> missing() {
    List<String> missing = Stream.of(BROWSER, DRIVER).filter(name -> find(name).isEmpty()).toList();
    return missing.isEmpty() ? Optional.empty() : Optional.of(String.join(" or ", missing));
  }

  private static Optional<Path> find(String program) {
    return Stream.of(System.getenv("PATH").split(System.getProperty("path.separator")))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Starts one of its own, with its profile in an empty folder. */
  public Browser(Path profile, int width, int height) throws IOException {
    driver =
        new ProcessBuilder(DRIVER, "--port=0")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    boolean ready = false;
    try {
      server = "http://127.0.0.1:" + port(driver.inputReader(StandardCharsets.UTF_8));
      List<String> arguments =
          new ArrayList<>(
              List.of(
                  "--headless",
                  "--no-sandbox",
                  "--disable-gpu",
                  "--disable-quic",
                  "--disable-dev-shm-usage",
                  "--no-first-run",
                  "--disable-background-networking",
                  "--disable-component-update",
                  "--disable-sync",
                  "--user-data-dir=" + profile,
                  "--window-size=" + width + "," + height));
      Map<String, Object> wanted =
          Map.of(
              "browserName",
              "chrome",
              "goog:chromeOptions",
              Map.of("binary", find(BROWSER).orElseThrow().toString(), "args", arguments),
              "goog:loggingPrefs",
              Map.of("browser", "ALL"));
      session =
          send("POST", "/session", Map.of("capabilities", Map.of("alwaysMatch", wanted)))
              .get("sessionId")
              .asText();
      ready = true;
    } finally {
      if (!ready) {
        driver.destroy();
      }
    }
  }

  private static String port(BufferedReader output) throws IOException {
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      Matcher started = STARTED.matcher(line);
      if (started.find()) {
        return started.group(1);
      }
    }
    throw new IOException(DRIVER + " ended without a port");
  }

  private JsonNode send(String method, String path, Object body) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server + path))
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
            .build();
    try {
      JsonNode value =
          JSON.readTree(client.send(request, BodyHandlers.ofString()).body()).path("value");
      if (value.has("error")) {
        throw new IOException(path + ": " + value.path("message").asText());
      }
      return value;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private JsonNode post(String command, Object body) throws IOException {
    return send("POST", "/session/" + session + command, body);
  }

  /** Shows a file. */
  public void open(Path page) throws IOException {
    post("/url", Map.of("url", page.toUri().toString()));
  }

  /** What a function's body returns in the page. */
  public JsonNode evaluate(String script) throws IOException {
    return post("/execute/sync", Map.of("script", script, "args", List.of()));
  }

  private String element(String selector) throws IOException {
    return post("/element", Map.of("using", "css selector", "value", selector))
        .get(ELEMENT)
        .asText();
  }

  /** Presses the mouse on the first element that a CSS selector matches. */
  public void click(String selector) throws IOException {
    post("/element/" + element(selector) + "/click", Map.of());
  }

  /** Gives the first element that a CSS selector matches the focus, and keys. */
  public void type(String selector, String keys) throws IOException {
    post("/element/" + element(selector) + "/value", Map.of("text", keys));
  }

  /** What the page prefers from now on, as "prefers-color-scheme" and "dark". */
  public void prefer(String feature, String value) throws IOException {
    post(
        "/goog/cdp/execute",
        Map.of(
            "cmd",
            "Emulation.setEmulatedMedia",
            "params",
            Map.of("features", List.of(Map.of("name", feature, "value", value)))));
  }

  /** What the console has got since the last question: errors, warnings and messages. */
  public List<String> console() throws IOException {
    List<String> messages = new ArrayList<>();
    for (JsonNode entry : post("/se/log", Map.of("type", "browser"))) {
      messages.add(entry.path("level").asText() + ": " + entry.path("message").asText());
    }
    return messages;
  }

  @Override
  public void close() throws IOException {
    try {
      send("DELETE", "/session/" + session, Map.of());
    } finally {
      driver.destroy();
      try {
        driver.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
