internal import FileOperations
internal import Glibc
package import Systemd
internal import Units

/// Unit files of preflight's own: there for the length of one question, in the folder that a reboot empties.
///
/// systemd finds a new file when it is asked for its name; nothing needs to be reloaded.
package enum TrialUnits {
  package static let folder = "/run/systemd/system"
  private static let prefix = "qtctl-preflight-"

  /// Lays the texts out, hands over their names, and takes them away whatever happens.
  package static func with<Value>(_ texts: [String], _ body: ([String]) throws -> Value) throws -> Value {
    // What a preflight that was killed has left; one at a time runs, under the lock.
    for name in try Files.names(in: folder) where name.hasPrefix(prefix) {
      try Files.removeIfPresent(folder + "/" + name)
    }
    let names = texts.map { _ in "\(prefix)\(UInt32.random(in: 0 ... .max)).service" }
    defer {
      for name in names { unlink(folder + "/" + name) }
    }
    for (name, text) in zip(names, texts) { try Scratch.write(text, to: folder + "/" + name) }
    return try body(names)
  }
}

/// A folder for root alone that is gone at the end; under /run, which a reboot empties.
package enum Scratch {
  package static func with<Value>(_ body: (String) throws -> Value) throws -> Value {
    let folder = try make()
    defer { try? Files.removeTree(folder) }
    return try body(folder)
  }

  /// Takes away what a preflight that was killed has left; one at a time runs, under the lock.
  package static func clean() throws {
    for name in try Files.names(in: "/run") where name.hasPrefix("qtctl-preflight-") {
      try Files.removeTree("/run/" + name)
    }
  }

  package static func make() throws -> String {
    var template = Array("/run/qtctl-preflight-XXXXXX".utf8CString)
    try Files.check("make folder", "/run/qtctl-preflight-XXXXXX") { mkdtemp(&template) == nil ? -1 : 0 }
    return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Writes a file that need not outlive a power loss.
  package static func write(_ text: String, to path: String) throws {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
    let file = Int32(try Files.check("create", path) { Int(open(path, flags, 0o644)) })
    defer { close(file) }
    var text = text
    try text.withUTF8 { try Files.writeAll(UnsafeRawBufferPointer($0), to: file, path: path) }
  }
}

/// What preflight asks of the service manager. The real one is systemd (`SystemdControl`).
package protocol UnitTrial {
  func status(of unit: String) throws -> UnitStatus
  /// Starts units that end by themselves, waits for all of them, and forgets them.
  ///
  /// - Returns: how each ended.
  func run(_ units: [String], within limit: Duration) throws -> [UnitStatus]
}

extension SystemdControl: UnitTrial {
  package func status(of unit: String) throws -> UnitStatus { try manager.status(of: unit) }

  package func run(_ units: [String], within limit: Duration) throws -> [UnitStatus] {
    defer {
      for unit in units { try? manager.resetFailed(unit) }
    }
    let deadline = ContinuousClock.now + limit
    let jobs = try units.map { try manager.enqueue(.start, $0) }
    _ = try manager.wait(for: jobs, until: deadline)
    return try units.map { try manager.status(of: $0) }
  }
}
