internal import Deployment
internal import FileOperations

/// Whose releases a host takes: once `/etc/qtctl/allowed_signers` exists, only those that somebody in it has signed.
///
/// Both files are OpenSSH's (ssh-keygen(1), "ALLOWED SIGNERS" and "KEY REVOCATION LISTS"), at fixed places, so that no
/// manifest, option or variable chooses others.
package struct HostSigners {
  package static let allowedPath = "/etc/qtctl/allowed_signers"
  package static let revokedPath = "/etc/qtctl/revoked_keys"
  private static let mostBytes = 1 << 20
  private static let mostSignatureBytes = 64 << 10

  /// Without symlinks.
  private let allowed: String
  private let revoked: String?
  private let keygen: KeygenProgram

  /// - Returns: `nil` where the host asks for no signatures.
  /// - Throws: `Refusal` where others than root can decide whose signatures count, or `FileError`.
  package static func ofThisHost() throws -> HostSigners? {
    try HostSigners(allowed: allowedPath, revoked: revokedPath)
  }

  /// The same for other places.
  init?(allowed: String, revoked: String, trust: PathTrust = .root) throws {
    // A symlink that leads nowhere is there, and a folder that cannot be looked into is an error: neither allows all.
    guard try FileState.peek(allowed).exists else { return nil }
    self.allowed = try Self.judge(allowed, trust)
    self.revoked = try FileState.peek(revoked).exists ? Self.judge(revoked, trust) : nil
    keygen = try KeygenProgram(for: "'\(allowed)' exists, so that releases must be signed here; to check a signature")
  }

  /// The file itself, when root alone decides what it says.
  private static func judge(_ path: String, _ trust: PathTrust) throws -> String {
    if let fault = trust.fault(of: path) {
      throw Refusal([
        "'\(path)' decides whose releases are deployed here, but \(fault), so that others than root decide it; run: "
          + "chown root '\(fault.path)' && chmod go-w '\(fault.path)'"
      ])
    }
    guard let place = Paths.of(path) else {
      throw Refusal(["'\(path)' is a symlink that leads nowhere; fix it, or remove it to deploy unsigned releases"])
    }
    let state = try FileState.peek(place)
    guard state.type == .file, let size = state.size, size <= mostBytes else {
      throw Refusal([
        "'\(path)' is not a plain file of at most \(mostBytes >> 20) MiB; write it anew, in the format of ssh-keygen"
      ])
    }
    return place
  }

  /// Proves that the folder is what one of them has signed.
  ///
  /// - Parameter shown: the release as a person knows it.
  /// - Returns: who signed it.
  /// - Throws: `Refusal` where nobody did, or it was changed since.
  package func judge(_ folder: String, shown: String) throws -> String {
    let listing = try ReleaseListing(of: folder).text
    let signature = folder + "/" + ReleaseListing.signature
    let state = try FileState.peek(signature)
    guard state.exists else {
      throw refusal(
        shown, "is not signed: it has no '\(ReleaseListing.signature)'", "sign it, with: qtctl sign RELEASE --key FILE")
    }
    guard state.type == .file, state.size ?? 0 <= Self.mostSignatureBytes else {
      throw refusal(
        shown, "has a '\(ReleaseListing.signature)' that is no signature", "sign it again with 'qtctl sign'")
    }
    // Which of the reasons it is, before what decides: the message is for who has to fix it.
    let made: String
    switch try keygen.run(
      ["-Y", "check-novalidate", "-n", KeygenProgram.namespace, "-s", signature], input: listing)
    {
    case .success(let output): made = output
    case .failure(let why):
      throw refusal(
        shown,
        "is not what was signed: a file, mode or link was changed, or the signature is for something else (\(why))",
        "deploy it as it was signed, or sign it again with 'qtctl sign'")
    }
    let key = Self.fingerprint(made)
    let principals: String
    switch try keygen.run(["-Y", "find-principals", "-s", signature, "-f", allowed]) {
    case .success(let output): principals = output
    case .failure(let why):
      throw refusal(
        shown, "is signed with the key \(key), which '\(allowed)' does not allow now (\(why))",
        "have it signed by somebody who is allowed, or add the key there")
    }
    return try decide(principals, listing, signature, key, shown)
  }

  private func decide(
    _ principals: String, _ listing: String, _ signature: String, _ key: String, _ shown: String
  ) throws -> String {
    var reasons: [String] = []
    for principal in principals.split(whereSeparator: \.isNewline).map(String.init).prefix(20) {
      var arguments = ["-Y", "verify", "-n", KeygenProgram.namespace, "-f", allowed, "-I", principal, "-s", signature]
      if let revoked { arguments += ["-r", revoked] }
      switch try keygen.run(arguments, input: listing) {
      case .success: return "\(principal) (\(key))"
      case .failure(let why): reasons.append("\(principal): \(why)")
      }
    }
    throw refusal(
      shown, "is signed with the key \(key), which does not count here (\(reasons.joined(separator: "; ")))",
      "it may be revoked in '\(Self.revokedPath)', or allowed for another namespace or time only; have it signed with "
        + "another key")
  }

  private func refusal(_ shown: String, _ what: String, _ advice: String) -> Refusal {
    Refusal(["the release '\(shown)' \(what); '\(Self.allowedPath)' exists on this host: \(advice)"])
  }

  /// Of what check-novalidate prints: `Good "qtctl" signature with ED25519 key SHA256:…`.
  private static func fingerprint(_ output: String) -> String {
    output.split(whereSeparator: \.isWhitespace).last { $0.hasPrefix("SHA256:") }.map(String.init) ?? "of its signature"
  }
}
