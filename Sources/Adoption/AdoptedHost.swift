package import Deployment

/// What runs on a host, as a release would bring it.
package struct AdoptedHost {
  /// Of the manifest.
  package var name: String
  /// In start order.
  package var units: [AdoptedUnit] = []
  /// Files that several units use.
  package var files: [AdoptedFile] = []
  package var trees: [AdoptedTree] = []
  /// Addresses that accept connections.
  package var ports: [AdoptedPort] = []
  /// The Redis that the units are connected to.
  package var redis: AdoptedRedis?
  /// What a person has to decide, a sentence each.
  package var notes: [String] = []

  package init(name: String) { self.name = name }
}

/// A unit with the files that it alone uses.
package struct AdoptedUnit {
  package var unit: String
  /// `nil`: as the manifest has it where it says nothing.
  package var state: String?
  /// Whether it is ill already, so that its checks only warn.
  package var isLenient = false
  package var files: [AdoptedFile] = []
  package var notes: [String] = []
}

/// A file or a symlink of the host.
package struct AdoptedFile {
  package var target: String
  package var state: FileState
  /// `nil`: root.
  package var owner: String?
  package var group: String?
  package var isEnvironment = false

  /// Whether not everybody on the host may read it.
  package var isSecret: Bool { isEnvironment || state.type == .file && (state.mode ?? 0) & 0o004 == 0 }
  /// Where it lies in the release.
  package var source: String { "files" + target }
}

/// A folder of the host with all that is in it.
package struct AdoptedTree {
  package var target: String
  package var exclude: [String]
  /// Whether a file in it holds secrets.
  package var isSecret = false
  package var users: [String] = []

  package var source: String { "trees" + target }
}

/// An address at which a unit accepts connections.
package struct AdoptedPort: Hashable {
  /// As in a URL.
  package var address: String
  package var unit: String
  /// What a web server there answers to `GET /`; `nil`: it is none.
  package var status: Int?
  /// Whether the kernel may have chosen the port, so that it is another one after a restart.
  package var isEphemeral: Bool
}

/// A Redis that units are connected to, and the consumer groups in it.
package struct AdoptedRedis: Hashable {
  /// Without a password.
  package var url: String
  /// Units that are connected to it.
  package var users: [String]
  /// Why it is only a comment in the manifest; `nil`: it is what the manifest checks.
  package var doubt: String?
  package var groups: [AdoptedGroup] = []
}

/// A consumer group.
package struct AdoptedGroup: Hashable {
  package var stream: String
  package var group: String
  /// Why it is only a comment in the manifest; `nil`: one of the units reads by it.
  package var doubt: String?
  /// Whether more waits in it already than a check takes for healthy.
  package var isBehind = false
}
