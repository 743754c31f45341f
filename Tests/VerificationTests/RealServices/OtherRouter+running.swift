import TestSupport

@testable import Verification

extension OtherRouter {
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
}

extension Result where Failure == any Error {
  fileprivate init(isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
