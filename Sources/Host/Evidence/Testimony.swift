internal import Deployment

/// What the service manager and the journal say of units, for a person who wants to know why a release failed.
public struct Testimony: Sendable {
  /// A unit at one moment. What is not known is absent.
  public struct Unit: Sendable, Hashable, Codable {
    public var unit: String
    public var active: String
    public var sub: String
    /// How it last ended, in systemd's word: `success`, `exit-code`, `signal`, `timeout`, `start-limit-hit` …
    public var result: String?
    /// Automatic restarts since the last manual start.
    public var restarts: Int?
    public var pid: Int?
    /// How its main process ended, as systemd counts: 1 exited, 2 killed, 3 dumped core.
    public var mainCode: Int?
    /// Its exit status or its signal.
    public var mainStatus: Int?
    public var invocation: String?
  }

  /// A line of the journal.
  public struct Line: Sendable, Hashable {
    /// Microseconds since 1970.
    public var at: Int64
    /// The unit that said it; `systemd` where the manager did.
    public var source: String
    public var pid: Int?
    public var message: String

    public init(at: Int64, source: String, pid: Int?, message: String) {
      self.at = at
      self.source = source
      self.pid = pid
      self.message = message
    }

    /// As a person reads it.
    var text: String {
      let fraction = String(at % 1_000_000)
      let micros = String(repeating: "0", count: max(0, 6 - fraction.count)) + fraction
      let time = UTC.text(Int(at / 1_000_000)).replacing("Z", with: ".\(micros)Z")
      return "\(time) \(source)\(pid.map { "[\($0)]" } ?? ""): \(message)\n"
    }
  }

  public var units: [Unit] = []
  /// In the order of time.
  public var journal: [Line] = []
  /// What could not be read or was left out, in sentences.
  public var gaps: [String] = []

  public init() {}
}
