import Backups
import Deployment
import Glibc
import Testing
import Transactions

@Suite("The backup store")
struct BackupStoreTests {
  let sandbox: Sandbox
  init() throws { sandbox = try Sandbox() }

  @Test("refuses a backup with one flipped bit in any of its files, and changes nothing")
  func flippedBit() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one", "conf": "c"]))
    let stamp = try #require(try await sandbox.deploy(sandbox.release("2", ["app": "two", "conf": "c"])).stamp)
    let before = try sandbox.live()
    let files = try TestFiles.files(below: sandbox.store.folder(stamp))
    #expect(files.count == 5, "two contents, backup.json, restore.sh, SHA256SUMS: \(files)")
    for file in files {
      try TestFiles.flipBit(file)
      let error = await #expect(throws: BackupError.self, "\(file)") { try await sandbox.rollBack(stamp) }
      #expect(error?.exitStatus == .backupDamaged, "\(file)")
      #expect(try sandbox.live() == before, "\(file)")
      try TestFiles.flipBit(file)
    }
    #expect(try await sandbox.rollBack(stamp).exit == .done)
  }

  @Test("refuses a backup with a file missing or one too many")
  func incomplete() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    let stamp = try #require(try await sandbox.deploy(sandbox.release("2", ["app": "two"])).stamp)
    let stranger = sandbox.store.folder(stamp) + "/files/stranger"
    try TestFiles.write("?", to: stranger)
    #expect(try sandbox.store.check(stamp).status == .fail)
    unlink(stranger)
    #expect(try sandbox.store.check(stamp).status == .pass)
    unlink(sandbox.store.contents(stamp) + sandbox.target("app"))
    #expect(try sandbox.store.check(stamp).status == .fail)
  }

  @Test("holds an unchanged file once, by a hard link")
  func hardLinks() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one", "same": "s"]))
    let second = try #require(try await sandbox.deploy(sandbox.release("2", ["app": "two", "same": "s"])).stamp)
    let third = try #require(try await sandbox.deploy(sandbox.release("3", ["app": "three", "same": "s"])).stamp)
    func inode(_ stamp: Stamp, _ name: String) throws -> ino_t {
      try TestFiles.facts(sandbox.store.contents(stamp) + sandbox.target(name)).st_ino
    }
    #expect(try inode(second, "same") == inode(third, "same"))
    #expect(try inode(second, "app") != inode(third, "app"))
  }

  @Test("does not link to a copy that is damaged")
  func damagedLink() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one", "same": "s"]))
    let second = try #require(try await sandbox.deploy(sandbox.release("2", ["app": "two", "same": "s"])).stamp)
    try TestFiles.flipBit(sandbox.store.contents(second) + sandbox.target("same"))
    let third = try #require(try await sandbox.deploy(sandbox.release("3", ["app": "three", "same": "s"])).stamp)
    #expect(try sandbox.store.check(third).status == .pass)
  }

  @Test(
    "does not link to a copy whose metadata somebody has changed, nor to one that is gone, and goes on",
    arguments: ["chmod", "chown", "touch", "rm"])
  func changedLink(_ change: String) async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one", "same": "s"]))
    let second = try #require(try await sandbox.deploy(sandbox.release("2", ["app": "two", "same": "s"])).stamp)
    let copy = sandbox.store.contents(second) + sandbox.target("same")
    let inode = try TestFiles.facts(copy).st_ino
    switch change {
    case "chmod": chmod(copy, 0o600)
    case "chown": lchown(copy, 1, 1)
    case "touch": utime(copy, nil)
    default: unlink(copy)
    }
    let third = try #require(try await sandbox.deploy(sandbox.release("3", ["app": "three", "same": "s"])).stamp)
    #expect(try sandbox.store.check(third).status == .pass)
    let own = try TestFiles.facts(sandbox.store.contents(third) + sandbox.target("same"))
    #expect(change == "rm" || own.st_ino != inode)
    #expect(own.st_mode & 0o7777 == 0o640 && own.st_uid == 0)
  }

  @Test(
    "is seen damaged by a quick look and by a whole one",
    arguments: [
      "rm -r {}/files", "rm {}/backup.json", "rm {}/SHA256SUMS", "rm {}/restore.sh", "rm -r {} && mkdir -m 700 {}",
      "rm -r {} && touch {}", "truncate -s 1 {}/files/*/*/*/*/app", "chmod 600 {}/files/*/*/*/*/app",
      "printf x >> {}/backup.json", "sed -i 's/true/null/' {}/backup.json", "touch {}/files/stranger", "chmod 755 {}",
    ])
  func damage(_ script: String) async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    let stamp = try #require(try await sandbox.deploy(sandbox.release("2", ["app": "two"])).stamp)
    #expect(try sandbox.store.check(stamp, quick: true).status == .pass)
    #expect(system(script.replacing("{}", with: sandbox.store.folder(stamp))) == 0)
    for quick in [true, false] {
      let check = try sandbox.store.check(stamp, quick: quick)
      #expect(check.status == .fail && !check.detail.isEmpty, "quick: \(quick), \(check)")
    }
  }

  @Test("a changed mode in the store is told, and keeps nobody from going back to it")
  func blemish() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    let stamp = try #require(try await sandbox.deploy(sandbox.release("2", ["app": "two"])).stamp)
    chmod(sandbox.store.contents(stamp) + sandbox.target("app"), 0o600)
    #expect(try sandbox.store.check(stamp).detail.contains("mode 0640 → 0600"))
    #expect(try await sandbox.rollBack().exit == .done)
    #expect(try TestFiles.facts(sandbox.target("app")).st_mode & 0o7777 == 0o640)
  }

  @Test("a damaged last verified one is not taken for the last good one by retention")
  func damagedIsNotTheLastGood() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "1"]))
    let good = try #require(try await sandbox.deploy(sandbox.release("2", ["app": "2"])).stamp)
    var unverified = DeployOptions()
    unverified.verify = false
    let damaged = try #require(try await sandbox.deploy(sandbox.release("3", ["app": "3"]), unverified).stamp)
    unlink(sandbox.store.contents(damaged) + sandbox.target("app"))
    for version in 4...16 { try await sandbox.deploy(sandbox.release("\(version)", ["app": "\(version)"]), unverified) }
    let stamps = try sandbox.store.stamps()
    #expect(stamps.contains(good) && stamps.contains(damaged) && stamps.count == 12, "\(stamps)")
  }

  @Test("stays where the first deploy put it, from whatever folder the next release comes")
  func staysPut() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"], store: "backups"))
    let first = sandbox.root + "/release-1/backups"
    let second = try await sandbox.deploy(sandbox.release("2", ["app": "two"], store: "backups"))
    #expect(try BackupStore(path: first).stamps().first == second.stamp)
    #expect(!TestFiles.exists(sandbox.root + "/release-2/backups"))
    let third = try await sandbox.deploy(sandbox.release("3", ["app": "three"]))
    #expect(try sandbox.store.stamps() == [third.stamp], "an absolute folder is meant as it stands")
  }

  @Test("is closed to everybody but root")
  func modes() async throws {
    let stamp = try #require(try await sandbox.deploy(sandbox.release("1", ["app": "one"])).stamp)
    #expect(try TestFiles.facts(sandbox.store.folder(stamp)).st_mode & 0o777 == 0o700)
  }

  @Test("keeps what is pinned and the last verified, whatever the number")
  func retention() async throws {
    let first = try #require(try await sandbox.deploy(sandbox.release("1", ["app": "1"])).stamp)
    try sandbox.store.setPinned(true, first)
    for version in 2...14 { try await sandbox.deploy(sandbox.release("\(version)", ["app": "\(version)"])) }
    let stamps = try sandbox.store.stamps()
    #expect(stamps.count == 11)
    #expect(stamps.last == first)
    #expect(try sandbox.store.check(first).status == .pass)
  }
}
