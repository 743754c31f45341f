internal import Basics
internal import Deployment
internal import FileOperations
internal import Glibc
internal import Systemd

/// The side of a call that a person sees: runs a command on another host as if it ran here.
package struct HostCall {
  /// How this terminal shows things.
  package struct Terminal {
    package var columns: Int?
    package var isColoured: Bool
    package var isASCII: Bool

    package init(columns: Int?, isColoured: Bool, isASCII: Bool) {
      self.columns = columns
      self.isColoured = isColoured
      self.isASCII = isASCII
    }
  }

  let host: RemoteHost
  let words: [String]
  let errand: Errand
  let terminal: Terminal
  /// Whether what it prints is one document.
  let isDocument: Bool
  let tell: @Sendable (String) -> Void
  let complain: @Sendable (String) -> Void

  /// - Parameters:
  ///   - words: the command line behind the program's name.
  ///   - isDocument: whether its standard output is one document, whole or not there.
  ///   - tell: is given what goes on.
  ///   - complain: is given what ssh says.
  package init(
    _ host: RemoteHost, _ words: [String], _ errand: Errand, _ terminal: Terminal, isDocument: Bool,
    tell: @escaping @Sendable (String) -> Void, complain: @escaping @Sendable (String) -> Void
  ) {
    self.host = host
    self.words = words
    self.errand = errand
    self.terminal = terminal
    self.isDocument = isDocument
    self.tell = tell
    self.complain = complain
  }

  /// Runs it, and passes on what it prints.
  ///
  /// - Parameter installs: whether qtctl is put on a host that has none, or another version.
  /// - Returns: its exit status.
  /// - Throws: `RemoteError`, or what is wrong with what is to travel.
  package func run(installing installs: Bool) throws -> Int32 {
    let cargo = try errand.parcel()
    let output = try errand.output.map { try ReturnedFile($0) }
    defer { output?.discard() }
    var greeting = Greeting(host, complain: complain)
    if installs, try !greeting.isReady() {
      greeting.close()
      try QtctlInstaller(host, tell: tell, complain: complain).run()
      greeting = Greeting(host, complain: complain)
    }
    let connection = try greeting.finished()
    defer { connection.close() }
    let id = RunNumber.new()
    let call = Call(
      id: id, words: words, isDetached: errand.isDetached, parcel: cargo?.parcel.parcel, storeOf: cargo?.storeOf,
      hasOutput: output != nil,
      terminal: .init(columns: terminal.columns, isColoured: terminal.isColoured, isASCII: terminal.isASCII))
    var exchange = Exchange(self, connection, call)
    try exchange.begin(cargo?.parcel)
    let status = try exchange.follow(output)
    if status == 0 || output?.isWhole == true { try output?.keep() }
    return status
  }
}

/// The number of a call, by which it can be asked for later.
enum RunNumber {
  static func new() -> String {
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<Call.idDigits / 2).map { _ in UInt8.random(in: 0...255, using: &generator) }
    return Digest.hex(bytes)
  }
}

/// A file that a command on another host writes, on its way back.
final class ReturnedFile {
  private let output: Errand.Output
  private let staged: String
  private let file: Int32
  private(set) var isWhole = false

  /// - Throws: `Refusal` where it would replace what it must not, or `FileError`.
  init(_ output: Errand.Output) throws {
    let place = Paths.resolve(output.path, in: Paths.current)
    self.output = Errand.Output(place, isSecret: output.isSecret)
    let state = try FileState.peek(place)
    if output.isSecret, state.exists {
      throw Refusal(["'\(output.path)' exists; name a file that does not"])
    }
    guard state.type == .absent || state.type == .file else {
      throw Refusal(["'\(output.path)' is not a plain file; name another one"])
    }
    let staged = Files.stagedPath(for: place)
    try Files.removeIfPresent(staged)
    self.staged = staged
    file = Int32(
      try Files.check("create", staged) {
        Int(open(staged, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, output.isSecret ? 0o600 : 0o644))
      })
  }

  deinit { close(file) }

  func add(_ bytes: [UInt8]) throws {
    isWhole = true
    try bytes.withUnsafeBytes { try Files.writeAll($0, to: file, path: staged) }
  }

  /// Puts it in its place.
  func keep() throws {
    try Files.check("fsync", staged) { Int(fsync(file)) }
    try Files.rename(staged, to: output.path)
  }

  func discard() { try? Files.removeIfPresent(staged) }
}
