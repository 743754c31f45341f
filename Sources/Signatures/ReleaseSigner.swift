internal import Basics
internal import Deployment
internal import FileOperations
internal import Glibc
package import Releases

/// Signs a release's folder, where it was built.
package struct ReleaseSigner {
  /// What was done.
  package struct Signed {
    /// Where the signature is.
    package let path: String
    package let message: String
  }

  private let file: ManifestFile

  /// - Parameter file: the manifest in the folder that is signed.
  package init(_ file: ManifestFile) { self.file = file }

  /// Writes `qtctl.sig` beside the manifest.
  ///
  /// - Parameter key: a private key, or the public one of a key that an agent holds.
  /// - Throws: `Refusal` where the release could not be deployed signed, or the key cannot be used.
  package func sign(with key: String) throws -> Signed {
    guard let place = Paths.of(key) else {
      throw Refusal(["the key '\(key)' does not exist; make one, with: ssh-keygen -t ed25519 -f FILE"])
    }
    guard try FileState.peek(place).type == .file else {
      throw Refusal([
        "the key '\(key)' is not a plain file; name the file with the private key, such as ~/.ssh/id_ed25519"
      ])
    }
    let keygen = try KeygenProgram(for: "signing")
    try OpenedRelease.check(file, in: file.folder)
    let listing = try ReleaseListing(of: file.folder)
    let signature: [UInt8]
    switch try keygen.run(["-Y", "sign", "-f", place, "-n", KeygenProgram.namespace], input: listing.text) {
    case .success(let output): signature = try Self.signature(in: output)
    case .failure(let why):
      throw Refusal([
        "the key '\(key)' cannot be used: \(why); a key with a passphrase has to be in an agent: run 'ssh-add FILE', "
          + "then name its public key, as in: --key \(ShellWord.of(key + ".pub"))"
      ])
    }
    let path = file.folder + "/" + ReleaseListing.signature
    try Files.replace(path, with: signature, mode: 0o644)
    return Signed(
      path: path,
      message:
        "signed \(listing.count) files, folders and links of \(file.manifest.name) in '\(path)'; any change to the "
        + "folder makes it invalid")
  }

  /// The signature in what ssh-keygen prints beside it (PROTOCOL.sshsig, "Armored format").
  private static func signature(in output: String) throws -> [UInt8] {
    let (begin, end) = ("-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----")
    guard let first = output.firstRange(of: begin), let last = output.firstRange(of: end),
      first.lowerBound < last.lowerBound
    else { throw Refusal(["ssh-keygen has printed no signature; it may be too old: OpenSSH 8.1 or later is needed"]) }
    return Array((output[first.lowerBound..<last.upperBound] + "\n").utf8)
  }
}
