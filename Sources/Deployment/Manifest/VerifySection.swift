extension Manifest {
  /// How to verify that the services work.
  package struct Verify: Sendable, Hashable {
    /// How long every unit must stay up, unrestarted.
    package var stable: Duration = .seconds(15)
    package var groups: [ConsumerGroup] = []
    package var duplicates: Duplicates?
    /// Streams that take what could not be processed; one that grows fails.
    package var deadLetters: [String] = []
    /// By stream, where it is not `fail`.
    package var deadLetterSeverity: [String: Severity] = [:]
    package var commands: [Command] = []
    package var http: [HTTP] = []
    package var tcp: [TCP] = []
    package var files: [LogFile] = []
    package init() {}

    /// Whether any of it is looked at in Redis.
    package var concernsRedis: Bool { !groups.isEmpty || duplicates != nil || !deadLetters.isEmpty }
  }

  /// What a check that does not pass means.
  package enum Severity: String, Sendable, Hashable, Codable, CaseIterable {
    /// The verification fails.
    case fail
    /// It is reported, and nothing fails.
    case warn
  }

  /// A consumer group that must exist and move.
  package struct ConsumerGroup: Sendable, Hashable {
    package var stream: String
    package var group: String
    /// The fewest consumers the group must have.
    package var consumers = 1
    /// The most entries that may be pending.
    package var pending = 100
    /// The most entries that may wait for their first delivery.
    package var lag = 1000
    package var severity = Severity.fail

    package init(stream: String, group: String) {
      self.stream = stream
      self.group = group
    }
  }

  /// The check for duplicates: the same probe twice gives one entry and one log line, another probe gives one entry.
  package struct Duplicates: Sendable, Hashable {
    /// What is written as a probe.
    package var probe = ProbeShape.decision
    /// The stream that probes are written to.
    package var into: String
    /// The stream on which exactly one entry must appear for each probe.
    package var out: String
    /// The unit that logs the skipped duplicate.
    package var unit: String
    /// The text of its log line.
    package var log = "DUPLICATE_SKIP"
    /// The unit that ends a probe, and the text of its log line.
    package var terminal: Terminal?
    /// How long each part may take.
    package var within: Duration = .seconds(5)
    package var severity = Severity.fail

    package init(into: String, out: String, unit: String) {
      self.into = into
      self.out = out
      self.unit = unit
    }
  }

  package struct Terminal: Sendable, Hashable {
    package var unit: String
    package var log = "TERMINAL STATE"
    /// What else its log line has where the message is 30 days old; `nil`: the manifest does not say.
    package var stale: String?
    package init(unit: String) { self.unit = unit }
  }

  /// A program that must exit 0.
  package struct Command: Sendable, Hashable {
    package var name: String
    /// The program, absolute, and its arguments. No shell.
    package var run: [String]
    /// How long it may take until a run has exited 0.
    package var within: Duration = .seconds(10)
    /// Whether it is run again until it passes, and once more at the end of the window; not where it has side effects.
    package var repeats = true
    package var severity = Severity.fail

    package init(name: String, run: [String]) {
      self.name = name
      self.run = run
    }
  }

  /// A URL that must answer with a status.
  package struct HTTP: Sendable, Hashable {
    /// `http://host[:port]/path`, or the same with `https://`.
    package var url: String
    package var status = 200
    /// Text that the body must contain.
    package var body: String?
    /// A file with the certificates to trust, absolute; `nil`: those of the host.
    package var ca: String?
    package var severity = Severity.fail
    /// How long it may take until the answer is right.
    package var within: Duration = .seconds(5)
    package init(url: String) { self.url = url }

    package var isEncrypted: Bool { url.hasPrefix("https://") }
  }

  /// An address that must accept a connection.
  package struct TCP: Sendable, Hashable {
    /// `host:port`.
    package var address: String
    /// How long it may take until a connection is accepted.
    package var within: Duration = .seconds(2)
    package var severity = Severity.fail
    package init(address: String) { self.address = address }
  }

  /// A unit that logs to a file, and that file; its log lines are looked for there rather than in the journal.
  package struct LogFile: Sendable, Hashable {
    package var log: String
    package var unit: String
    package init(log: String, unit: String) {
      self.log = log
      self.unit = unit
    }
  }
}

extension Manifest {
  /// What is written into a pipeline to show that it skips duplicates.
  package enum ProbeShape: Sendable, Hashable {
    /// A decision of the services that qtctl ships with, marked so that it can never become an order.
    case decision
    /// An entry of another pipeline, field by field, in the order of the manifest. That it does no harm there is up to
    /// the author of the manifest.
    case template([ProbeField])
    /// None is written, and nothing about duplicates is verified.
    case off
  }

  /// One field of a probe.
  package struct ProbeField: Sendable, Hashable {
    package var name: String
    /// With placeholders: `${trace_id}` is new in every probe and the same in its copies, `${timestamp}` the moment of
    /// writing in UTC, ISO 8601, another one for every probe.
    package var text: String

    package init(_ name: String, _ text: String) {
      self.name = name
      self.text = text
    }

    /// The names that are allowed between `${` and `}`.
    package static let placeholders = ["trace_id", "timestamp"]

    /// The text with the placeholders replaced.
    package func filled(traceID: String, timestamp: String) -> String {
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
    package var named: [String] {
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
