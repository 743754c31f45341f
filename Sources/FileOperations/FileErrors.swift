package import Deployment
package import SystemPackage

/// A file operation that failed: what, where, and the system's own reason.
package struct FileError: Error, Hashable, CustomStringConvertible {
  package var operation: String
  package var path: String
  package var errno: Errno

  package init(operation: String, path: String, errno: Errno) {
    self.operation = operation
    self.path = path
    self.errno = errno
  }

  package var description: String { "cannot \(operation) '\(path)': \(errno.description)" }
}

/// A file was another one when it had been read than when it was looked at.
package struct FileChanged: CommandError, Hashable {
  package let path: String

  package init(path: String) { self.path = path }

  package var exitStatus: ExitStatus { .internalError }
  package var description: String { "'\(path)' changed while it was being read; run the command again" }
}

/// A record of qtctl's own that cannot be read.
package struct UnreadableRecord: CommandError, Hashable {
  package let path: String
  package let why: String

  package init(path: String, why: String) {
    self.path = path
    self.why = why
  }

  package var exitStatus: ExitStatus { .internalError }
  package var description: String { "cannot read '\(path)': \(why)" }
}
