import FileOperations
import Testing
import TestSupport

@testable import Rehearsing

@Suite("What a rehearsal takes from the host")
struct HostReadingTests {
  @Test("is its addresses but those that every machine has and those of one link")
  func addresses() {
    let text = """
      1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
      1: lo    inet 10.77.0.1/32 scope global lo\\       valid_lft forever preferred_lft forever
      2: eth0    inet 192.0.2.7/24 brd 192.0.2.255 scope global eth0\\       valid_lft forever preferred_lft forever
      2: eth0    inet6 2001:db8::7/64 scope global \\       valid_lft forever preferred_lft forever
      2: eth0    inet6 fe80::1/64 scope link \\       valid_lft forever preferred_lft forever
      3: wg0    inet 10.0.0.1 peer 10.0.0.2/32 scope global wg0\\       valid_lft forever preferred_lft forever
      4: x    inet 10.0.0.3;reboot/24 scope global x
      """
    #expect(
      HostSurvey.addresses(in: text)
        == ["10.0.0.1/32", "10.77.0.1/32", "192.0.2.7/32", "2001:db8::7/128"])
  }

  @Test("is of Redis' folder what Redis keeps there, and nothing that it is about to write")
  func redisFiles() async throws {
    try await TemporaryFolder.with { temporary in
      let folder = temporary.path
      for name in ["dump.rdb", "appendonly.aof", "temp-12.rdb", "notes.txt"] {
        try Files.create(folder + "/" + name, mode: 0o600) { _ in }
      }
      try Files.makeFolders(folder + "/appendonlydir", mode: 0o700)
      try Files.makeFolders(folder + "/other", mode: 0o700)
      try Files.create(folder + "/appendonlydir/appendonly.aof.manifest", mode: 0o600) { _ in }
      let files = RedisFiles(unit: "redis.service", folder: folder)
      #expect(try files.names() == ["appendonly.aof", "appendonlydir", "dump.rdb"])
      #expect(files.isAppendOnly)
    }
  }

  @Test("is no more memory than it has, and enough for Redis twice")
  func memory() {
    #expect(throws: RehearsalUnavailable.self) { try RehearsalMemory.limit(wanted: 64 << 20, redis: 0) }
    #expect(throws: RehearsalUnavailable.self) { try RehearsalMemory.limit(wanted: 1 << 30, redis: 1 << 30) }
    #expect(throws: RehearsalUnavailable.self) { try RehearsalMemory.limit(wanted: .max, redis: .max) }
    #expect(throws: Never.self) { try RehearsalMemory.limit(wanted: 600 << 20, redis: 0) }
  }
}
