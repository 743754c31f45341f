internal import Deployment
internal import FileOperations
internal import Glibc

/// OpenSSH's ssh-keygen, which makes signatures and judges them: with a deadline, and what it prints is bounded.
struct KeygenProgram {
  /// ssh-keygen(1), "-n namespace": a signature for another purpose, such as a commit's, is none of a release.
  static let namespace = "qtctl"
  private static let places = ["/usr/bin/ssh-keygen", "/usr/local/bin/ssh-keygen"]
  private static let deadline = Duration.seconds(20)

  private let path: String

  /// - Parameter purpose: what it is needed for, for the message.
  /// - Throws: `Refusal` where it is not installed.
  init(for purpose: String) throws {
    guard let path = Self.places.first(where: { access($0, X_OK) == 0 }) else {
      throw Refusal([
        "\(purpose) needs '\(Self.places.joined(separator: "' or '"))', which does not exist; run: "
          + "apt-get install openssh-client"
      ])
    }
    self.path = path
  }

  /// - Returns: what it printed, where it ended with 0, and else as failure.
  /// - Throws: `Refusal` where it did not end in time.
  func run(_ arguments: [String], input: String = "") throws -> Result<String, Complaint> {
    var environment = ["PATH=/usr/bin:/bin", "LC_ALL=C"]
    // Where the key is with an agent. Nobody is asked for a passphrase: there may be nobody.
    for name in ["SSH_AUTH_SOCK", "HOME"] {
      if let value = getenv(name) { environment.append(name + "=" + String(cString: value)) }
    }
    let program = BoundedProgram([path] + arguments, in: "/", environment: environment, input: Array(input.utf8))
    let (end, output) = try program.run(within: Self.deadline, check: {}, signal: { _ in })
    switch end {
    case .exited(0): return .success(output)
    case .exited, .signaled: return .failure(Complaint(output))
    case .late: throw Refusal(["'\(path)' has not ended within \(Self.deadline); run the command again"])
    }
  }

  /// Why it failed, in its own words.
  struct Complaint: Error, CustomStringConvertible {
    let description: String

    init(_ output: String) {
      let lines = output.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix { $0 == " " } }
      let told = lines.filter { !$0.isEmpty && !$0.hasPrefix("Signing data on standard input") }.suffix(3)
      description = told.isEmpty ? "it says nothing" : told.joined(separator: "; ")
    }
  }
}
