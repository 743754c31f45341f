import Deployment
import Manifests
import Testing

@Suite struct ManifestRefusalTests {
  @Test(arguments: ManifestSample.bad)
  func aBadManifestIsRefusedWithAllThatIsWrongAtItsPlace(_ sample: ManifestSample) {
    let error = #expect(throws: ManifestError.self) { try Manifest(yaml: sample.yaml, file: "qtctl.yaml") }
    let problems = error?.problems.map { "\($0.line):\($0.column): \($0.message)" }
    #expect(problems == sample.problems)
  }

  @Test func allProblemsOfAFileAreSaidInItsOrderAndThenWhatToDo() {
    let yaml = """
      name: two words
      services:
        - unit: shop
          ready: soon
        - unit: b.service
          fiels: []
      verify: {stabel: 15s}
      """
    let error = #expect(throws: ManifestError.self) { try Manifest(yaml: yaml, file: "units/qtctl.yaml") }
    #expect(
      error?.description.split(separator: "\n").map { $0.prefix(while: { $0 != "'" }) } == [
        "units/qtctl.yaml:1:7: name: ", "units/qtctl.yaml:3:11: services[0].unit: ",
        "units/qtctl.yaml:4:12: services[0].ready: ", "units/qtctl.yaml:6:5: services[1]: unknown key ",
        "units/qtctl.yaml:7:10: verify: unknown key ", "Fix these in ",
      ])
  }

  @Test func hundredsOfProblemsAreCountedRatherThanShown() {
    let yaml = "name: a\nservices: [{unit: a.service}]\n" + (1...300).map { "zzzzzz\($0): 1\n" }.joined()
    let error = #expect(throws: ManifestError.self) { try Manifest(yaml: yaml, file: "q") }
    #expect(error?.problems.count == 300)
    #expect(error?.description.split(separator: "\n").count == 52)
    #expect(error?.description.contains("… and 250 more") == true)
  }

  @Test(arguments: [
    "redis: \"http://me:hunter2@h\"", "redis: rediss://me:hunter2@h", "redis: \"redis://me:hunter2@h\\n\"",
    "redis: [\"redis://me:hunter2@h\"]", "redis: {hunter2: 1}",
  ])
  func aPasswordIsNeverShown(_ line: String) {
    let error = #expect(throws: ManifestError.self) { try Manifest(yaml: ManifestSample.root(line).yaml, file: "q") }
    #expect(error?.problems.count == 1)
    #expect(error?.description.contains("hunter2") == false)
  }

  @Test func bytesThatAreNotUTF8AreRefusedAtTheirPlace() throws {
    let good = Array("name: shop\nservices: [{unit: shop.service}]\nversion: ü".utf8)
    #expect(try Manifest(bytes: good, file: "q").version == "ü")
    let error = #expect(throws: ManifestError.self) { try Manifest(bytes: good + [0xFF, 0x41], file: "q") }
    #expect(error?.problems.map { [$0.line, $0.column] } == [[3, 11]])
    #expect(throws: ManifestError.self) { try Manifest(bytes: good.dropLast(), file: "q") }
    #expect(throws: ManifestError.self) { try Manifest(bytes: [0xFF, 0xFE, 0x61, 0x00], file: "q") }
  }

  @Test func anAbsurdlyLargeFileIsNotEvenParsed() {
    let yaml = "name: " + String(repeating: "a", count: 9 << 20)
    let error = #expect(throws: ManifestError.self) { try Manifest(yaml: yaml, file: "q") }
    #expect(error?.problems.map(\.message) == ["the file is larger than 8 MiB, too large for a manifest"])
  }

  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      String(repeating: "[", count: 200_000), String(repeating: "{a: ", count: 200_000),
      String(repeating: "- ", count: 200_000),
      "name: " + String(repeating: "[", count: 990) + String(repeating: "]", count: 990),
      (0..<5000).map { String(repeating: " ", count: $0) + "a:\n" }.joined().prefix(4 << 20).description,
      "? " + String(repeating: "[", count: 990) + String(repeating: "]", count: 990) + "\n: a",
      laughs(levels: 30, key: "? *a29\n: x"), laughs(levels: 30, key: "name: *a29"),
      laughs(levels: 5, key: "? *a4\n: x"),
    ])
  func nestingAndExpansionWithoutBoundAreRefusedInTime(_ yaml: String) {
    #expect(throws: ManifestError.self) { try Manifest(yaml: yaml, file: "q") }
  }
}

/// Each level holds the one before it three times.
private func laughs(levels: Int, key: String) -> String {
  "l0: &a0 [x]\n"
    + (1..<levels).map { "l\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1), *a\($0 - 1)]\n" }.joined() + key + "\n"
}
