import TestSupport

extension PlainRelease {
  /// Lays a good release out on the site and deploys it.
  @discardableResult
  static func deploy(_ version: String, to site: Site) async throws -> QtctlRun {
    try await write(version, .good, to: site)
    let run = try await site.qtctl("deploy", folder, "--stable", "0s")
    guard run.exit == 0 else { throw SiteError(description: "\(run)") }
    return run
  }
}
