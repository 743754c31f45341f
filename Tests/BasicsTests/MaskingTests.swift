import Basics
import Testing

@Suite("What is secret in a text")
struct MaskingTests {
  @Test(
    "is hidden, and nothing else",
    arguments: [
      ("redis://:pa@ss@host:6379/0 and redis://u:p@h", "redis://:***@host:6379/0 and redis://u:***@h"),
      ("DB_PASSWORD=hunter2 user=x", "DB_PASSWORD=*** user=x"),
      ("--api-key=abc,def", "--api-key=***,def"),
      ("GET /?token=abc&page=2", "GET /?token=***&page=2"),
      (#"{"user": "x", "Password": "a\"b"}"#, #"{"user": "x", "Password": "***"}"#),
      (#"{"line": "{\"token\": \"abc\", \"n\": 1}"}"#, #"{"line": "{\"token\": \"***\", \"n\": 1}"}"#),
      (#"{'secret':'x'} password="two words""#, #"{'secret':'***'} password="***""#),
      ("password=last", "password=***"),
      ("password=\"never closed", "password=\"***"),
      // No value, or no name of something secret.
      ("password= x", "password= x"),
      ("unexpected token: '}' at 3:4", "unexpected token: '}' at 3:4"),
      ("tokens=5 a=b http://host/x=1", "tokens=5 a=b http://host/x=1"),
      ("", ""),
    ])
  func hidden(text: String, shown: String) {
    #expect(Masking.secrets(in: text) == shown)
    #expect(Masking.secrets(in: shown) == shown)
  }
}
