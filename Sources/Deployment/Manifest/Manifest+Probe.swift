extension Manifest {
  /// What is written into a pipeline to prove that it skips duplicates.
  public enum ProbeShape: Sendable, Hashable {
    /// A decision of the services that qtctl ships with, marked so that it can never become an order.
    case decision
    /// An entry of another pipeline, field by field, in the order of the manifest. That it does no harm there is the
    /// manifest's to see to.
    case template([ProbeField])
    /// None is written; what it would have proved is not proved.
    case off
  }

  /// One field of a probe.
  public struct ProbeField: Sendable, Hashable {
    public var name: String
    /// With placeholders: `${trace_id}` is new in every probe and the same in its copies, `${timestamp}` the moment of
    /// writing in UTC, ISO 8601, another one for every probe.
    public var text: String

    public init(_ name: String, _ text: String) {
      self.name = name
      self.text = text
    }

    /// The names that may stand between `${` and `}`.
    public static let placeholders = ["trace_id", "timestamp"]

    /// The text with the placeholders replaced.
    public func filled(traceID: String, timestamp: String) -> String {
      // One pass: what was put in is not looked at again.
      pieces.reduce(into: "") { text, piece in
        switch piece {
        case .text(let part): text += part
        case .placeholder("trace_id"): text += traceID
        case .placeholder("timestamp"): text += timestamp
        case .placeholder(let name): text += "${\(name)}"
        }
      }
    }

    /// The placeholders in the text, by name, known or not.
    var named: [String] {
      pieces.compactMap { if case .placeholder(let name) = $0 { String(name) } else { nil } }
    }

    private enum Piece {
      case text(Substring)
      case placeholder(Substring)
    }

    private var pieces: [Piece] {
      var pieces: [Piece] = []
      var rest = text[...]
      while let begin = rest.firstRange(of: "${"), let end = rest[begin.upperBound...].firstIndex(of: "}") {
        pieces += [.text(rest[..<begin.lowerBound]), .placeholder(rest[begin.upperBound..<end])]
        rest = rest[rest.index(after: end)...]
      }
      return pieces + [.text(rest)]
    }
  }
}
