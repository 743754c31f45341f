package import Deployment
internal import Glibc
internal import Synchronization

/// A user or a group that does not exist on this host.
package struct UnknownAccount: CommandError, Hashable {
  package enum Kind: String, Sendable { case user, group }

  package let kind: Kind
  package let name: String

  package var exitStatus: ExitStatus { .refused }
  package var description: String { "\(kind) '\(name)' does not exist on this host; create it" }
}

/// The host's users and groups. What was found once is not looked up again: a release asks for each of its files.
package enum Accounts {
  /// The numbers by name; also what keeps two threads from asking at once, since the answer is one for all.
  private static let found = Mutex<[UnknownAccount: UInt32]>([:])

  private static func number(
    _ kind: UnknownAccount.Kind, _ name: String, _ look: () -> UInt32?
  ) throws(UnknownAccount) -> UInt32 {
    if let number = UInt32(name) { return number }
    let account = UnknownAccount(kind: kind, name: name)
    let number = found.withLock { found -> UInt32? in
      guard let number = found[account] ?? look() else { return nil }
      found[account] = number
      return number
    }
    guard let number else { throw account }
    return number
  }

  /// The number of a user that is named, or given as a number.
  package static func user(_ name: String) throws(UnknownAccount) -> UInt32 {
    try number(.user, name) { getpwnam(name)?.pointee.pw_uid }
  }

  package static func group(_ name: String) throws(UnknownAccount) -> UInt32 {
    try number(.group, name) { getgrnam(name)?.pointee.gr_gid }
  }

  /// The name of a user, or its number where it has none.
  package static func userName(_ number: UInt32) -> String {
    name(.user, number) { getpwuid(number).map { String(cString: $0.pointee.pw_name) } }
  }

  /// The name of a group, or its number where it has none.
  package static func groupName(_ number: UInt32) -> String {
    name(.group, number) { getgrgid(number).map { String(cString: $0.pointee.gr_name) } }
  }

  /// As `found`, by number.
  private static let names = Mutex<[UnknownAccount: String]>([:])

  private static func name(_ kind: UnknownAccount.Kind, _ number: UInt32, _ look: () -> String?) -> String {
    let account = UnknownAccount(kind: kind, name: String(number))
    return names.withLock { names in
      if let name = names[account] { return name }
      guard let name = look() else { return account.name }
      names[account] = name
      return name
    }
  }

  package static func hostName() -> String {
    var buffer = [CChar](repeating: 0, count: Int(HOST_NAME_MAX) + 1)
    guard gethostname(&buffer, buffer.count) == 0 else { return "" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

/// Who runs this process.
package enum Caller {
  package static var isRoot: Bool { geteuid() == 0 }
  package static var pid: Int32 { getpid() }

  /// The user behind `sudo` where there is one, else the user of the process.
  package static var name: String {
    if let name = getenv("SUDO_USER").map({ String(cString: $0) }), !name.isEmpty { return name }
    return getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? String(geteuid())
  }

  /// The user and the group behind `sudo`; `nil` where there are none.
  package static var behind: (user: UInt32, group: UInt32)? {
    func number(_ name: String) -> UInt32? { getenv(name).flatMap { UInt32(String(cString: $0)) } }
    guard isRoot, let user = number("SUDO_UID"), let group = number("SUDO_GID") else { return nil }
    return (user, group)
  }
}
