import TestSupport

@testable import Verification

/// A router in another language in the place of the real one, that misbehaves in one way.
struct OtherRouter: Sendable {
  /// What it does with one decision, as lines of Python: `message` is the intent, `trace` its trace id, `seen` the ids
  /// that came before, `say` writes to the journal as the real one does.
  private let lines: String

  private static func publishing(_ lines: String) -> OtherRouter { OtherRouter(lines: lines) }

  static let soundly = publishing(
    """
    if trace in seen:
        say("DUPLICATE_SKIP trace_id=" + trace, trace)
    else:
        server.xadd(INTENTS, message)
    """)
  static let everyCopy = publishing("server.xadd(INTENTS, message)")
  static let twice = publishing(
    """
    if trace in seen:
        say("DUPLICATE_SKIP trace_id=" + trace, trace)
    else:
        server.xadd(INTENTS, message)
        server.xadd(INTENTS, message)
    """)
  static let nothing = publishing("pass")
  static let onlySkips = publishing(#"say("DUPLICATE_SKIP trace_id=" + trace, trace)"#)
  /// What it sees for the first time it takes for a duplicate, and publishes what it has seen before.
  static let theWrongWayRound = publishing(
    """
    if trace in seen:
        server.xadd(INTENTS, message)
    else:
        say("DUPLICATE_SKIP trace_id=" + trace, trace)
    """)
  static let silently = publishing("trace in seen or server.xadd(INTENTS, message)")

  /// Runs the real services with this router, while `body` does.
  func run(_ body: () async throws -> Void) async throws {
    let target = "\(RealServices.programs)/quantum-ai-strategy-router"
    try Scratch.write(script, to: "/run/other-router.py")
    try await RealServices.sh(
      "mv \(target) \(target).real; install -m 755 /run/other-router.py \(target); systemctl restart \(RealServices.router)"
    )
    let result = await Result { try await body() }
    try await RealServices.sh("mv \(target).real \(target); systemctl restart \(RealServices.router)")
    try result.get()
  }

  private var script: String {
    let body = lines.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n")
    return TradingRelease.publishingTwice
      .replacing("server = redis.Redis(decode_responses=True)", with: Self.prelude)
      .replacing(
        "    server.xadd(INTENTS, message)\n    server.xadd(INTENTS, message)\n",
        with: "    trace = fields['trace_id']\n\(body)\n    seen.add(trace)\n")
  }

  static let prelude = #"""
    server = redis.Redis(decode_responses=True)
    seen = set()


    def say(text, trace):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
            journal.sendto(f"MESSAGE={text}\nTRACE_ID={trace}\n".encode(), "/run/systemd/journal/socket")
    """#
}

extension Result where Failure == any Error {
  fileprivate init(isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
