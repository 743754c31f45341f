/// A Prometheus metric: its name, what it counts, and its values by labels.
package struct MetricFamily: Sendable, Encodable {
  package enum Kind: String, Sendable, Encodable { case counter, gauge }

  package struct Sample: Sendable, Encodable {
    package var labels: [String: String]
    package var value: Double
  }

  package var name: String
  package var help: String
  package var kind: Kind
  package var samples: [Sample]

  init(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
    self.name = name
    self.help = help
    self.kind = kind
    self.samples = samples
  }

  init(_ name: String, _ help: String, _ value: Double) {
    self.init(name, .gauge, help, [Sample(labels: [:], value: value)])
  }
}

extension [MetricFamily] {
  /// The text format 0.0.4: families without a sample are left out, labels and samples are in a fixed order.
  package var prometheusText: String {
    filter { !$0.samples.isEmpty }.map { family in
      let lines = family.samples.map { "\(family.name)\(Self.text($0.labels)) \(Self.text($0.value))\n" }
      return "# HELP \(family.name) \(Self.escaped(family.help, quotes: false))\n"
        + "# TYPE \(family.name) \(family.kind.rawValue)\n" + lines.sorted().joined()
    }.joined()
  }

  private static func text(_ labels: [String: String]) -> String {
    guard !labels.isEmpty else { return "" }
    let pairs = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(escaped($0.value, quotes: true))\"" }
    return "{" + pairs.joined(separator: ",") + "}"
  }

  private static func text(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? String(value)
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    let plain = text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    return quotes ? plain.replacing("\"", with: "\\\"") : plain
  }
}
