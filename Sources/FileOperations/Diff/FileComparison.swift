package import Deployment

/// One path in two states, and where the content of each can be read.
package struct FileComparison {
  package struct Side {
    package var state: FileState
    /// Where the content lies; `nil` where it is not kept.
    package var content: String?

    package init(state: FileState, content: String? = nil) {
      self.state = state
      self.content = content
    }
  }

  package var path: String
  package var secret: Bool
  package var old: Side
  package var new: Side

  package init(path: String, secret: Bool, old: Side, new: Side) {
    self.path = path
    self.secret = secret
    self.old = old
    self.new = new
  }

  /// What differs, in words: old → new; empty where nothing does. Of a secret's content nothing is said but that it
  /// differs.
  package var words: [String] {
    old.state.differences(to: new.state, secret: secret) + (secret ? [] : sizes)
  }

  private var sizes: [String] {
    guard old.state.sha256 != new.state.sha256, let before = old.state.size, let after = new.state.size else {
      return []
    }
    return before == after ? [] : ["size \(before) → \(after)"]
  }
}

/// How one path differs between two states, as it is shown: in words, and for text line by line.
package struct FileDifference: Sendable, Hashable, Encodable {
  package var path: String
  package var secret: Bool
  /// What differs, in words: old → new.
  package var differences: [String]
  /// The lines of a unified diff, control characters made visible; empty where there is none to show.
  package var diff: [String]
  /// How many lines more the diff has.
  package var more: Int

  /// The path with what differs, in one line.
  package var sentence: String { "\(path): \(differences.joined(separator: ", "))" }

  /// As a person reads it: the sentence, and the diff below it.
  package var text: String {
    let rest = more > 0 ? ["… \(more) more lines"] : []
    return ([sentence] + (diff + rest).map { "  " + $0 }).joined(separator: "\n") + "\n"
  }
}

/// Files whose content can be shown to a person.
package enum SmallText {
  /// Bytes; larger files are told by digest and size.
  package static let limit = 256 << 10

  /// The content of a file that is text, small, and what `state` says of it; else `nil`.
  package static func read(_ path: String, as state: FileState) -> [UInt8]? {
    guard state.type == .file, state.size.map({ $0 <= limit }) ?? false, let found = try? FileState.peek(path),
      found.type == .file, found.size == state.size, let bytes = try? Files.read(path),
      Digest.bytes(bytes) == state.sha256, isText(bytes)
    else { return nil }
    return bytes
  }

  private static func isText(_ bytes: [UInt8]) -> Bool {
    !bytes.contains(0) && String(validating: bytes, as: UTF8.self) != nil
  }
}

extension DesiredState.File {
  /// From what should be to what is on the host.
  ///
  /// - Parameter secrets: paths that are secret whatever this state says of them: one of the two sides had them so.
  package func compared(with inventory: Inventory, secrets: Set<String>) -> FileComparison {
    FileComparison(
      path: path, secret: secret || secrets.contains(path), old: FileComparison.Side(state: state, content: origin),
      new: FileComparison.Side(state: inventory.file(path), content: path))
  }
}

extension InstalledRecord {
  /// The paths whose content is never shown.
  package var secrets: Set<String> { Set(files.filter(\.secret).map(\.path)) }
}

extension BackupRecord {
  /// The paths whose content is never shown. What was saved may be from a release that had other secrets than the one
  /// that was coming.
  package var secrets: Set<String> { Set(entries.filter(\.secret).map(\.path)).union(installed?.secrets ?? []) }
}
