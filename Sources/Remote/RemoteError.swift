package import Deployment

/// What came in the way of a command on another host, and what is known of the host then.
package struct RemoteError: CommandError, Hashable {
  package let exitStatus: ExitStatus
  package let description: String

  /// The host could not be reached or used. Nothing was done there.
  static func unreachable(_ description: String) -> RemoteError {
    RemoteError(exitStatus: .unreachable, description: description)
  }

  /// The connection ended before the command did.
  static func lost(_ description: String) -> RemoteError {
    RemoteError(exitStatus: .connectionLost, description: description)
  }
}

/// What ssh or the program on the other side sent is not of the protocol.
struct ProtocolFault: Error, Hashable, CustomStringConvertible {
  let description: String
}
