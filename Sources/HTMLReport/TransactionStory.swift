package import Deployment
package import HostState
package import Samples

/// All that is told of one transaction, as values: a page is made of it without a look at anything else.
package struct TransactionStory: Sendable {
  package var entry: HistoryEntry
  package var host: String
  /// What was said at its end; `nil`: not known.
  package var message: String?
  package var steps: [StepResult] = []
  /// The checks at its end; of a transaction that was undone, those that prove what is back.
  package var checks: [CheckResult] = []
  /// The checks that failed before it was undone.
  package var failed: [CheckResult] = []
  /// How the groups stood; `nil`: not recorded.
  package var samples: [GroupSample]?
  package var changes = Changes()
  package var journal = Journal()
  /// What could not be read or was left out when evidence was kept, in sentences.
  package var gaps: [String] = []
  /// When the page is written, in whole seconds since 1970, and by which version of qtctl.
  package var written: Int
  package var version: String

  package init(entry: HistoryEntry, host: String, written: Int, version: String) {
    self.entry = entry
    self.host = host
    self.written = written
    self.version = version
  }

  /// What the transaction changed in files.
  package struct Changes: Sendable {
    package struct File: Sendable, Hashable {
      /// The path, and what differs in words.
      package var sentence: String
      /// Of a unified diff.
      package var lines: [String]

      package init(sentence: String, lines: [String]) {
        self.sentence = sentence
        self.lines = lines
      }
    }

    package var files: [File] = []
    /// Where it comes from, or why there is none.
    package var remark = ""

    package init(_ files: [File] = [], remark: String = "") {
      self.files = files
      self.remark = remark
    }
  }

  /// What was said by and about the units meanwhile.
  package struct Journal: Sendable {
    /// As they are shown, oldest first.
    package var lines: [String] = []
    package var remark = ""

    package init(_ lines: [String] = [], remark: String = "") {
      self.lines = lines
      self.remark = remark
    }
  }
}

extension TransactionStory.Changes {
  /// Reads the text that evidence is kept as: a sentence for each file, the lines of its diff below, set in.
  package init(text: String, remark: String) {
    var files: [File] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
      if line.hasPrefix("  ") {
        guard let last = files.indices.last else { continue }
        files[last].lines.append(String(line.dropFirst(2)))
      } else {
        files.append(File(sentence: String(line), lines: []))
      }
    }
    self.init(files, remark: remark)
  }
}
