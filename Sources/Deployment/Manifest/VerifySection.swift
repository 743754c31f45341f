extension Manifest {
  /// How to verify that the services work.
  public struct Verify: Sendable, Hashable {
    /// How long every unit must stay up, unrestarted.
    public var stable: Duration = .seconds(15)
    public var groups: [ConsumerGroup] = []
    public var duplicates: Duplicates?
    /// Streams that take what could not be processed; one that grows fails.
    public var deadLetters: [String] = []
    /// By stream, where it is not `fail`.
    package var deadLetterSeverity: [String: Severity] = [:]
    public var commands: [Command] = []
    public var http: [HTTP] = []
    public var tcp: [TCP] = []
    public var files: [LogFile] = []
    public init() {}

    /// Whether any of it is looked at in Redis.
    public var concernsRedis: Bool { !groups.isEmpty || duplicates != nil || !deadLetters.isEmpty }
  }

  /// What a check that does not pass means.
  public enum Severity: String, Sendable, Hashable, Codable, CaseIterable {
    /// The verification fails.
    case fail
    /// It is reported, and nothing fails.
    case warn
  }

  /// A consumer group that must exist and move.
  public struct ConsumerGroup: Sendable, Hashable {
    public var stream: String
    public var group: String
    /// The fewest consumers the group must have.
    public var consumers = 1
    /// The most entries that may be pending.
    public var pending = 100
    /// The most entries that may wait for their first delivery.
    public var lag = 1000
    package var severity = Severity.fail

    public init(stream: String, group: String) {
      self.stream = stream
      self.group = group
    }
  }

  /// The check for duplicates: the same probe twice gives one entry and one log line, another probe gives one entry.
  public struct Duplicates: Sendable, Hashable {
    /// What is written as a probe.
    public var probe = ProbeShape.decision
    /// The stream that probes are written to.
    public var into: String
    /// The stream on which exactly one entry must appear for each probe.
    public var out: String
    /// The unit that logs the skipped duplicate.
    public var unit: String
    /// The text of its log line.
    public var log = "DUPLICATE_SKIP"
    /// The unit that ends a probe, and the text of its log line.
    public var terminal: Terminal?
    /// How long each part may take.
    public var within: Duration = .seconds(5)
    package var severity = Severity.fail

    public init(into: String, out: String, unit: String) {
      self.into = into
      self.out = out
      self.unit = unit
    }
  }

  public struct Terminal: Sendable, Hashable {
    public var unit: String
    public var log = "TERMINAL STATE"
    public init(unit: String) { self.unit = unit }
  }

  /// A program that must exit 0.
  public struct Command: Sendable, Hashable {
    public var name: String
    /// The program, absolute, and its arguments. No shell.
    public var run: [String]
    /// How long it may take until a run has exited 0.
    public var within: Duration = .seconds(10)
    /// Whether it is run again until it passes, and once more at the end of the window; not where it has side effects.
    package var repeats = true
    package var severity = Severity.fail

    public init(name: String, run: [String]) {
      self.name = name
      self.run = run
    }
  }

  /// A URL that must answer with a status.
  public struct HTTP: Sendable, Hashable {
    /// `http://host[:port]/path`, or the same with `https://`.
    public var url: String
    public var status = 200
    /// Text that the body must contain.
    package var body: String?
    /// A file with the certificates to trust, absolute; `nil`: those of the host.
    package var ca: String?
    package var severity = Severity.fail
    /// How long it may take until the answer is right.
    public var within: Duration = .seconds(5)
    public init(url: String) { self.url = url }

    package var isEncrypted: Bool { url.hasPrefix("https://") }
  }

  /// An address that must accept a connection.
  public struct TCP: Sendable, Hashable {
    /// `host:port`.
    public var address: String
    /// How long it may take until a connection is accepted.
    public var within: Duration = .seconds(2)
    package var severity = Severity.fail
    public init(address: String) { self.address = address }
  }

  /// A unit that logs to a file, and that file; its log lines are looked for there rather than in the journal.
  public struct LogFile: Sendable, Hashable {
    public var log: String
    public var unit: String
    public init(log: String, unit: String) {
      self.log = log
      self.unit = unit
    }
  }
}

extension Manifest {
  /// What is written into a pipeline to show that it skips duplicates.
  public enum ProbeShape: Sendable, Hashable {
    /// A decision of the services that qtctl ships with, marked so that it can never become an order.
    case decision
    /// An entry of another pipeline, field by field, in the order of the manifest. That it does no harm there is up to
    /// the author of the manifest.
    case template([ProbeField])
    /// None is written, and nothing about duplicates is verified.
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

    /// The names that are allowed between `${` and `}`.
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
